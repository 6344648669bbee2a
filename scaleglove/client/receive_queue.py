"""Queue of received messages in bounded memory. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from scaleglove.protocol import ServerMessage

MAX_UNREAD: Final = 1024
"""Over a minute of predictions at the usual ten a second."""


class ReceiveQueue:
    """Messages in order. A full queue drops its oldest droppable message, or where it has none its oldest message.

    `dropped` counts the dropped messages.
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
        """Remove and return the oldest message; None when the queue is empty."""
        return self._messages.popleft() if self._messages else None

    def _oldest_droppable(self) -> int:
        return next((index for index, message in enumerate(self._messages) if message.droppable), 0)
