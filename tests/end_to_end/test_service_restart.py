"""A service that is killed under streaming and started again: every frame of the glove is accounted for."""

from __future__ import annotations

import asyncio
import os
import signal
import tty
from collections.abc import Callable, Iterator

import httpx
import pytest

from firmware_bridge.bridge import Bridge
from scaleglove.client import Prediction, ServerMessage, StreamConnection
from tests.deadlines import until
from tests.end_to_end.conftest import Part
from tests.firmware_bridge.background import background
from tests.firmware_bridge.witness import Witness

FRAMES = 300


class Glove:
    """Writes frames at 50 Hz of its own clock, as fast as it is asked to, to a pseudo-terminal."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self.written = 0

    def write(self, count: int) -> None:
        numbers = range(self.written, self.written + count)
        os.write(self.master, b"".join(b"%d,1,-2,3,801,802,803,804,805\n" % (20 * number) for number in numbers))
        self.written += count

    def close(self) -> None:
        os.close(self._slave)
        os.close(self.master)


@pytest.fixture
def glove() -> Iterator[Glove]:
    glove = Glove()
    yield glove
    glove.close()


def frames_of_the_one_stream(url: str) -> int:
    streams = httpx.get(f"{url}/v1/streams").json()["streams"]
    return int(streams[0]["frames"]) if streams else 0


@pytest.mark.parametrize("buffer_frames", [6000, 40])
async def test_what_the_glove_wrote_is_what_services_answered_or_took_and_what_is_counted(
    start: Callable[..., Part], glove: Glove, buffer_frames: int
) -> None:
    first = start("serve", "--port", "0")
    url = first.line().rpartition(" ")[2]
    witness = Witness()
    bridge = Bridge(glove.path, lambda: StreamConnection(url), witness, buffer_frames=buffer_frames)
    async with background(bridge):
        await until(lambda: witness.streams and witness.states)
        await until(lambda: witness.states[-1].state == "waiting")
        os.write(glove.master, b"\n")
        while glove.written < 100:
            glove.write(5)
            await asyncio.sleep(0.02)
        await until(lambda: witness.predictions)
        first.process.send_signal(signal.SIGKILL)
        while glove.written < 200:
            glove.write(5)
            await asyncio.sleep(0.02)
        await until(lambda: witness.troubles and bridge.counts.link.frames == 200)
        answered = 1 + max(message.seq for message in witness.predictions)
        second = start("serve", "--port", url.rpartition(":")[2])
        assert second.line().endswith(url)
        await until(lambda: len(witness.streams) == 2)
        glove.write(FRAMES - glove.written)
        await until(lambda: bridge.counts.link.frames == FRAMES)
        await until(lambda: answered + frames_of_the_one_stream(url) + bridge.counts.unsent == FRAMES)
        numbers = [message.seq for message in after(witness.messages, answered)]
        assert numbers == sorted(numbers)
    assert bridge.counts.link.missing == 0
    assert (bridge.counts.unsent > 0) == (buffer_frames < 100)


def after(messages: list[ServerMessage], answered: int) -> list[Prediction]:
    """Return the predictions for frames that the first service did not answer."""
    return [message for message in messages if isinstance(message, Prediction) and message.seq >= answered]
