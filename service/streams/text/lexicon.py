"""The choice among several readings of the same letters, such as 학교 or 하꾜. Pure.

The letters never change, only the boundaries between syllables. `words.txt` has words and stems in which equal
consonants meet; the reading that begins with the longest of them is chosen, else that of the rules.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from scaleglove.hangul.syllables import syllabifications

MOST_READINGS: Final = 64
"""Readings of a word that are compared; each pair of equal consonants in it doubles them."""


def read_word(letters: str) -> str:
    """Return the text of one word's letters.

    Raises:
        ValueError: a character is none of the 24 letters.
    """
    readings = list(islice(syllabifications(letters), MOST_READINGS))
    return max(readings, key=_known) if len(readings) > 1 else readings[0]  # the first of equals is that of the rules


def _known(reading: str) -> int:
    """Return the number of syllables of the longest word that it begins with."""
    return next((size for size in range(len(reading), 0, -1) if reading[:size] in _words()), 0)


@cache
def _words() -> frozenset[str]:
    text = Path(__file__).with_name("words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
