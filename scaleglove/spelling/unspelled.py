"""Signs that spell nothing: each label is a word. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scaleglove.signed_text import SpellingError
from scaleglove.spelling.spelling import Piece, Spelling


class Unspelled(Spelling):
    """Labels that each stand for themselves; their texts are joined by spaces."""

    def is_word(self, label: str) -> bool:
        """Return True: every label is a word of its own."""
        return True

    def labels(self, text: str) -> list[str]:
        """Return the labels whose texts or names stand in `text`, the longest first where several fit.

        Raises:
            SpellingError: a word of it is no label.
        """
        return list(self._found(text.split()))

    def compose(self, word: Sequence[str], before: str) -> str:
        """Return the texts of the labels."""
        return " ".join(self._texts.get(label, label) for label in word)

    def finish(self, word: Sequence[str], before: str) -> list[Piece]:
        """Return the texts of the labels in one piece."""
        return [Piece(self.compose(word, before), tuple(word))]

    def _found(self, words: list[str]) -> Iterator[str]:
        names = {text: label for label, text in self._texts.items()} | {label: label for label in self._texts}
        while words:
            sizes = range(len(words), 0, -1)
            size = next((size for size in sizes if " ".join(words[:size]) in names), None)
            if size is None:
                raise SpellingError(f"{words[0]!r} of the text is no sign of the vocabulary: {', '.join(self._texts)}")
            yield names[" ".join(words[:size])]
            words = words[size:]
