"""Korean: letters become syllables, and a list of words chooses among the readings of the same letters. Pure.

Readings such as 학교 and 하꾜 differ in the boundaries between syllables alone; the most probable one is chosen
(`korean_reading`), or without a list that of the rules (`scaleglove.hangul.syllables`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose
from scaleglove.letters import LETTERS
from scaleglove.signed_text import REST, SpellingError
from scaleglove.spelling.korean_reading import GrowingReading, KoreanReader
from scaleglove.spelling.spelling import Piece, Spelling
from scaleglove.vocabulary import Vocabulary


class Korean(Spelling):
    """The 24 letters as Hangul; any other label is a word."""

    def __init__(self, vocabulary: Vocabulary, *, lexicon: bool = True) -> None:
        super().__init__(vocabulary)
        self._lexicon = lexicon

    @cached_property
    def _read(self) -> Callable[[str], str]:
        """The reader of words; the list is loaded for the first letter, not where a text is only signed."""
        return GrowingReading(KoreanReader.of_package()).read if self._lexicon else compose

    def is_word(self, label: str) -> bool:
        """Return whether a label is none of the 24 letters."""
        return label not in LETTERS

    def labels(self, text: str) -> list[str]:
        """Return the letters of `text`, and `REST` for each run of white space.

        Raises:
            SpellingError: a character is neither Hangul nor white space, or the vocabulary lacks a letter.
        """
        signed = letters(text)
        lacking = [letter for letter in signed if letter not in self._texts and letter != REST]
        if lacking:
            raise SpellingError(f"the text has the letter {lacking[0]}, which the vocabulary lacks")
        return signed

    def compose(self, word: Sequence[str], before: str) -> str:
        """Return the word's syllables, or the text of the label that is a word."""
        if word and self.is_word(word[0]):
            return self._texts.get(word[0], word[0])
        return self._read("".join(word))

    def finish(self, word: Sequence[str], before: str) -> list[Piece]:
        """Return the word's syllables, each with its letters."""
        text = self.compose(word, before)
        if word and self.is_word(word[0]):
            return [Piece(text, tuple(word))]
        return [Piece(syllable, tuple(letters(syllable))) for syllable in text]
