"""What has been learned of a hand: one centre for each letter, or holds that each may be some letters. Pure numpy.

`models.adaptation.online` has the equations, and learns them.
"""

from __future__ import annotations

from ctypes import CDLL
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import SHARPNESS, Embeddings, squared_distances
from models.adaptation.native.learned_scores import LearnedScores, Terms

_LEAST: Final = 0.3
"""Sum of r^2 with which a letter counts as known."""


class Learned(Protocol):
    """State learned from the holds."""

    @property
    def letters(self) -> int:
        """Number of letters that are known."""

    def nearness(self, embeddings: Embeddings, limit: float) -> NDArray[np.float64]:
        """Return the log-likelihood float64[n, classes] of each letter; `limit` is the squared distance from which on
        it is constant."""

    def compiled(self, rest: Embeddings, terms: Terms, library: CDLL | None) -> LearnedScores | None:
        """Return its compiled form, with the examples of rest float32[k, m]; None: there is none here."""


@dataclass(frozen=True, slots=True)
class Centres:
    """One centre for each letter, used where it is `known`."""

    centres: NDArray[np.float64]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, embeddings: Embeddings, weights: NDArray[np.float64]) -> Self:
        total = weights.sum(axis=0)
        return cls((weights.T @ embeddings) / np.maximum(total, _LEAST)[:, np.newaxis], total >= _LEAST)

    @property
    def letters(self) -> int:
        return int(self.known.sum())

    def nearness(self, embeddings: Embeddings, limit: float) -> NDArray[np.float64]:
        return log_kernel(np.where(self.known, squared_distances(embeddings, self.centres), limit))

    def compiled(self, rest: Embeddings, terms: Terms, library: CDLL | None) -> LearnedScores | None:
        return LearnedScores.of_centres(self.centres, self.known, rest, terms, library)


@dataclass(frozen=True, slots=True)
class WeightedHolds:
    """All holds, each weighted by the letters that it may be."""

    embeddings: Embeddings
    weights: NDArray[np.float64]

    @property
    def letters(self) -> int:
        return int((self.weights.sum(axis=0) >= _LEAST).sum())

    def nearness(self, embeddings: Embeddings, limit: float) -> NDArray[np.float64]:
        return log_sums(np.exp(log_kernel(squared_distances(embeddings, self.embeddings))), self.weights, limit)

    def compiled(self, rest: Embeddings, terms: Terms, library: CDLL | None) -> LearnedScores | None:
        return LearnedScores.of_holds(self.embeddings, self.weights, rest, terms, library)


def log_sums(near: NDArray[np.float64], weights: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """Return the log of kernel float64[windows, holds] times weights float64[holds, classes]."""
    sums: NDArray[np.float64] = np.log(near @ weights + (1 + limit) ** -SHARPNESS)
    return sums


def log_kernel(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of a Student-t kernel of squared distances."""
    logarithm: NDArray[np.float64] = -SHARPNESS * np.log1p(distances)
    return logarithm
