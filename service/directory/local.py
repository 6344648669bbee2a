"""The interface to the streams and models of a service, and its implementation for one process.

`peers` implements it for several workers; a message bus would be a third implementation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from pydantic import BaseModel, Field

from models.adaptation.front_end import FrontEnd
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
from service.streams.hub import Hub, unknown_stream
from service.streams.shape_memory import StreamShapes
from service.streams.stream import Stream, Subscriber
from service.streams.words.word_shapes import WordShapes


class StreamInfo(BaseModel):
    """A running stream."""

    stream: str
    model: str
    wearer: str | None = Field(description="whose profile is used; null: nobody's")
    glove: str | None = Field(description="name of the glove; null: unknown")
    glove_profile: int | None = Field(description="version of the glove's profile; null: none is used")
    usb: str | None = Field(
        description="the glove's board on USB, vendor:product:serial number; null: unknown, or not on USB"
    )
    started_at: datetime
    frames: int = Field(description="frames taken so far")
    rate_hz: float | None = Field(description="frame rate by device time; null until known")
    state: State
    viewers: int
    copy_of: str | None = Field(None, description="the stream whose frames this one repeats; null: a glove's own")
    commands: tuple[str, ...] = Field(description="commands that the glove obeys")
    link: LinkReport | None = Field(description="the client's last report on the link to its glove")
    faults: tuple[SensorFault, ...] = Field(description="the present faults of its sensors")
    clock: ClockMapping | None = Field(
        description="the device's clock against the service's (milliseconds since 1970): host time = device time + "
        "offset_ms; null before the first frame"
    )


class StreamList(BaseModel):
    """All running streams."""

    streams: list[StreamInfo]


@dataclass(frozen=True, slots=True)
class NewestWindow:
    """The newest window of a stream: float32[n, 8] in raw units, evenly sampled at `sample_rate_hz`."""

    frames: Window
    sample_rate_hz: float


class Viewer(Protocol):
    """A connection that watches a stream."""

    @property
    def send_queue(self) -> Subscriber: ...

    def refuse(self, fault: WireError) -> None:
        """Send an error and close: the stream cannot be watched, or no longer."""


class Directory(Protocol):
    """The streams and models of all workers. Methods that name a stream raise ProblemError: 404 `unknown_stream`, 503
    `worker_silent`, or what the method of the same name of `Stream` raises."""

    async def list(self) -> StreamList:
        """Return all running streams.

        Raises:
            ProblemError: 503 `worker_silent`; an incomplete list is never returned.
        """

    def watch(self, name: str, viewer: Viewer) -> Callable[[], object]:
        """Subscribe a viewer to a stream; return what ends the subscription.

        Raises:
            WireError: `unknown_stream`; the viewer may also receive it later, by `refuse`.
        """

    async def command(
        self, name: str, command: CommandName, interval_ms: float | None, letter: str | None = None
    ) -> None:
        """Return when the client of a stream has written a command to its glove's port."""

    async def edit(self, name: str, action: EditAction) -> Text:
        """Edit the line that a stream writes; return it as it then is."""

    async def switch(self, name: str, model: str) -> ModelChanged:
        """Let another model answer a stream from here on."""

    async def front_end(self, name: str) -> FrontEnd | None:
        """Return the front end with which a stream sees its glove now; None: its readings stay as they are."""

    async def newest_window(self, name: str) -> NewestWindow:
        """Return the newest window of a stream.

        Raises:
            ProblemError: 409 `no_window`: there is none now that is long enough and without a gap.
        """

    async def held_shapes(self, name: str, answered: int | None = None) -> StreamShapes:
        """Return the newest shapes that the hand of a stream held; `answered`: the number of the one of which an
        example is to be made, which stays as it is."""

    async def word_shapes(self, name: str) -> WordShapes:
        """Return what words have shown of the hand of a stream."""

    async def profile_changed(self, wearer: str) -> None:
        """Let all streams of a wearer load the wearer's profile again.

        A worker that does not answer is logged: its streams keep the previous profile.
        """

    async def flush_metrics(self) -> None:
        """Let the other workers add what they have counted to the files that all report.

        A worker that does not answer is left out: it has added all but its last moments.
        """

    async def glove_changed(self, glove: str) -> None:
        """Let all streams that a change of a glove may concern choose and load theirs again, as `profile_changed` does
        for a wearer."""

    async def reload(self) -> None:
        """Load the models of all workers again.

        Raises:
            ReloadError: a worker failed and still serves its previous models.
        """


class LocalDirectory:
    """The streams and models of this process."""

    def __init__(self, hub: Hub, reload: Reload) -> None:
        self._hub = hub
        self._reload = reload

    async def list(self) -> StreamList:
        return self.list_now()

    def list_now(self) -> StreamList:
        """Return the running streams of this process."""
        return StreamList(streams=[_describe(stream) for stream in self._hub.streams.values()])

    def watch(self, name: str, viewer: Viewer) -> Callable[[], object]:
        return self.subscribe(name, viewer.send_queue)

    def subscribe(self, name: str, subscriber: Subscriber) -> Callable[[], object]:
        """Subscribe to a stream; return what ends the subscription.

        Raises:
            WireError: `unknown_stream`.
        """
        stream = self._hub.subscribe(name, subscriber)
        return partial(stream.subscribers.discard, subscriber)

    async def command(
        self, name: str, command: CommandName, interval_ms: float | None, letter: str | None = None
    ) -> None:
        await self._find(name).command(command, interval_ms, letter)

    async def edit(self, name: str, action: EditAction) -> Text:
        return await self._find(name).edit(action)

    async def switch(self, name: str, model: str) -> ModelChanged:
        return await self._find(name).switch(model)

    async def front_end(self, name: str) -> FrontEnd | None:
        return self._find(name).session.front_end

    async def newest_window(self, name: str) -> NewestWindow:
        return _newest_window(self._find(name))

    async def held_shapes(self, name: str, answered: int | None = None) -> StreamShapes:
        shapes = self._find(name).session.shapes
        return shapes.now if answered is None else shapes.answered(answered)

    async def word_shapes(self, name: str) -> WordShapes:
        return self._find(name).session.word_shapes

    async def profile_changed(self, wearer: str) -> None:
        for stream in self._hub.streams.values():
            if stream.session.wearer == wearer:
                stream.refresh_profile()

    async def flush_metrics(self) -> None:
        pass  # there are no others

    async def glove_changed(self, glove: str) -> None:
        for stream in self._hub.streams.values():
            if stream.may_use_glove(glove):
                stream.refresh_glove()

    async def reload(self) -> None:
        await self._reload.run()

    def _find(self, name: str) -> Stream:
        if (stream := self._hub.streams.get(name)) is None:
            raise no_stream(name)
        return stream


def no_stream(name: str) -> ProblemError:
    """Return the problem for a stream that does not exist."""
    fault = unknown_stream(name)
    return ProblemError(404, fault.code, fault.detail, fault.field)


def _newest_window(stream: Stream) -> NewestWindow:
    session = stream.session
    contract = session.model.contract
    newest = session.window.newest()
    if session.state == "stale" or newest is None:
        raise _no_window("no frames arrive from this stream now")
    if newest.gap:
        raise _no_window(f"frames are missing inside it; try again in {contract.window_s:.1f} s")
    if len(newest.frames) < contract.min_frames:
        raise _no_window(f"it holds {len(newest.frames)} frames so far, and needs {contract.min_frames}")
    return NewestWindow(newest.frames, contract.sample_rate_hz)


def _no_window(why: str) -> ProblemError:
    return ProblemError(409, "no_window", f"the stream's newest window cannot be taken: {why}", "stream")


def _describe(stream: Stream) -> StreamInfo:
    session = stream.session
    rate_hz = session.window.rate_hz
    return StreamInfo(
        stream=session.stream,
        model=session.model.contract.name,
        wearer=session.wearer,
        glove=session.glove.name,
        glove_profile=session.glove.version,
        usb=session.glove_hint.usb,
        started_at=stream.started_at,
        frames=session.window.frames,
        rate_hz=None if rate_hz is None else round(rate_hz, 2),
        state=session.state,
        viewers=len(stream.subscribers),
        copy_of=session.copy_of,
        commands=session.started.commands,
        link=session.link,
        faults=session.sensors.faults,
        clock=_to_wall_clock(session.clock.mapping),
    )


def _to_wall_clock(mapping: ClockMapping | None) -> ClockMapping | None:
    """Convert a mapping to the monotonic clock into one to milliseconds since 1970."""
    if mapping is None:
        return None
    return replace(mapping, offset_ms=round(mapping.offset_ms + (time.time() - time.monotonic()) * 1000, 3))
