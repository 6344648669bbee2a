"""From the glove's port to the service, and on for as long as either of them comes back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from clients.stream import GloveStream, Prediction, ServerMessage, Started, StreamError
from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Event, FrameRead
from firmware_bridge.link.backoff import Backoff
from firmware_bridge.link.errors import LinkError
from firmware_bridge.link.port import GloveLink

_ASK_HEADER_S: Final = 5.0
"""How often to ask a glove for a header that can be read: a line a device can bear."""

_STOP_S: Final = 1.0
"""Whoever stops the bridge waits no longer than this for a service that has gone unnoticed."""


class Observer(Protocol):
    """Whom the bridge tells what happens; every call must return at once."""

    def link_opened(self, port: str) -> None:
        """The glove's port is open (again)."""
        ...

    def started(self, started: Started) -> None:
        """The service has begun a stream (a new one after each reconnect)."""
        ...

    def message(self, message: ServerMessage) -> None:
        """The service said something."""
        ...

    def line(self, event: Event) -> None:
        """The glove sent a line that is not a frame: a remark, a header, or one that cannot be read."""
        ...

    def trouble(self, what: str, retry_s: float) -> None:
        """The port or the service has gone, for the reason `what`; the next try is in `retry_s` seconds."""
        ...


@dataclass(slots=True)
class BridgeCounts:
    """What became of the glove's lines since the start."""

    lines: LinkCounts = field(default_factory=LinkCounts)
    lost_offline: int = 0
    """Frames that came while the service was away, or that it had not answered with a prediction when it went.

    What is handed to a socket is not what a service has read: only the service says how far it came.
    """

    def as_dict(self) -> dict[str, object]:
        return {**self.lines.as_dict(), "lost_offline": self.lost_offline}


class Bridge:
    """Reads the glove at `port` and sends its frames on through the streams that `new_stream` makes."""

    def __init__(self, port: str, new_stream: Callable[[], GloveStream], observer: Observer) -> None:
        self._port = port
        self._new_stream = new_stream
        self._observer = observer
        self._decoder = GloveDecoder()
        self._stream: GloveStream | None = None
        self.counts = BridgeCounts(self._decoder.counts)

    async def run(self) -> None:
        """Bridge until cancelled. What was there at the start is waited for when it goes.

        Raises:
            LinkError: the port cannot be opened at the start.
            StreamError: the service cannot be reached or refuses at the start.
        """
        link = await GloveLink.open(self._port)
        try:
            stream = await self._open_stream()
        except BaseException:
            await link.close()
            raise
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow_glove(link))
                tasks.create_task(self._follow_service(stream))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None  # one error, as from any other call

    async def _follow_glove(self, link: GloveLink) -> None:
        backoff = Backoff()
        while True:
            try:
                self._observer.link_opened(link.name)
                await self._pass_on(link, backoff)
            except LinkError as error:
                trouble = error
            finally:
                await link.close()
            link = await self._reopen(trouble, backoff)

    async def _reopen(self, trouble: LinkError, backoff: Backoff) -> GloveLink:
        while True:
            await self._wait(trouble, backoff)
            try:
                return await GloveLink.open(self._port)
            except LinkError as error:
                trouble = error

    async def _pass_on(self, link: GloveLink, backoff: Backoff) -> None:
        """Send on what one opening of the port gives, until it is lost."""
        clock = asyncio.get_running_loop().time
        self._decoder.rejoin()
        asked_s: float | None = None
        while True:
            events = self._decoder.feed(await link.read())
            if events:
                backoff.reset()
                await self._deliver(events)
            # Not before a line has ended: the answer might be taken for the piece of line that is met on joining.
            if self._decoder.joined and (
                asked_s is None or (self._decoder.wants_header and clock() - asked_s > _ASK_HEADER_S)
            ):
                await link.command("header")
                asked_s = clock()

    async def _deliver(self, events: Sequence[Event]) -> None:
        frames: list[FrameRead] = []
        for event in events:
            if isinstance(event, FrameRead):
                frames.append(event)
            else:
                self._observer.line(event)
        if frames and not await self._sent(frames):
            self.counts.lost_offline += len(frames)

    async def _sent(self, frames: Sequence[FrameRead]) -> bool:
        """Whether a service was there to take the frames of one read, which go as one message."""
        if self._stream is None:
            return False
        try:
            await self._stream.send([frame.t_ms for frame in frames], [frame.values for frame in frames])
        except StreamError:
            return False  # whoever listens to the stream learns the same and reconnects
        return True

    async def _follow_service(self, stream: GloveStream) -> None:
        backoff = Backoff()
        while True:
            trouble = await self._listen(stream, backoff)
            stream = await self._reconnect(trouble, backoff)

    async def _listen(self, stream: GloveStream, backoff: Backoff) -> StreamError:
        """Pass on what the service says; gives the reason when it stops."""
        self._stream = stream
        answered = 0
        try:
            self._observer.started(stream.started)
            async for message in stream:
                if isinstance(message, Prediction):
                    answered = message.seq + 1
                    backoff.reset()
                self._observer.message(message)
        except StreamError as error:
            return error
        finally:
            self._stream = None
            await self._leave(stream, answered)
        return StreamError("stopped", "the service has ended the stream")

    async def _leave(self, stream: GloveStream, answered: int) -> None:
        """Leave a stream, and count its frames that the service has not read: it says how many, if it still can."""
        with contextlib.suppress(StreamError, TimeoutError):
            async with asyncio.timeout(_STOP_S):
                stopped = await stream.stop()
                answered = stopped.frames + stopped.late_frames + stopped.duplicate_frames
        await stream.close()
        self.counts.lost_offline += max(0, stream.frames_sent - answered)

    async def _reconnect(self, trouble: StreamError, backoff: Backoff) -> GloveStream:
        while True:
            await self._wait(trouble, backoff)
            try:
                return await self._open_stream()
            except StreamError as error:
                trouble = error

    async def _open_stream(self) -> GloveStream:
        stream = self._new_stream()
        await stream.open()
        return stream

    async def _wait(self, trouble: LinkError | StreamError, backoff: Backoff) -> None:
        retry_s = backoff.next_s()
        self._observer.trouble(str(trouble), retry_s)
        await asyncio.sleep(retry_s)
