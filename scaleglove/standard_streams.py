"""Standard streams of a command: an output that cannot be written is named, and a closed one is no other file."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, Final

OUTPUT: Final = "standard output"
"""The `filename` of an OSError that writing to it raises."""

_STREAMS: Final = ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY))
"""What stands in for a stream that is closed. Reading input and writing output fail as before; errors go nowhere."""


class _Output(io.FileIO):
    """Standard output, whose errors say what failed."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.failure = OSError(error.errno, error.strerror, OUTPUT)
            raise self.failure from None


class StandardOutput:
    """Standard output of a command, from `install` to `finish`."""

    def __init__(self) -> None:
        self._raw: _Output | None = None

    def install(self) -> None:
        """Take the place of sys.stdout, unless something else has, such as a test."""
        _occupy_closed()
        if sys.stdout is not sys.__stdout__:
            return
        self._raw = _Output(1, "w", closefd=False)
        given: Any = sys.__stdout__
        is_terminal = self._raw.isatty()
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(self._raw),
            encoding="utf-8" if given is None else given.encoding,
            errors=None if given is None else given.errors,
            line_buffering=is_terminal or bool(given and given.line_buffering),
        )
        if sys.stderr is None:
            sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115

    def finish(self, *, failed: bool) -> OSError | None:
        """Write what is left, and return why the output could not be written, if that ended the command.

        `failed`: the command has failed. One that has not, though its reader left, ends as it is meant to.
        """
        if self._raw is None:
            return None
        try:
            sys.stdout.flush()
        except OSError as error:
            failed, self._raw.failure = True, self._raw.failure or error
            # Python flushes again at exit, and would report the error in its own way.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return self._raw.failure if failed else None


def _occupy_closed() -> None:
    """Open the null device where a stream is closed: the next file would get its number, and be written into."""
    for number, mode in _STREAMS:
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, mode)  # the lowest free number
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
