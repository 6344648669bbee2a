"""The newest holds of a stream as rows of arrays: three fifths of what they take as objects. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings
from models.adaptation.scored import LogScores

_AT_FIRST: Final = 16
"""Holds for which there is place at once; it doubles as they come, since most streams are short."""


class HoldMemory:
    """The newest `most` holds, oldest first. Their log-scores are kept in single precision."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._embeddings = np.empty((0, 0), np.float32)
        self._log_scores = np.empty((0, 0), np.float32)
        self._ends_ms = np.empty(0)
        self._count = 0
        """Holds so far."""

    def __len__(self) -> int:
        """Return how many holds are kept."""
        return min(self._count, self._most)

    def append(self, embedding: NDArray[np.float32], log_scores: NDArray[np.float64], end_ms: float) -> None:
        """Add the next hold: its embedding float32[m], log-scores float64[classes + 1] and the time of its end."""
        if self._count == len(self._ends_ms) < self._most:
            self._grow(len(embedding), len(log_scores))
        row = self._count % self._most
        self._embeddings[row], self._log_scores[row], self._ends_ms[row] = embedding, log_scores, end_ms
        self._count += 1

    @property
    def ends_ms(self) -> list[float]:
        """When each ended."""
        ends: list[float] = self._ends_ms[self._order].tolist()
        return ends

    def embeddings(self, places: Sequence[int] | None = None) -> Embeddings:
        """Return a copy of the embeddings float32[n, m] of all, or of those at some places."""
        order = self._order
        return self._embeddings[order if places is None else order[np.asarray(places, np.intp)]]

    @property
    def log_scores(self) -> LogScores:
        """A copy of the log-scores float64[n, classes + 1]."""
        return self._log_scores[self._order].astype(np.float64)

    @property
    def _order(self) -> NDArray[np.intp]:
        return np.arange(self._count - len(self), self._count) % self._most

    def _grow(self, width: int, classes: int) -> None:
        rows = min(self._most, max(_AT_FIRST, 2 * self._count))
        embeddings, log_scores = np.empty((rows, width), np.float32), np.empty((rows, classes), np.float32)
        ends_ms = np.empty(rows)
        if self._count:
            embeddings[: self._count], log_scores[: self._count] = self._embeddings, self._log_scores
            ends_ms[: self._count] = self._ends_ms
        self._embeddings, self._log_scores, self._ends_ms = embeddings, log_scores, ends_ms
