"""What a word teaches of the hand that signed it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a word teaches of the hand: the shape that was held until `end_ms` was label `label` of the vocabulary.
    `margin`: the word's lead over the next spelling, in log score; infinite where the wearer says so."""

    end_ms: float
    label: int
    margin: float
