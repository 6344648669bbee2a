"""What words teach of holds, and which hold a bounded memory of a hand forgets first. Pure.

What a word has shown of a hold is worth more than a hold of which nothing is known: the first teaches the letter for as
long as it is remembered, and the second may have been a rest. So those that no word has shown go first, but for the
newest, whose word may not have ended. Then goes the oldest of the letter that has the most: over time a glove shifts on
the hand, and in text few letters are most of all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

LEAST_MARGIN: Final = 0.5
"""Lead of a word from which on it teaches anything."""
SURE_MARGIN: Final = 3.0
"""Lead with which what it teaches is believed at 1 - 1/e."""

UNTAUGHT: Final = 48
"""Newest holds of which a word may still say what they were: the longest words have some twenty letters, with halts
between them."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a hold showed, as a word says: `letter`, and with which `weight`, above 0 and up to 1, that is believed."""

    letter: int
    weight: float

    @classmethod
    def by_margin(cls, letter: int, margin: float) -> Self | None:
        """Return what a word teaches that leads the next one by `margin` in log score; None: too little is sure."""
        return cls(letter, -math.expm1(-margin / SURE_MARGIN)) if margin >= LEAST_MARGIN else None


def first_forgotten(end_times: Sequence[float], taught: Mapping[float, Taught]) -> int:
    """Return the index of the hold that is forgotten.

    Args:
        end_times: of the holds that are remembered, the oldest first; at least one.
        taught: by the end of a hold, what a word has shown of it.
    """
    older = end_times[: max(1, len(end_times) - UNTAUGHT)]
    untaught = next((index for index, end_ms in enumerate(older) if end_ms not in taught), None)
    if untaught is not None:
        return untaught
    letters = [taught[end_ms].letter if end_ms in taught else None for end_ms in end_times]
    (most, _), *_ = Counter(letter for letter in letters if letter is not None).most_common(1)
    return letters.index(most)
