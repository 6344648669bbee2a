"""What is held for a word that was asked for: missed, doubled and false holds, and what is none of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.asked_letters import AskedLetter, LetterState, align

COUNT = 24
NONE = COUNT

WORD = [1, 2, 3, 4, 5]


def holds(labels: list[int], lead: float = 6.0, seed: int = 0) -> NDArray[np.float64]:
    """Return log probabilities of holds of these labels, which the model takes for what they are by a lead."""
    scores = np.random.default_rng(seed).normal(0, 1, (len(labels), COUNT + 1))
    scores[np.arange(len(labels)), labels] += lead
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def found_at(letters: list[AskedLetter]) -> list[int | None]:
    return [letter.hold if letter.state is LetterState.FOUND else None for letter in letters]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (WORD, [0, 1, 2, 3, 4]),
        ([NONE, *WORD], [1, 2, 3, 4, 5]),
        ([1, 2, NONE, 3, 4, 5, NONE], [0, 1, 3, 4, 5]),
        ([1, 2, 9, 3, 4, 5], [0, 1, 3, 4, 5]),
        ([1, 3, 4, 5], [0, None, 1, 2, 3]),
    ],
)
def test_holds_of_a_word_and_others_are_distinguished(held: list[int], expected: list[int | None]) -> None:
    assert found_at(align(holds(held), WORD, is_over=True)) == expected


def test_a_letter_that_is_read_twice_is_found_once() -> None:
    letters = align(holds([1, 2, 3, 3, 4, 5], lead=9.0), WORD, is_over=True)
    assert all(letter.state is LetterState.FOUND for letter in letters)
    assert letters[2].hold in {2, 3}
    assert [letter.hold for letter in (letters[1], letters[3])] == [1, 4]


def test_a_hold_that_is_clearly_another_letter_is_left_out() -> None:
    letters = align(holds([1, 2, 9, 4, 5], lead=12.0), WORD, is_over=True)
    assert [letter.state.value for letter in letters] == ["found", "found", "unsure", "found", "found"]
    assert letters[2].hold == 2


def test_a_letter_that_the_model_takes_for_another_by_little_is_learned() -> None:
    scores = holds(WORD)
    scores[2, [3, 17]] = scores[2, 3] - 2.0, scores[2, 3]
    letters = align(scores, WORD, is_over=True)
    assert found_at(letters) == [0, 1, 2, 3, 4]
    assert letters[2].probability < letters[1].probability


@given(st.integers(0, len(WORD)))
def test_in_the_middle_of_a_word_the_rest_is_waited_for(count: int) -> None:
    letters = align(holds(WORD[:count], lead=9.0), WORD, is_over=False)
    waiting = [letter.state is LetterState.WAITING for letter in letters]
    assert waiting[count:] == [True] * (len(WORD) - count)
    assert not any(waiting[:count])


@given(
    st.lists(st.integers(0, COUNT), max_size=12),
    st.lists(st.integers(0, COUNT - 1), max_size=8),
    st.floats(0, 20),
    st.booleans(),
    st.integers(0, 99),
)
def test_letters_are_found_in_their_order_each_in_a_hold_of_its_own(
    held: list[int], asked: list[int], lead: float, is_over: bool, seed: int
) -> None:
    letters = align(holds(held, lead, seed), asked, is_over)
    assert len(letters) == len(asked)
    places = [letter.hold for letter in letters if letter.hold is not None]
    assert places == sorted(set(places))
    for letter in letters:
        assert -1e-9 <= letter.probability <= 1 + 1e-9
        assert (letter.hold is None) == (letter.state in {LetterState.MISSED, LetterState.WAITING})
