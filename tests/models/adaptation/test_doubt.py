"""Shapes to ask about: the doubtful ones, those like many others, none twice, and spread out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.adaptation.doubt import most_doubtful
from models.adaptation.few_shot import softmax

NO_EXAMPLES = np.zeros((0, 4), np.float32)

seeds = st.integers(0, 2**32 - 1)


def shapes(seed: int, count: int = 20) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return embeddings of shapes, their probabilities, and embeddings of a few examples."""
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(count, 4)).astype(np.float32)
    return embeddings, softmax(rng.normal(scale=3, size=(count, 5))), rng.normal(size=(3, 4)).astype(np.float32)


@given(seeds, st.integers(0, 30), st.booleans())
def test_as_many_as_asked_for_and_none_twice(seed: int, count: int, are_shown: bool) -> None:
    embeddings, probabilities, examples = shapes(seed)
    chosen = most_doubtful(embeddings, probabilities, examples if are_shown else NO_EXAMPLES, count)
    assert len(set(chosen.tolist())) == len(chosen) == min(count, len(embeddings))


@given(seeds, st.booleans())
def test_more_questions_begin_with_the_same(seed: int, are_shown: bool) -> None:
    embeddings, probabilities, examples = shapes(seed)
    examples = examples if are_shown else NO_EXAMPLES
    few, many = (most_doubtful(embeddings, probabilities, examples, count) for count in (3, 8))
    np.testing.assert_array_equal(few, many[:3])


@given(seeds)
def test_neither_the_order_of_shapes_nor_of_labels_counts(seed: int) -> None:
    embeddings, probabilities, examples = shapes(seed)
    order = np.random.default_rng(seed + 1).permutation(len(embeddings))
    chosen = most_doubtful(embeddings, probabilities, examples, 6)
    shuffled = most_doubtful(embeddings[order], probabilities[order][:, ::-1], examples[::-1], 6)
    np.testing.assert_array_equal(order[shuffled], chosen)


@given(seeds)
def test_what_is_an_example_already_is_not_asked_about(seed: int) -> None:
    embeddings, probabilities, _ = shapes(seed)
    chosen = most_doubtful(embeddings, probabilities, embeddings[::2], len(embeddings))
    assert set(chosen.tolist()) == set(range(1, len(embeddings), 2))


@given(seeds)
def test_a_shape_that_is_held_twice_is_asked_about_once(seed: int) -> None:
    embeddings, probabilities, examples = shapes(seed, count=6)
    twice = most_doubtful(np.repeat(embeddings, 2, axis=0), np.repeat(probabilities, 2, axis=0), examples, 12)
    assert sorted((twice // 2).tolist()) == list(range(6))


def test_what_is_beyond_doubt_is_not_asked_about() -> None:
    embeddings, probabilities, examples = shapes(0)
    probabilities[3:] = np.eye(5)[np.arange(17) % 5]
    assert set(most_doubtful(embeddings, probabilities, examples, 20).tolist()) == {0, 1, 2}


def test_of_two_shapes_the_more_doubtful_one_comes_first() -> None:
    embeddings = np.array([[0, 0, 0, 1], [0, 0, 1, 0]], np.float32)
    probabilities = np.array([[0.8, 0.2], [0.55, 0.45]])
    assert most_doubtful(embeddings, probabilities, NO_EXAMPLES, 2).tolist() == [1, 0]


def test_of_two_shapes_the_one_farther_from_the_examples_comes_first() -> None:
    embeddings = np.array([[0, 0, 0, 1], [0, 0, 0, 3]], np.float32)
    probabilities = np.full((2, 2), 0.5)
    assert most_doubtful(embeddings, probabilities, np.zeros((1, 4), np.float32), 2).tolist() == [1, 0]


def test_a_shape_like_many_comes_before_one_like_none() -> None:
    rng = np.random.default_rng(0)
    embeddings = np.concatenate([rng.normal(scale=0.05, size=(9, 4)), [[9, 9, 9, 9]]]).astype(np.float32)
    assert most_doubtful(embeddings, np.full((10, 2), 0.5), NO_EXAMPLES, 1)[0] != 9


@settings(deadline=None)
@given(seeds)
def test_questions_at_once_are_spread_out(seed: int) -> None:
    """Six questions go to six groups of equally doubtful shapes, although all shapes of a group are alike."""
    rng = np.random.default_rng(seed)
    groups = 10 * np.eye(6, dtype=np.float32).repeat(5, axis=0)
    embeddings = (groups + rng.normal(scale=0.05, size=groups.shape)).astype(np.float32)
    chosen = most_doubtful(embeddings, np.full((30, 4), 0.25), np.zeros((0, 6), np.float32), 6)
    assert sorted((chosen // 5).tolist()) == list(range(6))


def test_the_hand_may_have_any_scale() -> None:
    """A hand unlike those in the training data has embeddings on another scale; the densities do not change."""
    embeddings, probabilities, _ = shapes(1)
    first = [most_doubtful(scale * embeddings, probabilities, NO_EXAMPLES, 1)[0] for scale in (0.1, 1.0, 30.0)]
    assert first[0] == first[1] == first[2]


def test_numbers_have_to_agree() -> None:
    embeddings, probabilities, examples = shapes(0)
    with pytest.raises(ValueError, match="20 embeddings with 19"):
        most_doubtful(embeddings, probabilities[1:], examples, 3)


def test_nothing_held_is_nothing_to_ask_about() -> None:
    assert not len(most_doubtful(NO_EXAMPLES, np.zeros((0, 5)), NO_EXAMPLES, 6))
