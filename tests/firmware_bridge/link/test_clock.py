"""Clock and rate of a glove, from the events of its frames."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.events import DeviceRestarted, FrameRead, FramesMissing, Remark
from firmware_bridge.link.clock import GloveClock, RateEstimate


@given(st.floats(20, 1000), st.lists(st.integers(1, 50), min_size=30, max_size=60))
def test_the_rate_does_not_depend_on_how_frames_are_delivered(rate_hz: float, reads: list[int]) -> None:
    rate = RateEstimate()
    number = 0
    for frames in reads:
        rate.observe(number * 1000 / rate_hz, (number + frames - 1) * 1000 / rate_hz, frames)
        number += frames
    if (number - 1) * 1000 / rate_hz >= 500:
        assert rate.hz == pytest.approx(rate_hz, rel=1e-9)


def test_there_is_no_rate_before_half_a_second() -> None:
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


def test_frames_known_to_be_missing_count_as_sent() -> None:
    rate = RateEstimate()
    for second in range(5):
        rate.observe(1000 * second, 1000 * second + 980, 50)  # of which any may have been lost on the way
    assert rate.hz == pytest.approx(50)


def test_a_new_rate_is_followed_within_five_seconds() -> None:
    rate = RateEstimate()
    for number in range(100):
        rate.observe(50 * number, 50 * number, 1)
    for number in range(501):
        rate.observe(4950 + 10 * (number + 1), 4950 + 10 * (number + 1), 1)
    assert rate.hz == pytest.approx(100, rel=0.01)


def test_a_reset_starts_the_rate_over() -> None:
    rate = RateEstimate()
    rate.observe(100_000, 101_000, 51)
    rate.reset()
    assert rate.hz is None
    rate.observe(0, 990, 100)
    assert rate.hz == pytest.approx(100)


def frame(t_ms: float) -> FrameRead:
    return FrameRead(t_ms, (0.0,) * 8)


def clock_after(seconds: float, drift: float, rate_hz: float = 50.0, seed: int = 1) -> GloveClock:
    """Return a clock after frames of a device whose second is 1 - `drift` of the host's, with delays of 1 to 6 ms."""
    clock, delays = GloveClock(), random.Random(seed)
    for number in range(int(seconds * rate_hz)):
        t_ms = number * 1000 / rate_hz
        host_ms = t_ms / (1 - drift) + 5000 + 1 + 5 * delays.random()
        clock.observe([frame(t_ms)], host_ms / 1000)
    return clock


def test_nothing_is_known_before_the_first_frame() -> None:
    clock = GloveClock()
    clock.observe([Remark("hello")], 1.0)
    assert clock.mapping is None
    assert clock.rate_hz is None


def test_the_offset_is_that_of_the_fastest_frames() -> None:
    mapping = clock_after(5, drift=0).mapping
    assert mapping is not None
    assert mapping.offset_ms == pytest.approx(5001, abs=0.3)
    assert mapping.uncertainty_ms < 1


def test_a_drift_is_reported_and_corrected_in_the_rate() -> None:
    clock = clock_after(60, drift=0.002)
    assert clock.mapping is not None
    assert clock.mapping.drift_ppm == pytest.approx(2000, abs=50)
    assert clock.rate_hz == pytest.approx(50 * (1 - 0.002), rel=1e-4)


def test_missing_frames_count_into_the_rate() -> None:
    clock = GloveClock()
    clock.observe([frame(number * 10.0) for number in range(50)], 1.0)
    clock.observe([FramesMissing(1000, 50, "sequence"), *(frame(1000 + number * 10.0) for number in range(50))], 2.0)
    assert clock.rate_hz == pytest.approx(100)


def test_a_restart_within_a_read_starts_over_with_the_next_frame() -> None:
    clock = clock_after(20, drift=0)
    clock.observe([frame(20_000), DeviceRestarted(20_000, 0), *(frame(number * 10.0) for number in range(100))], 26.0)
    assert clock.mapping is not None
    assert clock.mapping.offset_ms == pytest.approx(26_000 - 990)
    assert clock.rate_hz == pytest.approx(100)
