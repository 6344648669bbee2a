"""Which of several readings of the same letters is meant: 학교 or 하꾜. Pure.

The letters are never changed, only where one syllable ends and the next begins. `words.txt` has words and stems in
which equal consonants meet; the reading that begins with the longest of them is taken, else that of the rules.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from scaleglove.hangul.syllables import syllabifications

MOST_READINGS: Final = 64
"""Looked at, of a word; there are two for each pair of equal consonants in it."""


def read_word(letters: str) -> str:
    """The text of one word's letters.

    Raises:
        ValueError: something else than the 24 letters is among them.
    """
    readings = list(islice(syllabifications(letters), MOST_READINGS))
    return max(readings, key=_known) if len(readings) > 1 else readings[0]  # of equals the first: that of the rules


def _known(reading: str) -> int:
    """How many syllables the longest word has that it begins with."""
    return next((size for size in range(len(reading), 0, -1) if reading[:size] in _words()), 0)


@cache
def _words() -> frozenset[str]:
    text = Path(__file__).with_name("words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
