"""Measurement of the link with firmware: its criteria, and what it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.link.firmware_link import Result, Seen
from scaleglove.client import ViewedFrames

GOOD = Result(60.0, 50.0, 3000, 50.01, 49.99, lost=0, missing=0, damaged=0, repeated=0, letters="ㅇㅏ")


def viewed(seq: int, count: int) -> ViewedFrames:
    return ViewedFrames(seq, [20.0 * (seq + n) for n in range(count)], [[0.0] * 8] * count)


def test_a_rate_may_be_one_percent_off_and_no_more() -> None:
    assert GOOD.faults() == []
    assert replace(GOOD, device_hz=49.51, host_hz=50.49).faults() == []
    assert replace(GOOD, device_hz=49.4).faults() == ["49.40 Hz by the device's clock, not 50"]
    assert replace(GOOD, host_hz=50.6).faults() == ["50.60 Hz by the host's clock, not 50"]


@pytest.mark.parametrize("name", ["lost", "missing", "damaged", "repeated"])
def test_one_frame_of_any_kind_is_a_fault(name: str) -> None:
    assert replace(GOOD, **{name: 1}).faults() == [f"1 frames {name}"]


def test_frames_missing_in_the_numbering_are_lost() -> None:
    seen = Seen()
    next_seq = seen.take(viewed(100, 5), None, 1.0)
    next_seq = seen.take(viewed(105, 5), next_seq, 1.1)
    next_seq = seen.take(viewed(113, 2), next_seq, 1.2)
    assert (next_seq, seen.frames, seen.lost) == (115, 7, 3)
    assert seen.device_ms == [2080.0, 2280.0]
    assert seen.host_s == [1.0, 1.2]
