"""The holds that a stream remembers as rows of arrays: three fifths of what they take as objects. Pure numpy."""

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
    """At most `most` holds, oldest first. Their log-scores are kept in single precision."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._embeddings = np.empty((0, 0), np.float32)
        self._log_scores = np.empty((0, 0), np.float32)
        self._ends_ms = np.empty(0)
        self._count = 0

    def __len__(self) -> int:
        """Return how many holds are kept."""
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether one has to be forgotten before the next is added."""
        return self._count == self._most

    def append(self, embedding: NDArray[np.float32], log_scores: NDArray[np.float64], end_ms: float) -> None:
        """Add the next hold: its embedding float32[m], log-scores float64[classes + 1] and the time of its end.

        Raises:
            IndexError: it is full.
        """
        if self._count == len(self._ends_ms) < self._most:
            self._grow(len(embedding), len(log_scores))
        row = self._count
        self._embeddings[row], self._log_scores[row], self._ends_ms[row] = embedding, log_scores, end_ms
        self._count += 1

    def forget(self, place: int) -> None:
        """Forget the hold at a place, counted from the oldest one.

        Raises:
            IndexError: there is none.
        """
        if not 0 <= place < self._count:
            raise IndexError(f"there is no hold {place} of {self._count}")
        for rows in (self._embeddings, self._log_scores, self._ends_ms):
            rows[place : self._count - 1] = rows[place + 1 : self._count]
        self._count -= 1

    @property
    def ends_ms(self) -> list[float]:
        """When each ended."""
        ends: list[float] = self._ends_ms[: self._count].tolist()
        return ends

    def embeddings(self, places: Sequence[int] | None = None) -> Embeddings:
        """Return a copy of the embeddings float32[n, m] of all, or of those at some places."""
        kept = self._embeddings[: self._count]
        return kept.copy() if places is None else kept[np.asarray(places, np.intp)]

    @property
    def log_scores(self) -> LogScores:
        """A copy of the log-scores float64[n, classes + 1]."""
        return self._log_scores[: self._count].astype(np.float64)

    def _grow(self, width: int, classes: int) -> None:
        rows = min(self._most, max(_AT_FIRST, 2 * self._count))
        embeddings, log_scores = np.empty((rows, width), np.float32), np.empty((rows, classes), np.float32)
        ends_ms = np.empty(rows)
        if self._count:
            embeddings[: self._count], log_scores[: self._count] = self._embeddings, self._log_scores
            ends_ms[: self._count] = self._ends_ms
        self._embeddings, self._log_scores, self._ends_ms = embeddings, log_scores, ends_ms
