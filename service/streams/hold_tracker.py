"""Held hand shapes: the mean of each shape that a hand holds while it is still (`stillness`). Pure.

`HoldTracker` is the reference of the compiled form (`native/holds.py`).
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.online import Hold

SETTLE_MS: Final = 60.0
"""A hand that has been still for less is moving: one or two smoothed frames are no evidence yet."""

MIN_WINDOWS: Final = 3
"""Windows of one shape; the first still holds the end of the movement and is left out."""

CHANGED_WINDOWS: Final = 3
"""Newest windows of a hold that show together whether the hand holds another shape than before."""


def log(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return finite logarithms of probabilities."""
    logarithms: NDArray[np.float64] = np.log(probabilities + 1e-6)
    return logarithms


class HoldTracker:
    """Running means over the windows of the shape being held; its memory does not grow with the hold.

    A hand may go from one shape to another so little or so slowly that it never seems to move. Where the newest windows
    lie farther than `apart` from those before them, as a squared distance of embeddings, another hold has begun.
    """

    def __init__(self, apart: float = math.inf) -> None:
        self._apart = apart
        self._newest: deque[tuple[NDArray[np.float32], NDArray[np.float64]]] = deque(maxlen=CHANGED_WINDOWS)
        self._windows = 0
        self._embedding: NDArray[np.float32] | None = None
        self._log_scores: NDArray[np.float64] | None = None

    def push(self, embedding: NDArray[np.float32], probabilities: NDArray[np.float64], still_ms: float) -> Hold | None:
        """Take the next window; return the finished hold when the hand has left it, or holds another shape since
        CHANGED_WINDOWS windows.

        `embedding` float32[m]; `probabilities` float64[classes + 1] by the reference alone; `still_ms`: how long
        the hand has been still.
        """
        if still_ms < SETTLE_MS:
            return self.finish()
        self._windows += 1
        if self._windows == 1:
            return None
        log_scores = log(probabilities)
        if self._embedding is None or self._log_scores is None:
            self._embedding, self._log_scores = embedding.copy(), log_scores
        else:
            weight = 1 / (self._windows - 1)
            self._embedding += np.float32(weight) * (embedding - self._embedding)
            self._log_scores += weight * (log_scores - self._log_scores)
        if self._apart == math.inf:
            return None
        self._newest.append((embedding.copy(), log_scores))
        return self._changed()

    def finish(self) -> Hold | None:
        """End the current shape, since the hand has moved on or frames are missing; return it if it was held."""
        held = None
        if self._windows >= MIN_WINDOWS and self._embedding is not None and self._log_scores is not None:
            held = Hold(self._embedding, self._log_scores)
        self._windows, self._embedding, self._log_scores = 0, None, None
        self._newest.clear()
        return held

    def _changed(self) -> Hold | None:
        """Return the hold before the newest windows if these show another shape, which is held from then on."""
        count, newest = self._windows - 1, len(self._newest)
        if count < 2 * newest or newest < CHANGED_WINDOWS or self._embedding is None or self._log_scores is None:
            return None
        embeddings, log_scores = (np.stack(each) for each in zip(*self._newest, strict=True))
        before = (count * self._embedding - embeddings.sum(axis=0)) / np.float32(count - newest)
        apart = (before - embeddings.sum(axis=0) / np.float32(newest)).astype(np.float64)
        if not np.square(apart).sum() > self._apart:
            return None
        held = Hold(before, (count * self._log_scores - log_scores.sum(axis=0)) / (count - newest))
        self._windows = newest  # the first of them still shows the change
        self._embedding, self._log_scores = embeddings[1:].mean(axis=0), log_scores[1:].mean(axis=0)
        self._newest.popleft()
        return held
