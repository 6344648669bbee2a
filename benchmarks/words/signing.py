"""The holds of a word as they reach its decoder: recorded letters, some missed, false, or read once for twice. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.words.held_letters import HeldLetters
from service.streams.words.signed_letter import SignedLetter


@dataclass(frozen=True, slots=True)
class Faults:
    """How often holds are not read as they were signed, of all letters."""

    missed: float = 0.0
    false: float = 0.0
    again: float = 0.0
    """A letter that is read twice."""
    once: float = 0.0
    """The second of two equal letters that is not read, of all such."""


NONE: Final = Faults()
SOME: Final = Faults(missed=0.03, false=0.02, again=0.02, once=0.3)
"""As in the stream benchmark, where some letters of a hundred are missed or false."""


def sign(
    labels: Sequence[int], hand: HeldLetters, faults: Faults, rng: np.random.Generator
) -> Iterator[tuple[SignedLetter, int | None]]:
    """Yield the holds that are read of a word, each with the label that was held; None: no letter was."""
    before = -1
    for label in labels:
        is_missed = rng.random() < (faults.once if label == before else faults.missed)
        before = label
        if is_missed:
            continue
        hold = hand.draw(label, rng)
        yield hold, label
        if rng.random() < faults.again:
            yield hold, label
        if rng.random() < faults.false:
            yield hand.draw(int(rng.integers(hold.log_scores.size - 1)), rng), None
