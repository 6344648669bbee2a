"""All connections of one process: gloves with their running streams, and viewers. State goes when one closes."""

from __future__ import annotations

import asyncio

from scaleglove.protocol import WireError
from service.streams.stream import Stream, Subscriber
from service.streams.websocket.connection import Connection
from service.telemetry.metrics import Metrics
from service.worker_identity import WorkerIdentity, new_stream_name


class Hub:
    """The connections and running streams of this process; `identity`: of this worker, if there are several."""

    def __init__(self, max_streams: int, metrics: Metrics, identity: WorkerIdentity | None = None) -> None:
        self.streams: dict[str, Stream] = {}
        self.new_stream_name = new_stream_name if identity is None else identity.new_stream_name
        self._max_streams = max_streams
        self._metrics = metrics
        self._gloves: set[Connection] = set()
        self._viewers: set[Connection] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def join(self, glove: Connection) -> None:
        """Count a connection that sends a stream.

        Raises:
            WireError: `too_many_streams`.
        """
        if len(self._gloves) >= self._max_streams:
            raise WireError("too_many_streams", f"{self._max_streams} streams are open already, which is the limit")
        self._gloves.add(glove)
        self._count()

    def leave(self, glove: Connection) -> None:
        """Forget a connection that sent a stream."""
        self._gloves.discard(glove)
        self._count()

    def open(self, stream: Stream) -> None:
        """List a running stream."""
        self.streams[stream.session.stream] = stream

    def close(self, stream: Stream) -> None:
        """End a stream and remove it from the list."""
        del self.streams[stream.session.stream]
        stream.end()

    def subscribe(self, name: str, subscriber: Subscriber) -> Stream:
        """Subscribe to a stream.

        Raises:
            WireError: `unknown_stream`.
        """
        if name not in self.streams:
            raise unknown_stream(name)
        stream = self.streams[name]
        stream.subscribe(subscriber)
        return stream

    def join_viewer(self, viewer: Connection) -> None:
        """Count a connection that watches a stream.

        Raises:
            WireError: `too_many_viewers`.
        """
        if len(self._viewers) >= self._max_streams:
            raise WireError("too_many_viewers", f"{self._max_streams} viewers are connected already, the limit")
        self._viewers.add(viewer)
        self._count()

    def leave_viewer(self, viewer: Connection) -> None:
        """Forget a connection that watched a stream."""
        self._viewers.discard(viewer)
        self._count()

    def go_away(self) -> None:
        """Close all connections, since the service stops."""
        for connection in self._gloves | self._viewers:
            connection.go_away()

    async def emptied(self) -> None:
        """Return when the last connection is closed."""
        await self._empty.wait()

    def _count(self) -> None:
        self._metrics.streams.set(len(self._gloves))
        if self._gloves or self._viewers:
            self._empty.clear()
        else:
            self._empty.set()


def unknown_stream(name: str) -> WireError:
    """Return the fault for a stream that does not exist."""
    return WireError("unknown_stream", f"no stream is called {name[:64]!r}", "stream")
