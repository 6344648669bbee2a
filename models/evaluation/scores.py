"""Scores: accuracy, confusion, calibration error, and their spread over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Answers by bin of confidence, [15] each, that can be added over parts: `count` int64 answers, `right` int64 right
    ones, `confidence` float64 their sum of confidence."""

    count: NDArray[np.int64]
    right: NDArray[np.int64]
    confidence: NDArray[np.float64]

    @classmethod
    def of(cls, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Self:
        """Count n answers, which may be none: confidence float64[n] from 0 to 1, and bool[n] which are right."""
        bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
        return cls(
            np.bincount(bins, minlength=BINS).astype(np.int64),
            np.bincount(bins[right], minlength=BINS).astype(np.int64),
            np.bincount(bins, weights=confidence, minlength=BINS).astype(np.float64),
        )

    @classmethod
    def total(cls, bins: Iterable[Bins]) -> Self:
        """Add bins up, one at least."""
        parts = list(bins)
        return cls(*(np.sum([getattr(part, name) for part in parts], axis=0) for name in cls.__slots__))

    @property
    def answers(self) -> int:
        """Number of answers."""
        return int(self.count.sum())

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of one answer or more, see the function of this name."""
        return 100 * float(np.abs(self.right - self.confidence).sum()) / self.answers

    def as_dict(self) -> dict[str, str]:
        """Return the counts as JSON, with a row of numbers as one text to keep files readable."""
        return {
            "count": row_of(self.count.tolist()),
            "right": row_of(self.right.tolist()),
            "confidence": row_of([round(total, 6) for total in self.confidence.tolist()]),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        return cls(
            np.array(stored["count"].split(), np.int64),
            np.array(stored["right"].split(), np.int64),
            np.array(stored["confidence"].split(), np.float64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts that can be added over parts. `confusion` int64[labels, labels]: row the letter shown, column the letter
    named; and `bins`, the answers by confidence."""

    confusion: NDArray[np.int64]
    bins: Bins

    @classmethod
    def of(cls, probabilities: NDArray[np.float32], letters: Sequence[int]) -> Self:
        """Count from probabilities float32[n, labels] and the n letters shown, as indices.

        Raises:
            ValueError: n is 0 or differs between the two, a probability is not a number from 0 to 1, or a row does not
                sum to 1.
        """
        shown = np.asarray(letters, np.int64)
        if not len(shown) or len(probabilities) != len(shown):
            raise ValueError(f"probabilities {probabilities.shape} do not answer for {len(shown)} letters")
        if not ((probabilities >= 0) & (probabilities <= 1 + 1e-4)).all():
            raise ValueError("a probability is not a number from 0 to 1")
        if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
            raise ValueError("probabilities do not sum to 1")
        named = probabilities.argmax(axis=1)
        confusion = np.zeros((probabilities.shape[1],) * 2, np.int64)
        np.add.at(confusion, (shown, named), 1)
        return cls(confusion, Bins.of(probabilities.max(axis=1).astype(np.float64), named == shown))

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Self:
        """Add tallies up, one at least."""
        parts = list(tallies)
        return cls(np.sum([part.confusion for part in parts], axis=0), Bins.total(part.bins for part in parts))

    @property
    def answers(self) -> int:
        """Number of answers."""
        return self.bins.answers

    @property
    def accuracy(self) -> float:
        """Accuracy in percent."""
        return 100 * float(np.trace(self.confusion)) / self.answers

    @property
    def f1(self) -> float:
        """The mean F1 score of the letters shown, in percent (macro average)."""
        right, shown, named = np.diag(self.confusion), self.confusion.sum(axis=1), self.confusion.sum(axis=0)
        return 100 * float(np.mean((2 * right / np.maximum(shown + named, 1))[shown > 0]))

    @property
    def calibration_error(self) -> float:
        """Expected calibration error, see the function of this name."""
        return self.bins.calibration_error

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON: `confusion`, a text for each row, and those of the bins."""
        return {"confusion": [row_of(row) for row in self.confusion.tolist()]} | self.bins.as_dict()

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        return cls(np.array([row.split() for row in stored["confusion"]], np.int64), Bins.from_dict(stored))


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error of n answers in percent: the mean distance between confidence and accuracy
    over 15 equal-width bins of confidence, weighted by their answers (Guo et al., On Calibration of Modern Neural
    Networks, 2017, eq. 3)."""
    return Bins.of(confidence, right).calibration_error


def row_of(numbers: Sequence[float]) -> str:
    """Return numbers as one text, which keeps files of them readable."""
    return " ".join(map(str, numbers))


def mean_and_sd(figures: Sequence[float]) -> dict[str, float | None]:
    """Return mean and sample standard deviation (n - 1; None for a single figure) to two decimals."""
    spread = round(float(np.std(figures, ddof=1)), 2) if len(figures) > 1 else None
    return {"mean": round(float(np.mean(figures)), 2), "sd": spread}
