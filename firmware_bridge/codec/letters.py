"""The letter that a glove itself recognises: five small numbers, in a packet of their own or in a line. Pure.

docs/reference/link.md is the specification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from firmware_bridge.codec.events import LetterRead
from scaleglove.channels import MAX_TIME_MS

SCALES: Final = 3
MOST: Final = 200
"""Labels of a vocabulary: `scaleglove.vocabulary.MOST_LABELS`, which this package does not import."""

_WHOLE: Final = 255
"""A share or a confidence of 1."""

_LINE: Final = re.compile(rb"letter" + 5 * rb" (\d{1,3})" + rb" at (\d{1,16}(?:\.\d{1,3})?)")


def to_numbers(place: int, confidence: float, shares: Sequence[float] | None = None) -> tuple[int, ...]:
    """Return the letter's index in its vocabulary, confidence and three shares (all 0: not given) in 255ths, as sent.

    Raises:
        ValueError: the index is not from 0 to 199, or a share not from 0 to 1.
    """
    if not 0 <= place < MOST:
        raise ValueError(f"a letter's index must be from 0 to {MOST - 1}, not {place}")
    fractions = (confidence, *(shares or (0.0,) * SCALES))
    if len(fractions) != 1 + SCALES or not all(0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(f"a confidence and {SCALES} shares must be from 0 to 1, not {fractions}")
    return (place, *(round(_WHOLE * fraction) for fraction in fractions))


def from_numbers(t_ms: float, numbers: Sequence[int], seq: int | None = None) -> LetterRead | None:
    """Return the letter of five numbers as sent; None if they are out of range."""
    place, *fractions = numbers
    if place >= MOST or max(fractions) > _WHOLE:
        return None
    confidence, small, middle, large = (fraction / _WHOLE for fraction in fractions)
    shares = (small, middle, large) if any(fractions[1:]) else None
    return LetterRead(t_ms, place, confidence, shares, seq)


def to_remark(t_ms: float, place: int, confidence: float, shares: Sequence[float] | None = None) -> str:
    """Return the letter as a line in text, without its `#`."""
    return f"letter {' '.join(map(str, to_numbers(place, confidence, shares)))} at {t_ms:.3f}"


def from_remark(text: bytes) -> LetterRead | None:
    """Return the letter of a `#` line in text; None if it is a remark."""
    found = _LINE.fullmatch(text)
    if found is None or (t_ms := float(found[6])) >= MAX_TIME_MS:
        return None
    return from_numbers(t_ms, [int(number) for number in found.groups()[:5]])
