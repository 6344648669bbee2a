"""The shapes that a hand holds, one after another: what self-calibration learns from. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.online import Hold
from service.streams.decoder import SETTLE_MS

FEWEST: Final = 3
"""Windows of one shape, of which the first still holds the end of the movement and is left out."""


class HoldTracker:
    """Means over the windows of each shape. However long one is held, it is one shape, and takes no more memory."""

    def __init__(self) -> None:
        self._windows = 0
        self._embedding: NDArray[np.float32] | None = None
        self._beliefs: NDArray[np.float64] | None = None

    def push(self, embedding: NDArray[np.float32], shares: NDArray[np.float64], still_ms: float) -> Hold | None:
        """Take the next window: its embedding float32[m], the shares float64[25] that its reference alone gives, and
        for how long the hand has been still. Gives the shape before it, when the hand has left it."""
        if still_ms < SETTLE_MS:
            return self.leave()
        self._windows += 1
        if self._windows == 1:
            return None
        log_scores = np.log(shares + 1e-6)
        if self._embedding is None or self._beliefs is None:
            self._embedding, self._beliefs = embedding.copy(), log_scores
        else:
            part = 1 / (self._windows - 1)
            self._embedding += np.float32(part) * (embedding - self._embedding)
            self._beliefs += part * (log_scores - self._beliefs)
        return None

    def leave(self) -> Hold | None:
        """The hand has moved on, or frames are missing."""
        held = None
        if self._windows >= FEWEST and self._embedding is not None and self._beliefs is not None:
            held = Hold(self._embedding, self._beliefs)
        self._windows, self._embedding, self._beliefs = 0, None, None
        return held
