"""What of a stream's line is typed, and when. Pure.

The service sends the whole line at each change. What may still change with the next letter is not typed: a Hangul
syllable at the end of the current word (하 may become 한), or single letters there (ㄱㄱ may become 까). Letters of
other scripts are typed at once. Where the service changes what is typed already (another reading of a word, or an
edit), the end of it is erased by the Backspace key, but never more than what was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from scaleglove.protocol import Text

_UNFINISHED: Final = re.compile("[가-힣]?[ㄱ-ㆎ]*$")
"""What the next letter may change: the last syllable and the single letters after it (갃ㅅ may become 각싸)."""

_MOST_ERASED: Final = 100
"""Characters that one change erases: more than a word has. Where more differ, the service has cut off the beginning of
the line, or it is another line."""


@dataclass(frozen=True, slots=True)
class Keystrokes:
    """Number of characters to erase by Backspace, and the text to write after that."""

    erase: int
    write: str

    def __bool__(self) -> bool:
        return self.erase > 0 or self.write != ""


class TypedLine:
    """The line of one stream, as far as it is typed."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin the line of a new stream; what the last one typed stays."""
        self._line = ""
        self._typed = 0  # characters at its end that were typed, and not into another program
        self._is_new = True

    def update(self, text: Text) -> Keystrokes:
        """Return what to type for the line as it now is.

        A line that is empty after more than one character was cleared: nothing is erased for that. A stream whose line
        has words from the beginning is continued: only what follows them is typed.
        """
        line = text.committed + _UNFINISHED.sub("", text.composing)
        before, self._line = self._line, line
        is_continued, self._is_new = self._is_new and text.committed != "", False
        # A word that ends and is not written leaves its letters.
        is_cleared = not (line or text.composing or text.letters) and len(before) > 1
        kept = None if is_continued or is_cleared else _kept(before, line)
        if kept is None:
            self._typed = 0
            return Keystrokes(0, "")
        erase = min(len(before) - kept.before, self._typed)
        write = line[kept.line :]
        self._typed += len(write) - erase
        return Keystrokes(erase, write)

    def abandon(self) -> None:
        """Never erase what was typed until now: another program has the focus, or it was not typed at all."""
        self._typed = 0


@dataclass(frozen=True, slots=True)
class _Kept:
    """How many characters of two lines, from their beginnings, need no typing."""

    before: int
    line: int


def _kept(before: str, line: str) -> _Kept | None:
    """Return what two lines have in common at the beginning, which the new one may have lost a part of; None: nothing
    that matters."""
    for lost in range(len(before) + 1):
        common = _common(before[lost:], line)
        if len(before) - lost - common <= _MOST_ERASED and (lost == 0 or common > _MOST_ERASED):
            return _Kept(lost + common, common)
    return None


def _common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
