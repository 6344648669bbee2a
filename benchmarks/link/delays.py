"""The time from a frame's bytes leaving the glove until a viewer of the service has the frame, by several ways.

Both ends are in this process, so that one clock times them: the glove at a pseudo-terminal (or, for the direct way, a
client that has no port and no bridge), and the viewer. A delay is counted from just before the bytes are written.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import tty
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from benchmarks.serve.frames import Readings, readings
from benchmarks.serve.server import cpu_s
from firmware_bridge.codec.packets import DELIMITER, encode_frame
from scaleglove.channels import ANGLES, FLEX
from scaleglove.child_processes import run_child
from scaleglove.client import StreamConnection, ViewedFrames, watch
from scaleglove.errors import ScaleGloveError

_WARM_UP_S: Final = 1.0
_LAST_S: Final = 0.5
"""Time for the last frames to arrive; one that has not by then is lost."""

_START_S: Final = 30.0
_POLL_S: Final = 0.05
_VARIETY: Final = 1000
"""Different readings; then they come again, so that no sensor looks stuck."""


class Way(StrEnum):
    """How frames get to the service."""

    DIRECT = "direct"
    """A client in this process, one frame a message: what everything but the link takes."""
    TEXT = "text"
    BINARY = "binary"


class SilentError(ScaleGloveError):
    """The frames of a way never came out of the service."""


@dataclass(slots=True)
class Passage:
    """What became of the frames that were counted."""

    way: Way
    rate_hz: int
    sent: int
    delays_ms: list[float] = field(default_factory=list)
    bridge_share: float | None = None
    """Of one core, what the bridge's process used."""

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
    """Send at `rate_hz`, a whole number of ms apart, for `seconds` after a second of warming up.

    Raises:
        SilentError: no frame arrives.
    """
    async with _direct(url) if way is Way.DIRECT else _bridged(url, way) as road:
        run = _Run(road.write, rate_hz)
        glove = asyncio.create_task(run.send_on())
        viewer = asyncio.create_task(run.view(url, road.stream))
        try:
            await run.has_arrived(way)
            await asyncio.sleep(_WARM_UP_S)
            first, begin_s, begin_cpu_s = run.number, _now_s(), road.bridge_cpu_s()
            await asyncio.sleep(seconds)
            last, end_s, end_cpu_s = run.number, _now_s(), road.bridge_cpu_s()
            await asyncio.sleep(_LAST_S)
        finally:
            for task in (glove, viewer):
                task.cancel()
            await asyncio.gather(glove, viewer, return_exceptions=True)
    share = None if begin_cpu_s is None or end_cpu_s is None else (end_cpu_s - begin_cpu_s) / (end_s - begin_s)
    counted = [number for number in range(first, last) if number in run.arrived_s]
    delays_ms = [1000 * (run.arrived_s[number] - run.sent_s[number]) for number in counted]
    return Passage(way, rate_hz, last - first, delays_ms, share)


@dataclass(frozen=True, slots=True)
class _Road:
    """A way that is open: what takes the frames, and the stream they come out of."""

    write: Callable[[int, float, list[float]], Awaitable[None]]
    stream: str
    bridge_pid: int | None = None

    def bridge_cpu_s(self) -> float | None:
        return None if self.bridge_pid is None else cpu_s(self.bridge_pid)


class _Run:
    """A glove that sends and a viewer that waits; `number` is that of the next frame."""

    def __init__(self, write: Callable[[int, float, list[float]], Awaitable[None]], rate_hz: int) -> None:
        self.number = 0
        self.sent_s: list[float] = []
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
                        self.arrived_s[round(t_ms * self._rate_hz / 1000)] = now_s

    async def has_arrived(self, way: Way) -> None:
        try:
            async with asyncio.timeout(_START_S):
                while not self.arrived_s:  # noqa: ASYNC110 - a viewer has no event for its first frame
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise SilentError(f"no {way} frame came out of the service within {_START_S:g} s") from None


@contextlib.asynccontextmanager
async def _direct(url: str) -> AsyncIterator[_Road]:
    stream = StreamConnection(url)
    await stream.open()
    reading = asyncio.create_task(_drop_messages(stream))
    try:

        async def write(number: int, t_ms: float, values: list[float]) -> None:
            await stream.send([t_ms], [values], seq=number)

        yield _Road(write, stream.started.stream)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await stream.close()


async def _drop_messages(stream: StreamConnection) -> None:
    async for _ in stream:
        pass


@contextlib.asynccontextmanager
async def _bridged(url: str, way: Way) -> AsyncIterator[_Road]:
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        os.set_blocking(master, False)
        before = set(await asyncio.to_thread(_streams, url))
        arguments = ("scaleglove", "bridge", "--port", os.ttyname(slave), "--url", url, "--json")
        with run_child(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bridge:
            encode = encoder(way)

            async def write(number: int, t_ms: float, values: list[float]) -> None:
                with contextlib.suppress(BlockingIOError):  # nobody reads: then the frame is lost, and counted
                    os.write(master, encode(number, t_ms, values))

            yield _Road(write, await _new_stream(url, before), bridge.pid)
    finally:
        os.close(master)
        os.close(slave)


def encoder(way: Way) -> Callable[[int, float, list[float]], bytes]:
    """What makes bytes of a frame's number, its time in ms and its values."""
    return _line if way is Way.TEXT else _packet


def _line(_number: int, t_ms: float, values: list[float]) -> bytes:
    return ",".join(map(str, (f"{t_ms:.3f}", *values[ANGLES], *values[FLEX]))).encode() + b"\n"


def _packet(number: int, t_ms: float, values: list[float]) -> bytes:
    packet = encode_frame(number, round(1000 * t_ms), values)
    return packet if number else DELIMITER + packet  # as a device does when it starts


async def _new_stream(url: str, before: set[str]) -> str:
    """The stream that the bridge has opened."""
    try:
        async with asyncio.timeout(_START_S):
            while not (new := set(await asyncio.to_thread(_streams, url)) - before):  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise SilentError(f"the bridge has opened no stream within {_START_S:g} s") from None
    return new.pop()


def _streams(url: str) -> list[str]:
    with urllib.request.urlopen(f"{url}/v1/streams", timeout=_START_S) as answer:
        return [stream["stream"] for stream in json.load(answer)["streams"]]


def _now_s() -> float:
    return asyncio.get_running_loop().time()
