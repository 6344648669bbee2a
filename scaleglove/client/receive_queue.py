"""What has come and is not read yet, in bounded memory. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from scaleglove.protocol import Prediction, ServerMessage

MAX_UNREAD: Final = 1024
"""Over a minute of predictions at the usual ten a second."""


class ReceiveQueue:
    """Messages in order. When it is full the oldest prediction makes room, or where there is none the oldest message.

    Predictions age: the next one says all that the last one said. `dropped` counts what made room.
    """

    def __init__(self, capacity: int = MAX_UNREAD) -> None:
        self._capacity = capacity
        self._messages: deque[ServerMessage] = deque()
        self.dropped = 0

    def put(self, message: ServerMessage) -> None:
        """Add the newest message."""
        if len(self._messages) == self._capacity:
            del self._messages[self._oldest_prediction()]
            self.dropped += 1
        self._messages.append(message)

    def take(self) -> ServerMessage | None:
        """The oldest message; None when all are read."""
        return self._messages.popleft() if self._messages else None

    def _oldest_prediction(self) -> int:
        return next((place for place, message in enumerate(self._messages) if isinstance(message, Prediction)), 0)
