"""The letter that a glove itself says: five small numbers, in a packet of their own or in a remark. Pure.

docs/link.md is the specification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from firmware_bridge.codec.events import LetterRead
from scaleglove.channels import MAX_TIME_MS
from scaleglove.letters import LETTERS

SCALES: Final = 3
_WHOLE: Final = 255
"""A share or a confidence of 1."""

_REMARK: Final = re.compile(rb"letter" + 5 * rb" (\d{1,3})" + rb" at (\d{1,16}(?:\.\d{1,3})?)")


def to_numbers(letter: str, confidence: float, shares: Sequence[float] | None = None) -> tuple[int, ...]:
    """The letter's place in the alphabet, confidence and three shares (all 0: not said) in 255ths, as they travel.

    Raises:
        ValueError: no such letter, or a share that is not from 0 to 1.
    """
    fractions = (confidence, *(shares or (0.0,) * SCALES))
    if len(fractions) != 1 + SCALES or not all(0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(f"a confidence and {SCALES} shares are from 0 to 1, not {fractions}")
    return (LETTERS.index(letter), *(round(_WHOLE * fraction) for fraction in fractions))


def from_numbers(t_ms: float, numbers: Sequence[int], seq: int | None = None) -> LetterRead | None:
    """The letter of five numbers as they travel; None: they are no letter's."""
    place, *fractions = numbers
    if place >= len(LETTERS) or max(fractions) > _WHOLE:
        return None
    confidence, small, middle, large = (fraction / _WHOLE for fraction in fractions)
    shares = (small, middle, large) if any(fractions[1:]) else None
    return LetterRead(t_ms, LETTERS[place], confidence, shares, seq)


def to_remark(t_ms: float, letter: str, confidence: float, shares: Sequence[float] | None = None) -> str:
    """The letter as text has it."""
    return f"letter {' '.join(map(str, to_numbers(letter, confidence, shares)))} at {t_ms:.3f}"


def from_remark(text: bytes) -> LetterRead | None:
    """The letter that a remark in text says; None: it says something else."""
    said = _REMARK.fullmatch(text)
    if said is None or (t_ms := float(said[6])) >= MAX_TIME_MS:
        return None
    return from_numbers(t_ms, [int(number) for number in said.groups()[:5]])
