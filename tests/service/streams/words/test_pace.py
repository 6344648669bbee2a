"""The pace of a hand: a letter lasts at most so much longer than what the hand usually holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.streams.words.pace import LONGEST_MS, SHORTEST_MS, Pace

LETTERS_MS = st.floats(SHORTEST_MS, 10_000.0)


def pace_of(*lasted_ms: float) -> Pace:
    pace = Pace()
    for each in lasted_ms:
        pace.see(each)
    return pace


def test_a_hand_whose_pace_is_not_known_may_be_slow() -> None:
    assert LONGEST_MS < pace_of().longest_ms == pace_of(500.0, 500.0, 500.0).longest_ms


def test_a_fast_hand_rests_sooner_than_a_slow_one() -> None:
    assert pace_of(*[800.0] * 4).longest_ms == LONGEST_MS
    assert pace_of(*[2000.0] * 4).longest_ms == pytest.approx(3000.0)


def test_a_rest_in_five_holds_and_short_halts_change_nothing() -> None:
    letters = [1650.0, 1600.0, 1700.0, 1650.0]
    assert pace_of(*letters, 60_000.0, *letters, *[100.0] * 50).longest_ms == pace_of(*letters).longest_ms


def test_a_change_of_pace_is_followed() -> None:
    assert pace_of(*[800.0] * 100, *[2000.0] * 24).longest_ms == pace_of(*[2000.0] * 24).longest_ms


@given(LETTERS_MS, st.integers(4, 40))
def test_what_a_hand_always_holds_is_no_rest(lasted_ms: float, times: int) -> None:
    assert lasted_ms <= pace_of(*[lasted_ms] * times).longest_ms
