"""Frames that a driver collects."""

from __future__ import annotations

import pytest

from firmware_bridge.link.latency import GroupedFrames


@pytest.mark.parametrize(
    ("frames_per_s", "timer_s", "grouped"),
    [(200, 0.016, True), (100, 0.016, True), (50, 0.016, False), (200, 0.001, False), (1000, 0.002, False)],
)
def test_frames_come_in_groups_where_the_timer_is_longer_than_their_interval(
    frames_per_s: float, timer_s: float, grouped: bool
) -> None:
    judge, said, sent = GroupedFrames(), 0, 0
    for tick in range(1, 1000):
        now_s = tick * timer_s
        frames = int(now_s * frames_per_s) - sent
        sent += frames
        said += judge.observe(frames, now_s)
    assert said == grouped


def test_a_stall_alone_is_no_group() -> None:
    judge = GroupedFrames()
    assert not any(judge.observe(50 if read == 50 else 1, 0.02 * read) for read in range(300))
