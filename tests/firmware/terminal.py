"""The computer's end of a firmware's serial port."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Event, FrameRead, Remark
from tests.deadlines import RUN_S

_CHUNK = 65536


class Terminal:
    """A reader of the pseudo-terminal or socket at `path`, with a decoder."""

    def __init__(self, path: str) -> None:
        self.decoder = GloveDecoder()
        self._port = _open(path)
        self._events: deque[Event] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._port)

    def command(self, line: str) -> None:
        os.write(self._port, line.encode() + b"\n")

    async def until(self, wanted: Callable[[Event], bool]) -> list[Event]:
        """Return the events up to the one that is `wanted`, and it."""
        seen: list[Event] = []
        async with asyncio.timeout(RUN_S):
            while not (seen and wanted(seen[-1])):
                while not self._events:
                    await self._receive()
                seen.append(self._events.popleft())
        return seen

    async def frames(self, count: int) -> list[FrameRead]:
        """Return the next frames."""
        seen: list[FrameRead] = []
        while len(seen) < count:
            *_, event = await self.until(lambda event: isinstance(event, FrameRead))
            assert isinstance(event, FrameRead)
            seen.append(event)
        return seen

    async def remark(self, text: str, **values: str) -> list[Event]:
        """Return the events up to this remark, and it."""
        return await self.until(lambda event: event == Remark(text, values))

    async def _receive(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._port, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._port)
        self._events += self.decoder.feed(os.read(self._port, _CHUNK))


def _open(path: str) -> int:
    """Return the descriptor of the port, which does not block."""
    if stat.S_ISSOCK(Path(path).stat().st_mode):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.setblocking(False)
            return connection.detach()
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(port)
    return port
