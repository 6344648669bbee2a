"""Frames that a driver collects."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from firmware_bridge.link.causes import Machine
from firmware_bridge.link.errors import LinkCode
from firmware_bridge.link.latency import GroupedFrames
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.state import LinkState
from tests.firmware_bridge.link.gloves import Pty, lines, reading


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


async def test_the_link_names_the_timer_of_its_port_once(tmp_path: Path) -> None:
    with Pty() as glove:
        timer = tmp_path / f"sys/class/tty/{Path(glove.path).name}/device/latency_timer"
        timer.parent.mkdir(parents=True)
        timer.write_text("16\n")
        async with reading(glove.path, opener=PortOpener(machine=Machine(tmp_path))) as read:
            await read.reaches(LinkState.WAITING)
            await glove.write(b"\n")
            first = 0
            while read.link.status.code is not LinkCode.LATENCY_TIMER:
                assert first < 10_000
                await glove.write(lines(first, 3))
                first += 3
                await asyncio.sleep(0.01)
            assert read.link.status.state is LinkState.STREAMING
            assert f"sudo tee {timer}" in read.link.status.detail
        assert [status.code for status in read.told].count(LinkCode.LATENCY_TIMER) == 1
