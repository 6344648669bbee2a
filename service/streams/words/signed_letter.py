"""A hold of the hand as a word's decoder takes it, and what it says of each letter of the language. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.vocabulary import Vocabulary

LEAST: Final = -8.0
"""Score of a letter that a hold speaks against most: whole holds are wrong, and then their scores are no measure of
how much. So one wrong letter never outweighs all others of a word."""

Emission = NDArray[np.float64]
"""Scores of the language's letters for one hold: 0 for the most likely one, -inf for what the vocabulary lacks."""


@dataclass(frozen=True, slots=True, eq=False)
class SignedLetter:
    """A hold. `log_scores` float64[labels] or, with that of none of them last, float64[labels + 1], are pooled over it;
    what they sum to does not matter. `label` is what was written for it; None: nothing was. `is_letter` False: it may
    well be none, such as a halt within a movement."""

    log_scores: NDArray[np.float64]
    label: int | None
    is_letter: bool = True


class Emissions:
    """What holds say of the letters of a language, where they are labels of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, letters: Sequence[str], sharpness: float) -> None:
        names = [label.lower() for label in vocabulary.names]
        self.labels = tuple(names.index(letter) if letter in names else -1 for letter in letters)
        """The label of each letter; -1: the vocabulary lacks it."""
        self._sharpness = sharpness
        self._lacking = np.array(self.labels) < 0

    def of(self, signed: SignedLetter) -> Emission:
        """Return the scores of the letters for a hold."""
        scores = np.where(self._lacking, -np.inf, np.nan_to_num(signed.log_scores, nan=-np.inf)[list(self.labels)])
        highest = scores.max()
        if not np.isfinite(highest):  # nothing is known of the hold but what was written
            scores = np.where(np.array(self.labels) == signed.label, 0.0, -np.inf)
            highest = 0.0
        with np.errstate(over="ignore"):  # a hold may be infinitely sure
            emission: Emission = np.maximum(self._sharpness * (scores - highest), LEAST)
        emission[self._lacking] = -np.inf
        return emission
