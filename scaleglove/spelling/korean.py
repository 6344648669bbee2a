"""Korean: letters become syllables, and a list of words chooses among the readings of the same letters. Pure.

Readings such as 학교 and 하꾜 differ in the boundaries between syllables alone. `korean_words.txt` has words and stems
in which equal consonants meet; the reading that begins with the longest of them is chosen, else that of the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Final

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose, syllabifications
from scaleglove.letters import LETTERS
from scaleglove.signed_text import REST, SpellingError
from scaleglove.spelling.spelling import Piece, Spelling
from scaleglove.spelling.word_list import read_words
from scaleglove.vocabulary import Vocabulary

MOST_READINGS: Final = 64
"""Readings of a word that are compared; each pair of equal consonants in it doubles them."""


class Korean(Spelling):
    """The 24 letters as Hangul; any other label is a word."""

    def __init__(self, vocabulary: Vocabulary, *, lexicon: bool = True) -> None:
        super().__init__(vocabulary)
        self._read = read_word if lexicon else compose

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


def read_word(letters: str) -> str:
    """Return the text of one word's letters.

    Raises:
        ValueError: a character is none of the 24 letters.
    """
    readings = list(islice(syllabifications(letters), MOST_READINGS))
    return max(readings, key=_known) if len(readings) > 1 else readings[0]  # the first of equals is that of the rules


def _known(reading: str) -> int:
    """Return the number of syllables of the longest word that it begins with."""
    return next((size for size in range(len(reading), 0, -1) if reading[:size] in known_words()), 0)


@cache
def known_words() -> frozenset[str]:
    """Return the words and stems of the list."""
    return frozenset(read_words("korean"))
