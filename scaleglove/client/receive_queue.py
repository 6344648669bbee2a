"""The bounded queue of messages that are received and not read yet. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from scaleglove.protocol import ServerMessage

MAX_UNREAD: Final = 1024
"""Over a minute of predictions at the usual ten a second."""


class ReceiveQueue:
    """Messages in order. When the queue is full, the oldest droppable message is dropped, or else the oldest message.

    `dropped` counts them.
    """

    def __init__(self, capacity: int = MAX_UNREAD) -> None:
        self._capacity = capacity
        self._messages: deque[ServerMessage] = deque()
        self.dropped = 0

    def put(self, message: ServerMessage) -> None:
        """Add the newest message."""
        if len(self._messages) == self._capacity:
            del self._messages[self._oldest_droppable()]
            self.dropped += 1
        self._messages.append(message)

    def take(self) -> ServerMessage | None:
        """Return the oldest message; None when all are read."""
        return self._messages.popleft() if self._messages else None

    def _oldest_droppable(self) -> int:
        return next((index for index, message in enumerate(self._messages) if message.droppable), 0)
