"""Who is connected: streams, their viewers, and a bounded outbox for every socket. State goes when a socket goes."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from service.metrics import Metrics
from service.session import StreamSession
from service.wire import Error, Prediction, ServerMessage, Started, ViewedFrames, WireError, encode

CLOSE_GOING_AWAY = 1012
"""Service restart: the client should come back."""


class Outbox:
    """What one socket is still to be sent; never more than `limit` predictions and `limit` other messages.

    Beyond that the oldest predictions (and viewed frames) are dropped and counted. A reader slow enough to let even
    the others overflow has lost the thread: `overflowed` is set, and its socket is to be closed.
    """

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self.dropped = 0
        self.overflowed = asyncio.Event()
        self.close_code: int | None = None
        self._limit = limit
        self._metrics = metrics
        self._messages: deque[tuple[str, bool]] = deque()
        self._droppable = 0
        self._filled = asyncio.Event()

    def put(self, message: ServerMessage) -> None:
        self.put_encoded(encode(message), isinstance(message, Prediction | ViewedFrames))

    def put_encoded(self, text: str, droppable: bool) -> None:
        if self.close_code is not None or self.overflowed.is_set():
            return
        self._messages.append((text, droppable))
        self._droppable += droppable
        if self._droppable > self._limit:
            self._drop_oldest()
        if len(self._messages) - self._droppable > self._limit:
            self._messages.clear()
            self.overflowed.set()
        self._filled.set()

    def close(self, code: int) -> None:
        """Take nothing more; once all is sent, the socket is to be closed with `code`."""
        if self.close_code is None:
            self.close_code = code
            self._filled.set()

    async def get(self) -> str | None:
        """The next message as text; None when the outbox is closed and empty."""
        while not self._messages:
            if self.close_code is not None:
                return None
            self._filled.clear()
            await self._filled.wait()
        text, droppable = self._messages.popleft()
        self._droppable -= droppable
        return text

    def __len__(self) -> int:
        return len(self._messages)

    def _drop_oldest(self) -> None:
        place = next(place for place, (_, droppable) in enumerate(self._messages) if droppable)
        del self._messages[place]
        self._droppable -= 1
        self.dropped += 1
        self._metrics.dropped_messages.inc()


@dataclass(eq=False, slots=True)
class Stream:
    """A stream that has started: its session, and who watches it."""

    session: StreamSession
    started: Started
    started_at: datetime
    viewers: set[Outbox] = field(default_factory=set)

    def show(self, message: ServerMessage) -> None:
        """Send a message to every viewer."""
        if not self.viewers:
            return
        text, droppable = encode(message), isinstance(message, Prediction | ViewedFrames)
        for viewer in self.viewers:
            viewer.put_encoded(text, droppable)


class Hub:
    """All sockets of the service."""

    def __init__(self, max_streams: int, outbox_messages: int, metrics: Metrics) -> None:
        self.streams: dict[str, Stream] = {}
        self._max_streams = max_streams
        self._outbox_messages = outbox_messages
        self._metrics = metrics
        self._gloves: set[Outbox] = set()
        self._viewers: set[Outbox] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def new_outbox(self) -> Outbox:
        return Outbox(self._outbox_messages, self._metrics)

    def join(self, outbox: Outbox) -> None:
        """Count a socket that brings a stream.

        Raises:
            WireError: `too_many_streams`.
        """
        if len(self._gloves) >= self._max_streams:
            raise WireError("too_many_streams", f"{self._max_streams} streams are open already, which is the limit")
        self._gloves.add(outbox)
        self._count()

    def leave(self, outbox: Outbox) -> None:
        self._gloves.discard(outbox)
        self._count()

    def open(self, session: StreamSession, started: Started) -> Stream:
        """List a stream that has started."""
        stream = Stream(session, started, datetime.now(UTC))
        self.streams[session.stream] = stream
        return stream

    def close(self, stream: Stream) -> None:
        """The stream is over: its viewers are told its account, and it is forgotten."""
        del self.streams[stream.session.stream]
        stream.show(stream.session.stopped())
        for viewer in stream.viewers:
            viewer.close(1000)

    def watch(self, name: str, outbox: Outbox) -> Stream:
        """Let a viewer follow a stream; the stream's `started` is its first message.

        Raises:
            WireError: `unknown_stream` or `too_many_viewers`.
        """
        if name not in self.streams:
            raise WireError("unknown_stream", f"no stream is called {name[:64]!r}")
        if len(self._viewers) >= self._max_streams:
            raise WireError("too_many_viewers", f"{self._max_streams} viewers are connected already, the limit")
        stream = self.streams[name]
        outbox.put(stream.started)
        stream.viewers.add(outbox)
        self._viewers.add(outbox)
        self._count()
        return stream

    def unwatch(self, stream: Stream, outbox: Outbox) -> None:
        stream.viewers.discard(outbox)
        self._viewers.discard(outbox)
        self._count()

    def go_away(self) -> None:
        """The service stops: tell everybody, then close."""
        for outbox in self._gloves | self._viewers:
            outbox.put(Error("going_away", "the service is stopping; connect again in a moment"))
            outbox.close(CLOSE_GOING_AWAY)

    async def emptied(self) -> None:
        """Return when the last socket has left."""
        await self._empty.wait()

    def _count(self) -> None:
        self._metrics.streams.set(len(self._gloves))
        if self._gloves or self._viewers:
            self._empty.clear()
        else:
            self._empty.set()


def new_stream_name() -> str:
    return secrets.token_hex(6)
