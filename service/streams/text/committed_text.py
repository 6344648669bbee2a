"""The finished part of a line, in pieces that know the labels they were signed with. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from scaleglove.spelling import REST, Piece, Spelling

MAX_COMMITTED: Final = 1000
"""Characters of the line that are kept; older ones are dropped."""

_REOPENED: Final = 9
"""Pieces that become the current word again: as syllables, of up to seven letters each, they fit into a word."""

_SHARED: Final = 4096
"""Pieces that streams share: the syllables and words of a language recur, and one takes some 300 bytes."""

_SPACE: Final = Piece(REST)


class CommittedText:
    """Committed text; `text` is its present state."""

    def __init__(self) -> None:
        self.text = ""
        self._pieces: deque[Piece] = deque()

    def write(self, pieces: Iterable[Piece]) -> None:
        """Append pieces; drop the oldest ones beyond MAX_COMMITTED."""
        self._append(pieces)
        dropped = 0
        while len(self.text) - dropped > MAX_COMMITTED:
            dropped += len(self._pieces.popleft().text)
        self.text = self.text[dropped:]

    def write_space(self) -> None:
        """Append a space, unless there is one or nothing is written."""
        if self.text and not self.text.endswith(REST):
            self.write([_SPACE])

    def remove_space(self) -> bool:
        """Remove the space at the end; return whether there was one."""
        if not self.text.endswith(REST):
            return False
        self._remove(1)
        return True

    def replace_end(self, old: Sequence[Piece], new: Iterable[Piece]) -> bool:
        """Replace the pieces that the line ends with, but for a space; return whether they are these."""
        spaces = int(bool(self._pieces) and self._pieces[-1] == _SPACE)
        ending = list(islice(reversed(self._pieces), spaces, spaces + len(old)))
        if not old or ending != list(reversed(old)):
            return False
        self._remove(spaces + len(old))
        self._append([*new, *[_SPACE] * spaces])
        return True

    def reopen(self, spelling: Spelling, most: int) -> list[str]:
        """Remove the last word, or its end of at most `most` labels, and return its labels."""
        taken = list(self._last_word(spelling, most))
        self._remove(len(taken))
        return [label for piece in reversed(taken) for label in piece.labels]

    def clear(self) -> None:
        """Remove everything."""
        self._pieces.clear()
        self.text = ""

    def _last_word(self, spelling: Spelling, most: int) -> Iterator[Piece]:
        """Yield the pieces of the last word from its end: letters, or one label that is a word."""
        count = 0
        for piece in islice(reversed(self._pieces), _REOPENED):
            is_sign = any(map(spelling.is_word, piece.labels))
            if not piece.labels or (count and (is_sign or count + len(piece.labels) > most)):
                return
            yield piece
            count += len(piece.labels)
            if is_sign:
                return

    def _append(self, pieces: Iterable[Piece]) -> None:
        shared = [_shared(piece) for piece in pieces]
        self._pieces += shared
        self.text += "".join(piece.text for piece in shared)

    def _remove(self, count: int) -> None:
        """Remove the last pieces."""
        length = sum(len(self._pieces.pop().text) for _ in range(count))
        self.text = self.text[: len(self.text) - length]


@lru_cache(maxsize=_SHARED)
def _shared(piece: Piece) -> Piece:
    """Return the piece that equals this one in all streams."""
    return piece
