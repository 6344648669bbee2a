"""A glove's clock and rate against the computer's, from the events of its frames."""

from __future__ import annotations

import random

import pytest

from firmware_bridge.codec.events import DeviceRestarted, FrameRead, FramesMissing, Remark
from firmware_bridge.link.clock import GloveClock


def frame(t_ms: float) -> FrameRead:
    return FrameRead(t_ms, (0.0,) * 8)


def watched(seconds: float, drift: float, rate_hz: float = 50.0, seed: int = 1) -> GloveClock:
    """A clock that has seen frames of a device whose second is 1 - `drift` of ours, under way for 1 to 6 ms."""
    clock, way = GloveClock(), random.Random(seed)
    for number in range(int(seconds * rate_hz)):
        t_ms = number * 1000 / rate_hz
        host_ms = t_ms / (1 - drift) + 5000 + 1 + 5 * way.random()
        clock.observe([frame(t_ms)], host_ms / 1000)
    return clock


def test_before_the_first_frame_nothing_is_known() -> None:
    clock = GloveClock()
    clock.observe([Remark("hello")], 1.0)
    assert clock.mapping is None
    assert clock.rate_hz is None


def test_the_offset_is_that_of_the_quickest_frames() -> None:
    mapping = watched(5, drift=0).mapping
    assert mapping is not None
    assert mapping.offset_ms == pytest.approx(5001, abs=0.3)
    assert mapping.uncertainty_ms < 1


def test_a_drift_is_told_and_taken_out_of_the_rate() -> None:
    clock = watched(60, drift=0.002)
    assert clock.mapping is not None
    assert clock.mapping.drift_ppm == pytest.approx(2000, abs=50)
    assert clock.rate_hz == pytest.approx(50 * (1 - 0.002), rel=1e-4)


def test_missing_frames_count_into_the_rate() -> None:
    clock = GloveClock()
    clock.observe([frame(number * 10.0) for number in range(50)], 1.0)
    clock.observe([FramesMissing(1000, 50, "sequence"), *(frame(1000 + number * 10.0) for number in range(50))], 2.0)
    assert clock.rate_hz == pytest.approx(100)


def test_a_restart_within_a_read_begins_anew_with_what_follows_it() -> None:
    clock = watched(20, drift=0)
    clock.observe([frame(20_000), DeviceRestarted(20_000, 0), *(frame(number * 10.0) for number in range(100))], 26.0)
    assert clock.mapping is not None
    assert clock.mapping.offset_ms == pytest.approx(26_000 - 990)
    assert clock.rate_hz == pytest.approx(100)
