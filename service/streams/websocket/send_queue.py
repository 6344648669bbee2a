"""The bounded queue of messages to one socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from scaleglove.protocol import ServerMessage, encode_utf8
from service.streams.websocket.text_frames import FrameBatch
from service.telemetry.metrics import Metrics

GATHERED_BYTES: Final = 16 * 1024
"""Frames are gathered for one write up to these bytes: as many as a reader that keeps up may leave unread."""


class Channel(Protocol):
    """The sending side of a socket."""

    @property
    def is_writable(self) -> bool:
        """The reader keeps up: messages sent now are not buffered."""

    def send_frames(self, frames: bytes) -> None:
        """Send whole frames now."""


class SendQueue:
    """Sends messages as long as the reader keeps up; queues at most `limit` droppable and `limit` other messages.

    Beyond that the oldest droppable messages are dropped and counted. If even the others overflow, the reader is too
    slow: `overflowed` is set, and its socket is to be closed. `on_end` is called once: at the overflow, or when the
    queue is closed and everything is sent.
    """

    def __init__(self, limit: int, metrics: Metrics, on_end: Callable[[], None]) -> None:
        self.dropped = 0
        self.overflowed = False
        self.close_code: int | None = None
        self._limit = limit
        self._dropped_total = metrics.dropped_messages
        self._on_end = on_end
        self._channel: Channel | None = None
        self._frames: deque[tuple[bytes, bool]] = deque()
        self._droppable = 0

    def open(self, channel: Channel) -> None:
        """Send what is queued, and from now on at once."""
        self._channel = channel
        self.flush()

    def put(self, message: ServerMessage) -> None:
        """Send a message."""
        self.put_frames(FrameBatch.of(encode_utf8(message), message.droppable))

    def put_frames(self, batch: FrameBatch) -> None:
        """Send encoded messages, one or more: in one write, as long as the reader keeps up."""
        if self.close_code is not None or self.overflowed:
            return
        if not self._frames and self._channel is not None and self._channel.is_writable:
            self._channel.send_frames(batch.joined)
            return
        for frame, droppable in batch.frames:
            self._queue(frame, droppable)
            if self.overflowed:
                return

    def close(self, code: int) -> None:
        """Accept no more messages; once all are sent, the socket is to be closed with `code`."""
        if self.close_code is None and not self.overflowed:
            self.close_code = code
            self.flush()

    def flush(self) -> None:
        """Send as much as the reader takes."""
        if self._channel is None or self.overflowed:
            return
        while self._frames and self._channel.is_writable:
            self._channel.send_frames(self._take())
        if not self._frames and self.close_code is not None:
            self._on_end()

    def __len__(self) -> int:
        return len(self._frames)

    def _queue(self, frame: bytes, droppable: bool) -> None:
        self._frames.append((frame, droppable))
        self._droppable += droppable
        if self._droppable > self._limit:
            self._drop_oldest()
        if len(self._frames) - self._droppable > self._limit:
            self._frames.clear()
            self.overflowed = True
            self._on_end()

    def _take(self) -> bytes:
        """Return the oldest frames as one piece of bytes, as many as one write sends, and forget them."""
        batch = FrameBatch()
        while self._frames and batch.size < GATHERED_BYTES:
            frame, droppable = self._frames.popleft()
            self._droppable -= droppable
            batch.add(frame, droppable)
        return batch.joined

    def _drop_oldest(self) -> None:
        index = next(index for index, (_, droppable) in enumerate(self._frames) if droppable)
        del self._frames[index]
        self._droppable -= 1
        self.dropped += 1
        self._dropped_total.inc()
