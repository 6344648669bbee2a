"""The bounded queue of messages to one socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from scaleglove.protocol import ServerMessage, encode
from service.telemetry.metrics import Metrics


class Channel(Protocol):
    """The sending side of a socket."""

    @property
    def is_writable(self) -> bool:
        """The reader keeps up: messages sent now are not buffered."""

    def send_text(self, text: str) -> None:
        """Send a text message now."""


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
        self._messages: deque[tuple[str, bool]] = deque()
        self._droppable = 0

    def open(self, channel: Channel) -> None:
        """Send what is queued, and from now on at once."""
        self._channel = channel
        self.flush()

    def put(self, message: ServerMessage) -> None:
        """Send a message."""
        self.put_encoded(encode(message), message.droppable)

    def put_encoded(self, text: str, droppable: bool) -> None:
        """Send an encoded message; `droppable`: it may be dropped for a slow reader."""
        if self.close_code is not None or self.overflowed:
            return
        if not self._messages and self._channel is not None and self._channel.is_writable:
            self._channel.send_text(text)
            return
        self._messages.append((text, droppable))
        self._droppable += droppable
        if self._droppable > self._limit:
            self._drop_oldest()
        if len(self._messages) - self._droppable > self._limit:
            self._messages.clear()
            self.overflowed = True
            self._on_end()

    def close(self, code: int) -> None:
        """Accept no more messages; once all are sent, the socket is to be closed with `code`."""
        if self.close_code is None and not self.overflowed:
            self.close_code = code
            self.flush()

    def flush(self) -> None:
        """Send as much as the reader takes."""
        if self._channel is None or self.overflowed:
            return
        while self._messages and self._channel.is_writable:
            text, droppable = self._messages.popleft()
            self._droppable -= droppable
            self._channel.send_text(text)
        if not self._messages and self.close_code is not None:
            self._on_end()

    def __len__(self) -> int:
        return len(self._messages)

    def _drop_oldest(self) -> None:
        index = next(index for index, (_, droppable) in enumerate(self._messages) if droppable)
        del self._messages[index]
        self._droppable -= 1
        self.dropped += 1
        self._dropped_total.inc()
