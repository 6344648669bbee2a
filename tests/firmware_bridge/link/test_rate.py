"""The true rate, from device times and what is known to be missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.link.rate import RateEstimate


@given(st.floats(20, 1000), st.lists(st.integers(1, 50), min_size=30, max_size=60))
def test_an_even_rate_is_told_however_the_frames_are_delivered(rate_hz: float, reads: list[int]) -> None:
    rate = RateEstimate()
    number = 0
    for frames in reads:
        rate.observe(number * 1000 / rate_hz, (number + frames - 1) * 1000 / rate_hz, frames)
        number += frames
    if (number - 1) * 1000 / rate_hz >= 500:
        assert rate.hz == pytest.approx(rate_hz, rel=1e-9)


def test_nothing_is_told_of_less_than_half_a_second() -> None:
    rate = RateEstimate()
    assert rate.hz is None
    rate.observe(0, 499, 50)
    assert rate.hz is None
    rate.observe(509, 509, 1)
    assert rate.hz == pytest.approx(98.2, abs=0.1)


def test_times_in_whole_milliseconds_give_the_rate_to_a_thousandth() -> None:
    rate = RateEstimate()
    for number in range(400):
        rate.observe(number * 1000 // 60, number * 1000 // 60, 1)
    assert rate.hz == pytest.approx(60, rel=1e-3)


def test_frames_known_to_be_missing_were_sent() -> None:
    rate = RateEstimate()
    for second in range(5):
        rate.observe(1000 * second, 1000 * second + 980, 50)  # of which any may have been lost on the way
    assert rate.hz == pytest.approx(50)


def test_another_rate_is_followed_within_five_seconds() -> None:
    rate = RateEstimate()
    for number in range(100):
        rate.observe(50 * number, 50 * number, 1)
    for number in range(501):
        rate.observe(4950 + 10 * (number + 1), 4950 + 10 * (number + 1), 1)
    assert rate.hz == pytest.approx(100, rel=0.01)


def test_a_reset_forgets() -> None:
    rate = RateEstimate()
    rate.observe(100_000, 101_000, 51)
    rate.reset()
    assert rate.hz is None
    rate.observe(0, 990, 100)
    assert rate.hz == pytest.approx(100)
