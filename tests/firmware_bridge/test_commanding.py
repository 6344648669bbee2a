"""Telling a glove something at its own port."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Iterator

import pytest

from firmware_bridge import commanding
from firmware_bridge.commanding import tell_glove
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.emulator import Emulator
from firmware_bridge.emulator.glove_model import GloveModel
from firmware_bridge.link.errors import LinkError, PortNameError
from scaleglove.letter_templates import load_templates
from tests.firmware_bridge.background import background


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal whose far end is the test."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


async def frames_on(master: int) -> None:
    for place in range(10_000):
        os.write(master, b"%d,1,-2,3,801,802,803,804,805\n" % (20 * place))
        await asyncio.sleep(0.02)


async def test_the_answer_is_the_gloves_own_and_not_its_greeting() -> None:
    glove = Emulator(Device(GloveModel("가", load_templates())))
    async with glove.opened() as emulator, background(emulator):
        assert await tell_glove(emulator.path, "interval,25") == "25 ms between frames"
        assert await tell_glove(emulator.path, "yawzero") == "yaw is 0 here"
        with pytest.raises(LinkError, match="does not obey 'dance': unknown command"):
            await tell_glove(emulator.path, "dance")


async def test_a_port_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(LinkError, match="there is no serial port /dev/no-such-glove"):
        await tell_glove("/dev/no-such-glove", "recal")
    with pytest.raises(PortNameError):
        await tell_glove("", "recal")


async def test_a_port_without_frames_and_a_glove_without_an_answer_are_told(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    master, path = terminal
    monkeypatch.setattr(commanding, "_STREAMING_S", 0.5)
    monkeypatch.setattr(commanding, "_ANSWER_S", 0.5)
    with pytest.raises(LinkError, match=f"no glove streams at {path} within 0.5 s"):
        await tell_glove(path, "recal")
    writing = asyncio.create_task(frames_on(master))
    with pytest.raises(LinkError, match=f"the glove at {path} does not answer 'recal' within 0.5 s"):
        await tell_glove(path, "recal")
    writing.cancel()
    assert b"recal\n" in os.read(master, 1000)
