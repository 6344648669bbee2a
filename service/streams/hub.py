"""Who is connected: streams and their viewers. State goes when a socket goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from scaleglove.protocol import (
    Command,
    EditAction,
    ModelChanged,
    Started,
    Text,
    WireError,
    encode,
)
from service.streams.commands import GloveCommands
from service.streams.edits import LineEdits
from service.streams.session import StreamSession
from service.telemetry.metrics import Metrics
from service.worker_identity import WorkerIdentity, new_stream_name


class StreamOwner(Protocol):
    """A socket of the service."""

    def go_away(self) -> None:
        """Finish what is running, say goodbye and close."""


class Client(Protocol):
    """The socket that brings a stream, to those who want something of that stream."""

    def tell(self, command: Command) -> None:
        """Bring a command to the client."""

    def edit(self, action: EditAction, done: Callable[[Text], None]) -> None:
        """As `LineEdits` has it."""

    async def switch(self, name: str) -> ModelChanged:
        """Let the model of this name answer from here on.

        Raises:
            ProblemError: 404 `unknown_stream` where the stream ends meanwhile, or one of `find_other`.
        """

    def look_again(self) -> None:
        """Look for the wearer's profile again; there is another one."""


class Subscriber(Protocol):
    """What gets the messages of a stream, as an send_queue does."""

    def put_encoded(self, text: str, droppable: bool) -> None: ...

    def close(self, code: int) -> None: ...


@dataclass(eq=False, slots=True)
class Stream:
    """A stream that has started: its session, the ways to its glove and its line, and who watches it."""

    session: StreamSession
    started: Started
    commands: GloveCommands
    edits: LineEdits
    client: Client
    started_at: datetime
    followers: set[Subscriber] = field(default_factory=set)
    lasting: dict[str, str] = field(default_factory=dict)
    """By type, the encoded message that holds until the next one of this type."""

    def show(self, text: str, droppable: bool) -> None:
        """Send an encoded message to every follower."""
        for follower in self.followers:
            follower.put_encoded(text, droppable)


class Hub:
    """All sockets of this process; `place` is where it stands among several."""

    def __init__(self, max_streams: int, metrics: Metrics, place: WorkerIdentity | None = None) -> None:
        self.streams: dict[str, Stream] = {}
        self.new_stream_name = new_stream_name if place is None else place.new_stream_name
        self._max_streams = max_streams
        self._metrics = metrics
        self._gloves: set[StreamOwner] = set()
        self._viewers: set[StreamOwner] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def join(self, glove: StreamOwner) -> None:
        """Count a socket that brings a stream.

        Raises:
            WireError: `too_many_streams`.
        """
        if len(self._gloves) >= self._max_streams:
            raise WireError("too_many_streams", f"{self._max_streams} streams are open already, which is the limit")
        self._gloves.add(glove)
        self._count()

    def leave(self, glove: StreamOwner) -> None:
        self._gloves.discard(glove)
        self._count()

    def open(self, session: StreamSession, started: Started, client: Client) -> Stream:
        """List a stream that has started."""
        commands, edits = GloveCommands(started.commands, client.tell), LineEdits(client.edit)
        stream = Stream(session, started, commands, edits, client, datetime.now(UTC))
        self.streams[session.stream] = stream
        return stream

    def close(self, stream: Stream) -> None:
        """The stream is over: its viewers are told its account, and it is forgotten."""
        del self.streams[stream.session.stream]
        stream.commands.end()
        stream.edits.end()
        stream.show(encode(stream.session.stopped()), droppable=False)
        for follower in stream.followers:
            follower.close(1000)

    def follow(self, name: str, follower: Subscriber) -> Stream:
        """Show a stream to a follower; the stream's `started` is its first message, then comes what has held since.

        Raises:
            WireError: `unknown_stream`.
        """
        if name not in self.streams:
            raise unknown_stream(name)
        stream = self.streams[name]
        for text in (encode(stream.started), *stream.lasting.values()):
            follower.put_encoded(text, droppable=False)
        stream.followers.add(follower)
        return stream

    def join_viewer(self, viewer: StreamOwner) -> None:
        """Count a socket that watches.

        Raises:
            WireError: `too_many_viewers`.
        """
        if len(self._viewers) >= self._max_streams:
            raise WireError("too_many_viewers", f"{self._max_streams} viewers are connected already, the limit")
        self._viewers.add(viewer)
        self._count()

    def leave_viewer(self, viewer: StreamOwner) -> None:
        self._viewers.discard(viewer)
        self._count()

    def go_away(self) -> None:
        """The service stops: tell everybody, then close."""
        for guest in self._gloves | self._viewers:
            guest.go_away()

    async def emptied(self) -> None:
        """Return when the last socket has left."""
        await self._empty.wait()

    def _count(self) -> None:
        self._metrics.streams.set(len(self._gloves))
        if self._gloves or self._viewers:
            self._empty.clear()
        else:
            self._empty.set()


def unknown_stream(name: str) -> WireError:
    return WireError("unknown_stream", f"no stream is called {name[:64]!r}", "stream")
