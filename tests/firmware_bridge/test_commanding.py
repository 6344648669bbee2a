"""Commands to a glove at its own port."""

from __future__ import annotations

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
def terminal() -> Iterator[str]:
    """Return the path of a pseudo-terminal to which nothing is written."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


class AnsweringDevice(Device):
    """A board that gives every command the same answer."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(GloveModel("가", load_templates()))
        self.received = b""
        self._answer = answer

    def receive(self, data: bytes) -> bytes:
        self.received += data
        return self._answer


async def test_the_answer_is_the_gloves_own_and_not_its_greeting() -> None:
    glove = Emulator(Device(GloveModel("가", load_templates())))
    async with glove.opened() as emulator, background(emulator):
        assert await tell_glove(emulator.path, "interval,25") == "25 ms between frames"
        assert await tell_glove(emulator.path, "yawzero") == "yaw is 0 here"
        with pytest.raises(LinkError, match="refused 'dance': unknown command"):
            await tell_glove(emulator.path, "dance")


@pytest.mark.parametrize("remark", ["error=later_code; no", "unknown command", "interval takes 20 or 40"])
async def test_a_refusal_is_known_by_its_code_or_by_the_words_of_older_firmware(remark: str) -> None:
    glove = Emulator(AnsweringDevice(f"# {remark}\n".encode()))
    async with glove.opened() as emulator, background(emulator):
        with pytest.raises(LinkError, match="refused 'recal'"):
            await tell_glove(emulator.path, "recal")


async def test_a_port_that_does_not_exist_is_an_error_at_once() -> None:
    with pytest.raises(LinkError, match="there is no serial port /dev/no-such-glove"):
        await tell_glove("/dev/no-such-glove", "recal")
    with pytest.raises(PortNameError):
        await tell_glove("", "recal")


async def test_a_port_without_frames_is_an_error(terminal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commanding, "_STREAMING_S", 0.1)
    with pytest.raises(LinkError, match=f"no glove streams at {terminal} within 0.1 s"):
        await tell_glove(terminal, "recal")


async def test_a_glove_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commanding, "_ANSWER_S", 0.1)
    glove = AnsweringDevice(b"")
    async with Emulator(glove).opened() as emulator, background(emulator):
        with pytest.raises(LinkError, match=f"the glove at {emulator.path} does not answer 'recal' within 0.1 s"):
            await tell_glove(emulator.path, "recal")
        assert glove.received.endswith(b"recal\n")
