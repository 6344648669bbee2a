"""The output of one stream in order: messages queue behind the windows they depend on. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from scaleglove.protocol import ServerMessage
from service.streams.user_adaptation import UserAdaptation, WindowEvidence
from service.streams.window import DueWindow


@dataclass(slots=True, eq=False)
class PendingWindow:
    """A window in the queue, and the evidence of the model's output once that is there."""

    due: DueWindow
    """As the model sees it."""
    raw: NDArray[np.float32]
    """Its frames as the glove read them, float32[n, 8]."""
    adaptation: UserAdaptation
    is_asked: bool
    """False: it is too short for a model, and needs no output."""
    held: PendingWindow | None = None
    """Its newest part, queued before it, by which signs that do not move are judged; None: the whole of it."""
    is_part: bool = False
    """It is the newest part of the next one: it has no answer of its own."""
    evidence: WindowEvidence | None = None


Output = Callable[[], Iterable[ServerMessage]]
"""A step in the queue: it is called in its turn and returns the messages to send."""


class OutputQueue:
    """Windows in the order in which they fell due, and between them what is to be sent after each."""

    def __init__(self) -> None:
        self._queue: deque[PendingWindow | Output] = deque()
        self._unanswered: deque[PendingWindow] = deque()
        self.is_closed = False

    def __len__(self) -> int:
        """Return the number of windows without an answer."""
        return len(self._unanswered)

    def put(self, output: Output) -> None:
        """Queue a step behind all windows so far."""
        self._queue.append(output)

    def put_message(self, message: ServerMessage) -> None:
        """Queue a message behind all windows so far."""
        self._queue.append(partial(iter, (message,)))

    def put_window(self, window: PendingWindow) -> None:
        """Queue a window."""
        self._queue.append(window)
        if window.is_asked:
            self._unanswered.append(window)

    def drop_last(self) -> None:
        """Remove the window that was queued last, with nothing behind it."""
        self._unanswered.pop()
        self._queue.pop()

    def take(self, due: DueWindow | None) -> PendingWindow:
        """Return a window that now gets its answer, the oldest by default; the caller sets its `evidence`."""
        index = 0 if due is None else next(i for i, window in enumerate(self._unanswered) if window.due is due)
        window = self._unanswered[index]
        del self._unanswered[index]
        return window

    def clear(self) -> None:
        """Remove everything."""
        self._queue.clear()
        self._unanswered.clear()

    def close(self) -> None:
        """Yield nothing after the current step."""
        self.is_closed = True

    def drain(self, predict: Callable[[PendingWindow], Iterable[ServerMessage]]) -> Iterator[ServerMessage]:
        """Yield what can be sent now, up to a window without an answer; `predict` gives the messages of a window."""
        while self._queue and not self.is_closed:
            item = self._queue[0]
            if not isinstance(item, PendingWindow):
                self._queue.popleft()
                yield from item()
            elif item.is_asked and item.evidence is None:
                return
            else:
                self._queue.popleft()
                yield from predict(item)
