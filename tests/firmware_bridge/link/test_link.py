"""The link to an emulated glove, in the plain case. What goes wrong with gloves is in `test_faults.py`."""

from __future__ import annotations

import asyncio
import itertools
import os
import tty

import pytest

from firmware_bridge.codec.events import Event, FrameRead, HeaderRead, Remark
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.emulator import Emulator
from firmware_bridge.emulator.glove_model import GloveModel
from firmware_bridge.link.errors import LinkCode, LinkError, PortNameError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.state import LinkState, LinkStatus
from scaleglove.letter_templates import load_templates
from tests.deadlines import EVENT_S, until
from tests.firmware_bridge.background import background


async def read_until(link: GloveLink, frames: int) -> list[Event]:
    events: list[Event] = []
    async with asyncio.timeout(EVENT_S):
        while sum(isinstance(event, FrameRead) for event in events) < frames:
            events += await link.read()
    return events


def spelling() -> Emulator:
    """Return a glove that waits for its reader: the port of one that does not would overflow on a busy machine."""
    return Emulator(Device(GloveModel("안", load_templates()), interval_ms=5.0), wait=True)


async def test_frames_come_counted_with_rate_and_clock() -> None:
    statuses: list[LinkStatus] = []
    async with spelling().opened() as emulator, GloveLink(emulator.path, statuses.append) as link:
        async with background(emulator):
            events = await read_until(link, 300)
        frames = [event for event in events if isinstance(event, FrameRead)]
        assert [b.t_ms - a.t_ms for a, b in itertools.pairwise(frames)] == [5.0] * (len(frames) - 1)
        assert link.counts.frames == len(frames)
        assert not link.counts.missing
        assert not link.counts.damaged
        assert link.rate_hz == pytest.approx(200, rel=0.01)
        assert link.clock is not None
    assert [status.state for status in statuses] == [LinkState.OPENING, LinkState.WAITING, LinkState.STREAMING]
    assert {status.port for status in statuses} == {emulator.path}
    assert link.status == statuses[-1]


async def test_the_header_is_asked_for_and_commands_are_answered() -> None:
    async with spelling().opened() as emulator, GloveLink(emulator.path) as link, background(emulator):
        assert any(isinstance(event, HeaderRead) for event in await read_until(link, 20))
        await link.command("yawzero")
        assert Remark("yaw is 0 here", {"done": "yawzero"}) in await read_until(link, 20)


async def test_frames_that_wait_for_their_clock_come_though_the_glove_is_silent() -> None:
    near, far = os.openpty()
    tty.setraw(far)
    try:
        async with GloveLink(os.ttyname(far)) as link:
            reading = asyncio.create_task(read_until(link, 3))
            await until(lambda: link.status.state is LinkState.WAITING)
            os.write(near, b"\n" + b"-1.5,2.25,33,701,602,503,404,305\n" * 3)
            frames = [event for event in await reading if isinstance(event, FrameRead)]
            assert [frame.values[0] for frame in frames] == [701.0] * 3
            assert link.status.state is LinkState.STREAMING
    finally:
        os.close(near)
        os.close(far)


async def test_a_command_without_an_open_port_is_refused_in_words() -> None:
    async with GloveLink("/dev/no-such-glove") as link:
        with pytest.raises(LinkError, match=r"^the glove is not connected: ") as raised:
            await link.command("recal")
        assert raised.value.code is LinkCode.LINK_LOST


@pytest.mark.parametrize("line", ["recal\nyawzero", "recal\r", "리칼", "x" * 65])
async def test_an_invalid_command_line_is_refused(line: str) -> None:
    async with GloveLink("/dev/no-such-glove") as link:
        with pytest.raises(LinkError, match="not a one-line command") as raised:
            await link.command(line)
        assert raised.value.code is LinkCode.INVALID_COMMAND


@pytest.mark.parametrize("name", ["", "nonsense://glove", "socket://127.0.0.1"])
def test_an_invalid_port_name_is_refused_immediately(name: str) -> None:
    with pytest.raises(PortNameError):
        GloveLink(name)


async def test_a_read_that_is_cancelled_takes_no_events_away() -> None:
    async with spelling().opened() as emulator, GloveLink(emulator.path) as link, background(emulator):
        frames = sum(isinstance(event, FrameRead) for event in await link.read())  # the glove has begun
        for _ in range(40):
            reading = asyncio.ensure_future(link.read())
            await asyncio.sleep(0.007)  # between two frames as often as after one
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                frames += sum(isinstance(event, FrameRead) for event in reading.result())
        assert frames == link.counts.frames > 0
