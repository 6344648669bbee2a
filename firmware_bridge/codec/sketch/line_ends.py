"""The ends of a sketch's lines: LF, or CR where nothing else ends them. Pure.

docs/reference/link.md, "Ends of lines", is the specification.
"""

from __future__ import annotations

import re
from typing import Final

from firmware_bridge.codec.lines import MAX_LINE_BYTES

_CR_ENDS: Final = 3
"""Carriage returns inside one line, from which on they end lines: a flipped bit makes one of a minus sign."""
_INSIDE: Final = re.compile(rb"[^\r]\r+(?=[^\r])")
_ANY_END: Final = re.compile(rb"[\r\n]")


class LineEnds:
    """The divider of text into lines; any division of the text into pieces gives the same lines."""

    def __init__(self) -> None:
        self.is_cr = False
        """Whether CR ends lines at present."""

    def divide(self, text: bytes, is_skipping: bool) -> list[bytes]:
        """Return the lines that the text ends, and behind them the beginning of the next one.

        `is_skipping`: the text goes on in a line that is too long, which the next LF or CR ends.
        """
        lines: list[bytes] = []
        if is_skipping:
            end = _ANY_END.search(text)
            if end is None:
                return [text]
            self.is_cr = self.is_cr and end[0] == b"\r"
            lines, text = [text[: end.start()]], text[end.end() :]
        *segments, rest = text.split(b"\n")
        for segment in segments:
            lines += self._divide_at_cr(segment)
            self.is_cr = False
        return lines + self._divide_at_cr(rest)

    def _divide_at_cr(self, text: bytes) -> list[bytes]:
        """Return the lines in text that has no LF."""
        if not self.is_cr and len(text) <= MAX_LINE_BYTES and text.count(b"\r") < _CR_ENDS:
            return [text]
        lines: list[bytes] = []
        # Whether a line is too long is decided when byte 513 comes, by what has come until then.
        while not self.is_cr and len(text) > MAX_LINE_BYTES and not _INSIDE.search(text, 0, MAX_LINE_BYTES + 1):
            end = text.find(b"\r", MAX_LINE_BYTES + 1)
            if end < 0:
                return [*lines, text]
            lines.append(text[:end])
            text = text[end + 1 :]
        self.is_cr = self.is_cr or len(text) > MAX_LINE_BYTES or len(_INSIDE.findall(text)) >= _CR_ENDS
        return lines + (text.split(b"\r") if self.is_cr else [text])
