"""The hold that a stream tracks, in C: holds.c, whose reference is `HoldTracker`."""

from __future__ import annotations

import ctypes
from ctypes import CDLL, Structure, c_double, c_int32, c_void_p

import numpy as np
from numpy.typing import NDArray

from models.adaptation.online import Hold
from service.streams.hold_tracker import CHANGED_WINDOWS, SETTLE_MS, HoldTracker
from service.streams.native.build import load


class Holds(Structure):
    """`struct holds`."""

    _fields_ = (
        *((name, c_int32) for name in ("width", "size", "is_compared", "windows", "newest", "oldest")),
        ("apart", c_double),
        *((name, c_void_p) for name in ("mean", "ended", "embeddings", "mean_scores", "ended_scores", "log_scores")),
    )


class NativeHoldTracker:
    """The same as `HoldTracker`, in the memory in which C keeps it."""

    def __init__(self, apart: float, width: int, size: int, library: CDLL) -> None:
        """Make one for embeddings float32[width] and probabilities float64[size]."""
        is_compared = bool(np.isfinite(apart))
        rows = 2 + CHANGED_WINDOWS * is_compared
        self._embeddings = np.zeros((rows, width), np.float32)
        self._scores = np.zeros((rows, size))
        embeddings, scores = self._embeddings.ctypes.data, self._scores.ctypes.data
        self._holds = Holds(
            width=width,
            size=size,
            is_compared=is_compared,
            apart=apart,
            mean=embeddings,
            ended=embeddings + 4 * width,
            embeddings=embeddings + 8 * width,
            mean_scores=scores,
            ended_scores=scores + 8 * size,
            log_scores=scores + 16 * size,
        )
        self._at = ctypes.addressof(self._holds)
        self._hold, self._finish = library.scaleglove_hold, library.scaleglove_finish_hold
        self._sizes = (4 * width, 8 * size)

    def push(self, embedding: NDArray[np.float32], probabilities: NDArray[np.float64], still_ms: float) -> Hold | None:
        """Take the next window, as `HoldTracker.push` does.

        Raises:
            ValueError: the window is of other sizes.
        """
        if still_ms < SETTLE_MS:
            return self.finish()
        place, shares = embedding.tobytes(), probabilities.tobytes()
        if (len(place), len(shares)) != self._sizes:
            raise ValueError(
                f"a window of {embedding.shape} and {probabilities.shape} is not of the shape that is held"
            )
        return self._ended() if self._hold(self._at, place, shares) else None

    def finish(self) -> Hold | None:
        """End the current shape; return it if it was held."""
        return self._ended() if self._finish(self._at) else None

    def _ended(self) -> Hold:
        return Hold(self._embeddings[1].copy(), self._scores[1].copy())


AnyHoldTracker = HoldTracker | NativeHoldTracker


def make_hold_tracker(apart: float, width: int, size: int) -> AnyHoldTracker:
    """Return the tracker of one stream, compiled where that is possible, for embeddings float32[width] and
    probabilities float64[size]; `apart` as for `HoldTracker`."""
    library = load()
    return HoldTracker(apart) if library is None else NativeHoldTracker(apart, width, size, library)
