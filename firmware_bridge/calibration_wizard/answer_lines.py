"""Lines of answers, read in a thread: what the user has typed can be looked at without waiting for it."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread
from typing import TextIO


class AnswerLines:
    """The lines of a text stream, in order; an empty one for its end."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._is_over = False
        Thread(target=self._read, daemon=True).start()  # ends with the process: a read cannot be interrupted

    def readline(self) -> str:
        """Wait for the next line and return it; empty: there are no more."""
        if self._is_over:
            return ""
        return self._took(self._lines.get())

    def typed(self) -> str | None:
        """Return the next line if it is there already; None: there is none, or there are no more."""
        try:
            return self._took(self._lines.get_nowait()) or None
        except Empty:
            return None

    def _took(self, line: str) -> str:
        self._is_over = self._is_over or not line
        return line

    def _read(self) -> None:
        while line := self._answers.readline():
            self._lines.put(line)
        self._lines.put("")
