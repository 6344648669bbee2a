"""Whether a word that has ended was meant. Pure.

A hand that rests or moves about comes to shapes like letters, for moments, or for much longer than a letter lasts. What
they spell is written only where its language knows it, or where a letter of it was held as letters are.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from service.streams.words.present_hold import PresentHold
from service.streams.words.word_decoder import DecodedWord

LEAST_LETTERS: Final = 3
"""Written letters of a word that is believed for being in the list: of one or two the list has too many by chance, and
a hand that is not known is often taken to have signed more than was written (docs/reports/silence.md)."""


def is_held_well(hold: PresentHold, least: float, *, is_paced: bool) -> bool:
    """Tell whether a hold was as long as a letter's, and shows the letter that was written for it with a probability of
    `least` or more. As long as the hand's pace is not known (`is_paced` False), none is too long: a beginner's first
    letters would vanish."""
    if hold.label is None or not (hold.is_like_a_letter or (hold.is_long and not is_paced)):
        return False
    likely = np.exp(hold.logarithms - hold.logarithms.max())
    return bool(likely[hold.label] >= least * likely.sum())


def is_believed(word: DecodedWord, *, has_held: bool) -> bool:
    """Tell whether a word was meant; `has_held`: a letter of it was held well."""
    return has_held or (word.in_list and len(word.raw) >= LEAST_LETTERS)
