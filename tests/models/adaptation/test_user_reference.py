"""A user's examples in the metric that they show, with the direction of the hand where it is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.open_set import REST, OpenSetReference
from models.adaptation.user_reference import Examples, UserReference

SIZE = 8
CLASSES = 6
EVEN = np.full((1, CLASSES), 1 / CLASSES, np.float32)
AXES = 2 * np.eye(SIZE, dtype=np.float32)[:CLASSES]


def held(each: int, spread: float, seed: int = 0) -> tuple[np.ndarray, list[int]]:
    """Return `each` examples of every letter, scattered by `spread`."""
    labels = np.repeat(np.arange(CLASSES), each)
    noise = np.random.default_rng(seed).normal(0, spread, (len(labels), SIZE))
    return (AXES[labels] + noise).astype(np.float32), labels.tolist()


@given(st.integers(0, 50))
def test_with_one_example_of_each_letter_it_ranks_as_the_examples_do(seed: int) -> None:
    embeddings, labels = held(1, 0.3, seed)
    windows = np.random.default_rng(seed + 1).normal(0, 1, (20, SIZE)).astype(np.float32)
    shares = np.random.default_rng(seed + 2).dirichlet(np.ones(CLASSES), 20).astype(np.float32)
    own = UserReference.of(Examples(embeddings, labels), CLASSES).log_scores(shares, windows)
    plain = OpenSetReference.of(embeddings, labels, CLASSES).log_scores(shares, windows)
    np.testing.assert_allclose(own, plain, rtol=1e-4, atol=1e-4)


def test_the_more_examples_the_surer_their_answers_may_be() -> None:
    references = [UserReference.of(Examples(*held(each, 0.1)), CLASSES) for each in (1, 4, 100)]
    factors = [reference.confidence(reference.log_scores(EVEN, AXES[:1]))[0] for reference in references]
    assert factors == [0.75, 0.875, 0.975]


def test_a_window_of_unknown_direction_is_scored_without_beside_others() -> None:
    embeddings, labels = held(2, 0.1)
    reference = UserReference.of(Examples(embeddings, labels, np.arange(len(labels)) * 20.0), CLASSES)
    shares, windows = np.repeat(EVEN, 2, axis=0), AXES[:2]
    scores = reference.log_scores(shares, windows, np.array([np.nan, 40.0]))
    np.testing.assert_allclose(scores[0], reference.log_scores(EVEN, windows[:1])[0])
    np.testing.assert_allclose(scores[1], reference.log_scores(EVEN, windows[1:], np.array([40.0]))[0])


def test_the_more_examples_the_less_the_network_counts() -> None:
    wrong = np.full((1, CLASSES), 0.002, np.float32)
    wrong[0, 1] = 0.99
    between = (0.5 * AXES[:1] + 0.5 * AXES[1:2]).astype(np.float32)
    leads = []
    for each in (1, 3, 10):
        scores = UserReference.of(Examples(*held(each, 0.01)), CLASSES).log_scores(wrong, between)[0]
        leads.append(scores[1] - scores[0])
    assert leads[0] > 0
    assert leads[2] < leads[1]


def test_what_a_user_varies_within_a_letter_counts_less() -> None:
    embeddings, labels = held(6, 0.05)
    embeddings[:, 7] += np.tile([-6.0, 6.0], len(labels) // 2)  # an axis that tells no letter
    window = AXES[2:3]
    plain = OpenSetReference.of(embeddings, labels, CLASSES).log_scores(EVEN, window)[0]
    own = UserReference.of(Examples(embeddings, labels), CLASSES).log_scores(EVEN, window)[0]
    assert plain.argmax() == CLASSES  # too far from every example
    assert own.argmax() == 2


def test_the_direction_of_the_hand_tells_letters_apart_where_its_zero_is_known() -> None:
    same = np.repeat(AXES[:1], 2, axis=0)
    embeddings = np.concatenate([same, AXES[1:]])
    labels = [0, 5, *range(1, CLASSES)]
    yaws = np.array([0.0, 120.0, *np.zeros(CLASSES - 1)])
    reference = UserReference.of(Examples(embeddings, labels, yaws), CLASSES)
    for yaw, letter in ((5.0, 0), (125.0, 5)):
        scores = reference.log_scores(EVEN, AXES[:1], np.array([yaw]))[0]
        assert scores.argmax() == letter
    scores = reference.log_scores(EVEN, AXES[:1])[0]
    assert scores[0] == pytest.approx(scores[5])


def test_examples_of_unknown_direction_use_none() -> None:
    embeddings, labels = held(2, 0.1)
    yaws = np.zeros(len(labels))
    yaws[3] = np.nan
    reference = UserReference.of(Examples(embeddings, labels, yaws), CLASSES)
    assert reference.yaws is None
    plain = reference.log_scores(EVEN, AXES[:1])
    np.testing.assert_array_equal(reference.log_scores(EVEN, AXES[:1], np.array([90.0])), plain)


def test_the_model_tells_its_own_letters_apart_and_distance_those_of_the_user() -> None:
    of_user = 3 * np.eye(SIZE, dtype=np.float32)[7:]
    examples = Examples(np.concatenate([of_user, AXES[:5]]), [5, 0, 1, 2, 3, 4], own=1)
    reference = UserReference.of(examples, CLASSES)
    sure = np.full((1, 5), 0.01, np.float32)
    sure[0, 3] = 0.96
    assert reference.log_scores(sure, AXES[:1]).argmax() == 3  # nearest to the model's letter 0
    assert reference.log_scores(sure, of_user).argmax() == 5


def test_rest_is_in_the_same_space() -> None:
    embeddings, labels = held(4, 0.05)
    rest = np.full((1, SIZE), 0.8, np.float32)
    reference = UserReference.of(Examples(np.concatenate([embeddings, rest]), [*labels, REST]), CLASSES)
    assert reference.log_scores(EVEN, rest).argmax() == CLASSES
    assert reference.log_scores(EVEN, AXES[4:5]).argmax() == 4
