"""Classification of a window by a user's examples: a letter, or none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.few_shot import softmax
from models.adaptation.open_set import (
    REST,
    OpenSetReference,
)
from scaleglove.letters import LETTERS

SIZE = 6
EVEN = np.full((1, len(LETTERS)), 1 / len(LETTERS), np.float32)


def on_axes(far: float = 4.0) -> tuple[NDArray[np.float32], list[int]]:
    """Return one example of each of six letters, with squared distances of twice the square of `far`."""
    return np.eye(SIZE, dtype=np.float32) * far, list(range(SIZE))


def test_a_window_at_an_example_is_its_letter() -> None:
    embeddings, labels = on_axes()
    shares = softmax(
        OpenSetReference.of(embeddings, labels, len(LETTERS)).log_scores(np.repeat(EVEN, SIZE, axis=0), embeddings)
    )
    assert shares.argmax(axis=1).tolist() == labels
    assert shares.max(axis=1) == pytest.approx(1, abs=1e-3)


def test_what_is_far_from_every_example_is_none_and_how_far_is_measured_by_the_hand() -> None:
    for far in (1.0, 10.0):
        reference = OpenSetReference.of(*on_axes(far), len(LETTERS))
        window = np.zeros((1, SIZE), np.float32)
        window[0, 0] = 4 * far
        assert softmax(reference.log_scores(EVEN, window)).argmax() == len(LETTERS)


def test_the_hand_at_rest_is_none_even_near_a_letter() -> None:
    embeddings, labels = on_axes()
    rest = embeddings[:1] * 0.8
    shown = OpenSetReference.of(np.concatenate([embeddings, rest]), [*labels, REST], len(LETTERS))
    assert softmax(OpenSetReference.of(embeddings, labels, len(LETTERS)).log_scores(EVEN, rest)).argmax() == 0
    assert softmax(shown.log_scores(EVEN, rest)).argmax() == len(LETTERS)
    assert softmax(shown.log_scores(EVEN, embeddings[:1])).argmax() == 0


def test_a_letter_never_shown_is_believed_only_far_from_the_others() -> None:
    embeddings, labels = on_axes()
    reference = OpenSetReference.of(embeddings, labels, len(LETTERS))
    sure_of_another = np.full((1, len(LETTERS)), 0.001, np.float32)
    sure_of_another[0, 20] = 0.977
    assert softmax(reference.log_scores(sure_of_another, embeddings[:1])).argmax() == 0
    assert softmax(reference.log_scores(sure_of_another, -4 * embeddings[:1])).argmax() == 20


def test_of_several_examples_the_nearest_counts() -> None:
    embeddings, labels = on_axes()
    other_way = -embeddings[:1]
    reference = OpenSetReference.of(np.concatenate([embeddings, other_way]), [*labels, 0], len(LETTERS))
    assert softmax(reference.log_scores(EVEN, other_way)).argmax() == 0


@given(st.permutations(range(SIZE)), st.integers(1, 5))
def test_the_order_of_examples_and_windows_does_not_matter(order: list[int], windows: int) -> None:
    rng = np.random.default_rng(windows)
    embeddings, labels = on_axes()
    asked = rng.normal(0, 3, (windows, SIZE)).astype(np.float32)
    probabilities = rng.dirichlet(np.ones(len(LETTERS)), windows).astype(np.float32)
    straight = OpenSetReference.of(embeddings, labels, len(LETTERS)).log_scores(probabilities, asked)
    shuffled = OpenSetReference.of(embeddings[order], [labels[place] for place in order], len(LETTERS)).log_scores(
        probabilities, asked
    )
    assert shuffled == pytest.approx(straight, rel=1e-5)
    alone = OpenSetReference.of(embeddings, labels, len(LETTERS)).log_scores(probabilities[-1:], asked[-1:])
    assert alone[0] == pytest.approx(straight[-1], rel=1e-5)


def test_examples_without_distances_need_a_class_spacing() -> None:
    embeddings, labels = on_axes()
    with pytest.raises(ValueError, match="fewer than three letters"):
        OpenSetReference.of(embeddings[:2], labels[:2], len(LETTERS))
    assert (
        softmax(
            OpenSetReference.of(embeddings[:2], labels[:2], len(LETTERS), class_spacing=32.0).log_scores(
                EVEN, embeddings[:1]
            )
        ).argmax()
        == 0
    )
    with pytest.raises(ValueError, match="6 examples with 5 labels"):
        OpenSetReference.of(embeddings, labels[:5], len(LETTERS))
    for strange in (-2, 24):
        with pytest.raises(ValueError, match=f"label {strange} is neither"):
            OpenSetReference.of(embeddings, [*labels[:-1], strange], len(LETTERS))


def test_of_two_classes_two_show_how_far_letters_lie_apart() -> None:
    embeddings, labels = on_axes()
    assert OpenSetReference.of(embeddings[:2], labels[:2], 2).class_spacing == pytest.approx(32.0)


@given(st.integers(1, 3), st.integers(0, 5))
def test_between_an_own_sign_and_the_models_letters_the_distance_decides(own: int, sure_of: int) -> None:
    """The model is sure of one of its letters, since it knows no other."""
    embeddings, labels = on_axes()
    known = SIZE - own
    probabilities = np.full((SIZE, known), 0.001, np.float32)
    probabilities[:, sure_of % known] = 0.99
    reference = OpenSetReference.of(embeddings, labels, SIZE)
    log_scores = reference.log_scores(probabilities, embeddings)
    assert log_scores.shape == (SIZE, SIZE + 1)
    assert log_scores.argmax(axis=1).tolist() == labels


@given(st.integers(0, 100))
def test_an_own_sign_changes_nothing_among_the_models_letters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, labels = on_axes()
    probabilities = rng.dirichlet(np.ones(SIZE - 1), 20).astype(np.float32)
    asked = rng.normal(0, 3, (20, SIZE)).astype(np.float32)
    alone = OpenSetReference.of(embeddings[:-1], labels[:-1], SIZE - 1, 32.0).log_scores(probabilities, asked)
    beside = OpenSetReference.of(embeddings, labels, SIZE, 32.0)
    together = beside.log_scores(probabilities, asked)
    assert together[:, : SIZE - 1] == pytest.approx(alone[:, :-1], rel=1e-6)


def test_an_own_sign_without_an_example_is_never_decided_for() -> None:
    embeddings, labels = on_axes()
    reference = OpenSetReference.of(embeddings, labels, SIZE + 1)
    probabilities = np.full((1, SIZE), 1 / SIZE, np.float32)
    far = np.full((1, SIZE), 40, np.float32)
    assert reference.log_scores(probabilities, far).argmax() == SIZE + 1
