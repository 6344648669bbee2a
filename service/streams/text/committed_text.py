"""The finished part of a line, in pieces that know the labels they were signed with. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from scaleglove.spelling import REST, Piece, Spelling

MAX_COMMITTED: Final = 1000
"""Characters of the line that are kept; older ones are dropped."""

_REOPENED: Final = 9
"""Pieces that become the current word again: as syllables, of up to seven letters each, they fit into a word."""


class CommittedText:
    """Committed text; `text` is its present state."""

    def __init__(self) -> None:
        self.text = ""
        self._pieces: deque[Piece] = deque()

    def write(self, pieces: Iterable[Piece]) -> None:
        """Append pieces; drop the oldest ones beyond MAX_COMMITTED."""
        self._pieces += pieces
        length = sum(len(piece.text) for piece in self._pieces)
        while length > MAX_COMMITTED:
            length -= len(self._pieces.popleft().text)
        self._join()

    def write_space(self) -> None:
        """Append a space, unless there is one or nothing is written."""
        if self.text and not self.text.endswith(REST):
            self.write([Piece(REST)])

    def remove_space(self) -> bool:
        """Remove the space at the end; return whether there was one."""
        if not self.text.endswith(REST):
            return False
        self._pieces.pop()
        self._join()
        return True

    def replace_end(self, old: Sequence[Piece], new: Iterable[Piece]) -> bool:
        """Replace the pieces that the line ends with, but for a space; return whether they are these."""
        pieces = list(self._pieces)
        spaces = [pieces.pop()] if pieces and pieces[-1] == Piece(REST) else []
        if not old or pieces[-len(old) :] != list(old):
            return False
        self._pieces = deque([*pieces[: -len(old)], *new, *spaces])
        self._join()
        return True

    def reopen(self, spelling: Spelling, most: int) -> list[str]:
        """Remove the last word, or its end of at most `most` labels, and return its labels."""
        taken = list(self._last_word(spelling, most))
        for _ in taken:
            self._pieces.pop()
        self._join()
        return [label for piece in reversed(taken) for label in piece.labels]

    def clear(self) -> None:
        """Remove everything."""
        self._pieces.clear()
        self._join()

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

    def _join(self) -> None:
        self.text = "".join(piece.text for piece in self._pieces)
