"""A glove on a pseudo-terminal, which prints what a test gives it."""

from __future__ import annotations

import os
import time
import tty
from collections.abc import Iterable


class PtyGlove:
    """A glove at `path`, whose lines end with `end`."""

    def __init__(self, end: str = "\r\n") -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave  # kept open, so that nothing is lost while the bridge opens its own
        self._end = end

    def print(self, first: str, lines: Iterable[tuple[float, str]], speed: float) -> None:
        """Print a line, then each of `lines` at its device time in ms, `speed` times as fast as it would come."""
        begun = time.monotonic()
        self._write(first)
        for t_ms, line in lines:
            ahead_s = t_ms / 1000 / speed - (time.monotonic() - begun)
            if ahead_s > 0:
                time.sleep(ahead_s)
            self._write(line)

    def close(self) -> None:
        os.close(self._slave)
        os.close(self._master)

    def _write(self, line: str) -> None:
        rest = (line + self._end).encode()
        while rest:
            rest = rest[os.write(self._master, rest) :]
