"""What needs all workers of a service, behind one small interface: the streams that are open, watching one of them,
telling its glove something, editing its line, switching its
model, and loading the models again. Here it is of one process; `neighbours` has
the form for several; a message bus has its place here too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from pydantic import BaseModel, Field

from scaleglove.device_clock import ClockMapping
from scaleglove.protocol import (
    CommandName,
    EditAction,
    LinkReport,
    ModelChanged,
    SensorFault,
    State,
    Text,
    WireError,
)
from service.inference.engine import Window
from service.inference.reload import Reload
from service.problems import ProblemError
from service.streams.hub import Hub, Stream, Subscriber, unknown_stream


class StreamInfo(BaseModel):
    stream: str
    model: str
    started_at: datetime
    frames: int = Field(description="frames taken so far")
    rate_hz: float | None = Field(description="frame rate by device time; null until known")
    state: State
    viewers: int
    copy_of: str | None = Field(None, description="the stream whose frames these are once more; null: a glove's own")
    commands: tuple[str, ...] = Field(description="what may be asked of the glove")
    link: LinkReport | None = Field(description="what the client last told of the link to its glove")
    faults: tuple[SensorFault, ...] = Field(description="what is wrong with its sensors now")
    clock: ClockMapping | None = Field(
        description="the device's clock against the service's (milliseconds since 1970): host time = device time + "
        "offset_ms; null before the first frame"
    )


class StreamList(BaseModel):
    streams: list[StreamInfo]


@dataclass(frozen=True, slots=True)
class NewestWindow:
    """What a hand did last: float32[n, 8] in raw units, its frames evenly `sample_rate_hz` apart."""

    frames: Window
    sample_rate_hz: float


class Viewer(Protocol):
    """Whoever wants to watch a stream."""

    @property
    def send_queue(self) -> Subscriber: ...

    def refuse(self, fault: WireError) -> None:
        """It cannot be watched, or no longer."""


class Directory(Protocol):
    async def list(self) -> StreamList:
        """Every stream that is open.

        Raises:
            ProblemError: 503 `worker_silent`; a list that lacks some is never given.
        """

    def watch(self, name: str, viewer: Viewer) -> Callable[[], object]:
        """Let a viewer follow a stream; the stream's `started` is its first message. To stop, call what this gives.

        Raises:
            WireError: `unknown_stream`; the viewer may also be told so later, by `refuse`.
        """

    async def command(self, name: str, command: CommandName, interval_ms: float | None) -> None:
        """Return when the client of a stream has written a command to its glove's port.

        Raises:
            ProblemError: 404 `unknown_stream`, 503 `worker_silent`, or one of `GloveCommands.ask`.
        """

    async def edit(self, name: str, action: EditAction) -> Text:
        """Change the line that a stream writes; the line after it.

        Raises:
            ProblemError: 404 `unknown_stream`, 503 `worker_silent`, or one of `LineEdits.ask`.
        """

    async def switch(self, name: str, model: str) -> ModelChanged:
        """Let another model answer a stream from here on.

        Raises:
            ProblemError: 404 `unknown_stream`, 503 `worker_silent`, or one of `find_other`.
        """

    async def newest_window(self, name: str) -> NewestWindow:
        """What stands in the window of a stream, in one piece.

        Raises:
            ProblemError: 404 `unknown_stream`, 409 `no_window`, 503 `worker_silent`.
        """

    async def profile_changed(self, wearer: str) -> None:
        """Let the streams of a wearer, everywhere, look for her profile again. A worker that cannot be told is named
        in the log: what it serves is then of before."""

    async def reload(self) -> None:
        """Load the models again, everywhere.

        Raises:
            ReloadError: somewhere those of before are served on.
        """


class LocalDirectory:
    """The streams and models of this process."""

    def __init__(self, hub: Hub, reload: Reload) -> None:
        self._hub = hub
        self._reload = reload

    async def list(self) -> StreamList:
        return self.list_now()

    def list_now(self) -> StreamList:
        return StreamList(streams=[_describe(stream) for stream in self._hub.streams.values()])

    def watch(self, name: str, viewer: Viewer) -> Callable[[], object]:
        return self.follow(name, viewer.send_queue)

    def follow(self, name: str, follower: Subscriber) -> Callable[[], object]:
        """`watch`, for one who needs no more than the messages."""
        stream = self._hub.follow(name, follower)
        return partial(stream.followers.discard, follower)

    async def command(self, name: str, command: CommandName, interval_ms: float | None) -> None:
        if (stream := self._hub.streams.get(name)) is None:
            raise no_stream(name)
        await stream.commands.ask(command, interval_ms)

    async def edit(self, name: str, action: EditAction) -> Text:
        if (stream := self._hub.streams.get(name)) is None:
            raise no_stream(name)
        return await stream.edits.ask(action)

    async def switch(self, name: str, model: str) -> ModelChanged:
        if (stream := self._hub.streams.get(name)) is None:
            raise no_stream(name)
        return await stream.client.switch(model)

    async def newest_window(self, name: str) -> NewestWindow:
        if (stream := self._hub.streams.get(name)) is None:
            raise no_stream(name)
        return _newest_window(stream)

    async def profile_changed(self, wearer: str) -> None:
        for stream in self._hub.streams.values():
            running = stream.session.running
            if running is not None and running.wearer == wearer:
                stream.client.look_again()

    async def reload(self) -> None:
        await self._reload.run()


def no_stream(name: str) -> ProblemError:
    fault = unknown_stream(name)
    return ProblemError(404, fault.code, fault.detail, fault.field)


def _newest_window(stream: Stream) -> NewestWindow:
    running = stream.session.running
    assert running is not None  # only a stream that has started is listed
    contract = running.model.contract
    newest = running.window.newest()
    if running.state == "stale" or newest is None:
        raise _no_window("no frame comes from this stream just now")
    if newest.gap:
        raise _no_window(f"frames are missing inside it; ask again in {contract.window_s:.1f} s")
    if len(newest.frames) < contract.min_frames:
        raise _no_window(f"it holds {len(newest.frames)} frames so far, and needs {contract.min_frames}")
    return NewestWindow(newest.frames, contract.sample_rate_hz)


def _no_window(why: str) -> ProblemError:
    return ProblemError(409, "no_window", f"the stream's newest window cannot be taken: {why}", "stream")


def _describe(stream: Stream) -> StreamInfo:
    running = stream.session.running
    assert running is not None  # only a stream that has started is listed
    rate_hz = running.window.rate_hz
    return StreamInfo(
        stream=stream.session.stream,
        model=running.model.contract.name,
        started_at=stream.started_at,
        frames=running.window.frames,
        rate_hz=None if rate_hz is None else round(rate_hz, 2),
        state=running.state,
        viewers=len(stream.followers),
        copy_of=running.copy_of,
        commands=stream.started.commands,
        link=running.link,
        faults=running.sensors.faults,
        clock=_on_the_wall(running.clock.mapping),
    )


def _on_the_wall(mapping: ClockMapping | None) -> ClockMapping | None:
    """The mapping to a monotonic clock as one to the time since 1970."""
    if mapping is None:
        return None
    return replace(mapping, offset_ms=round(mapping.offset_ms + (time.time() - time.monotonic()) * 1000, 3))
