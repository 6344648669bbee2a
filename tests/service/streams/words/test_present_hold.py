"""A shape while it is held: its mean, how long it lasts, and where another one takes its place."""

from __future__ import annotations

import numpy as np
import pytest

from service.streams.scored_window import ScoredWindow
from service.streams.words.pace import LONGEST_MS, SHORTEST_MS
from service.streams.words.present_hold import PresentHold


def window(t_ms: float, letter: int, still_ms: float = 100.0) -> ScoredWindow:
    probabilities = np.full(25, 0.01)
    probabilities[letter] = 0.76
    return ScoredWindow(t_ms, probabilities, still_ms)


def held(*letters: int) -> PresentHold:
    """Return a hold from 0 ms on, whose windows show these letters, one in 100 ms."""
    hold = PresentHold.at(window(100.0, letters[0]), LONGEST_MS)
    for number, letter in enumerate(letters[1:], start=2):
        hold.add(window(100.0 * number, letter))
    return hold


def test_the_first_window_still_holds_the_end_of_the_movement() -> None:
    hold = held(5, 1, 1)
    assert np.exp(hold.logarithms) == pytest.approx(window(0.0, 1).probabilities)
    assert (hold.begin_ms, hold.end_ms, hold.lasted_ms) == (0.0, 300.0, 300.0)
    assert held(5).logarithms.argmax() == 5


@pytest.mark.parametrize(
    ("windows", "halt", "letter", "rest"),
    [
        (2, True, False, False),
        (3, False, False, False),
        (int(SHORTEST_MS / 100), False, True, False),
        (int(LONGEST_MS / 100), False, True, False),
        (int(LONGEST_MS / 100) + 1, False, False, True),
    ],
)
def test_what_it_is_by_how_long_it_lasts(windows: int, halt: bool, letter: bool, rest: bool) -> None:
    hold = held(*[1] * windows)
    assert (hold.is_halt, hold.is_like_a_letter, hold.is_rest) == (halt, letter, rest)


def test_what_is_likely_to_be_no_letter_is_a_rest() -> None:
    hold = held(*[24] * 8)
    assert hold.is_rest
    assert not hold.is_like_a_letter


def test_another_shape_takes_the_newest_windows_with_it() -> None:
    hold = held(5, 1, 1, 1, 2, 2)
    other = hold.split()
    assert other is not None
    other.add(window(700.0, 2))
    assert np.exp(hold.logarithms) == pytest.approx(window(0.0, 1).probabilities)
    assert np.exp(other.logarithms) == pytest.approx(window(0.0, 2).probabilities)
    assert (hold.begin_ms, hold.end_ms, other.begin_ms, other.end_ms) == (0.0, 500.0, 500.0, 700.0)


def test_a_hold_that_has_just_begun_is_not_parted() -> None:
    assert held(5, 1, 2).split() is None
