"""Delay from the bytes of a frame leaving the glove until a viewer of the service has the frame.

Both ends are in this process, so that one clock times them: the glove at a pseudo-terminal (or a client without port
and bridge), and the viewer. A delay is counted from just before the bytes are written.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from benchmarks.machine import cpu_s
from benchmarks.pipeline import START_S, SilentError, new_stream, open_streams
from benchmarks.serve.load.messages import Readings, readings
from firmware_bridge.codec.packets import DELIMITER, encode_frame
from scaleglove.channels import ANGLES, FLEX
from scaleglove.child_processes import run_child
from scaleglove.client import StreamConnection, ViewedFrames, watch

_WARM_UP_S: Final = 1.0
_POLL_S: Final = 0.05
_VARIETY: Final = 1000
"""Number of different readings, which repeat, so that no sensor looks stuck."""


class Way(StrEnum):
    """Path of the frames to the service."""

    DIRECT = "direct"
    """A client in this process, one frame per message: the delay of everything but the link."""
    TEXT = "text"
    BINARY = "binary"


@dataclass(slots=True)
class Passage:
    """Delays and losses of the frames that were counted."""

    way: Way
    rate_hz: int
    sent: int
    delays_ms: list[float] = field(default_factory=list)
    bridge_share: float | None = None
    """Share of one core that the bridge's process used."""

    @property
    def lost(self) -> int:
        return self.sent - len(self.delays_ms)

    def delay_ms(self, percent: float) -> float:
        return float(np.percentile(self.delays_ms, percent))

    def as_dict(self) -> dict[str, Any]:
        return {
            "way": self.way.value,
            "rate_hz": self.rate_hz,
            "sent": self.sent,
            "lost": self.lost,
            "p50_ms": self.delay_ms(50),
            "p99_ms": self.delay_ms(99),
            "bridge_share": self.bridge_share,
        }


async def measure(url: str, way: Way, rate_hz: int, seconds: float) -> Passage:
    """Send at `rate_hz`, a whole number of ms apart, for `seconds` after a warm-up of one second.

    Raises:
        SilentError: no frame arrives within START_S, or none that was sent after the counted ones.
    """
    async with _direct(url) if way is Way.DIRECT else _bridged(url, way) as path:
        run = _Run(path.write, rate_hz)
        glove = asyncio.create_task(run.send_on())
        viewer = asyncio.create_task(run.view(url, path.stream))
        try:
            await run.has_arrived(way)
            await asyncio.sleep(_WARM_UP_S)
            first, begin_s, begin_cpu_s = run.number, _now_s(), path.bridge_cpu_s()
            await asyncio.sleep(seconds)
            last, end_s, end_cpu_s = run.number, _now_s(), path.bridge_cpu_s()
            await run.has_arrived(way, last)  # frames keep their order, so what has not arrived by then is lost
        finally:
            for task in (glove, viewer):
                task.cancel()
            await asyncio.gather(glove, viewer, return_exceptions=True)
    share = None if begin_cpu_s is None or end_cpu_s is None else (end_cpu_s - begin_cpu_s) / (end_s - begin_s)
    counted = [number for number in range(first, last) if number in run.arrived_s]
    delays_ms = [1000 * (run.arrived_s[number] - run.sent_s[number]) for number in counted]
    return Passage(way, rate_hz, last - first, delays_ms, share)


@dataclass(frozen=True, slots=True)
class _Path:
    """An open path: the function that takes frames, and the stream in which they arrive."""

    write: Callable[[int, float, list[float]], Awaitable[None]]
    stream: str
    bridge_pid: int | None = None

    def bridge_cpu_s(self) -> float | None:
        return None if self.bridge_pid is None else cpu_s(self.bridge_pid)


class _Run:
    """A glove that sends and a viewer that receives; `number` is that of the next frame."""

    def __init__(self, write: Callable[[int, float, list[float]], Awaitable[None]], rate_hz: int) -> None:
        self.number = 0
        self.sent_s: list[float] = []
        self.newest = -1
        self.arrived_s: dict[int, float] = {}
        self._write = write
        self._rate_hz = rate_hz

    async def send_on(self) -> None:
        frames: Readings = readings(_VARIETY)
        begin_s = _now_s()
        while True:
            await asyncio.sleep(begin_s + self.number / self._rate_hz - _now_s())
            number, self.number = self.number, self.number + 1
            self.sent_s.append(_now_s())
            await self._write(number, number * 1000 / self._rate_hz, frames[number % len(frames)])

    async def view(self, url: str, stream: str) -> None:
        async with watch(url, stream) as messages:
            async for message in messages:
                if isinstance(message, ViewedFrames):
                    now_s = _now_s()
                    for t_ms in message.t_ms:
                        self.newest = round(t_ms * self._rate_hz / 1000)
                        self.arrived_s[self.newest] = now_s

    async def has_arrived(self, way: Way, number: int = 0) -> None:
        """Wait until the frame of this number, or a later one, has arrived."""
        try:
            async with asyncio.timeout(START_S):
                while self.newest < number:  # noqa: ASYNC110 - a viewer has no event for a frame
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise SilentError(f"no {way} frame arrived at the viewer within {START_S:g} s") from None


@contextlib.asynccontextmanager
async def _direct(url: str) -> AsyncIterator[_Path]:
    stream = StreamConnection(url)
    await stream.open()
    reading = asyncio.create_task(_drop_messages(stream))
    try:

        async def write(number: int, t_ms: float, values: list[float]) -> None:
            await stream.send([t_ms], [values], seq=number)

        yield _Path(write, stream.started.stream)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await stream.close()


async def _drop_messages(stream: StreamConnection) -> None:
    async for _ in stream:
        pass


@contextlib.asynccontextmanager
async def _bridged(url: str, way: Way) -> AsyncIterator[_Path]:
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        os.set_blocking(master, False)
        known = await open_streams(url)
        arguments = ("scaleglove", "bridge", "--port", os.ttyname(slave), "--url", url, "--json")
        with run_child(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bridge:
            encode = encoder(way)

            async def write(number: int, t_ms: float, values: list[float]) -> None:
                with contextlib.suppress(BlockingIOError):  # a full port: the frame is lost, and counted
                    os.write(master, encode(number, t_ms, values))

            yield _Path(write, await new_stream(url, known), bridge.pid)
    finally:
        os.close(master)
        os.close(slave)


def encoder(way: Way) -> Callable[[int, float, list[float]], bytes]:
    """Return the function that encodes a frame from its number, its time in ms and its values."""
    return _line if way is Way.TEXT else _packet


def _line(_number: int, t_ms: float, values: list[float]) -> bytes:
    return ",".join(map(str, (f"{t_ms:.3f}", *values[ANGLES], *values[FLEX]))).encode() + b"\n"


def _packet(number: int, t_ms: float, values: list[float]) -> bytes:
    packet = encode_frame(number, round(1000 * t_ms), values)
    return packet if number else DELIMITER + packet  # as a device does when it starts


def _now_s() -> float:
    return asyncio.get_running_loop().time()
