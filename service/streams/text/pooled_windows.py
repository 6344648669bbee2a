"""The newest windows of a hand that is still, pooled: what they agree on. Pure.

Logarithms of probabilities are pooled, so that one window against a letter weighs more than one for it. The compiled
form, pooling.c, is used where it is there; `pool` is its reference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from ctypes import c_double

import numpy as np
from numpy.typing import NDArray

from service.streams.native.build import load
from service.streams.scored_window import MIN_PROBABILITY


class PooledWindows:
    """The windows since the hand became still, of the newest `longest_ms`."""

    def __init__(self, longest_ms: float) -> None:
        self._longest_ms = longest_ms
        self._windows: deque[tuple[float, bytes]] = deque()
        self._share = c_double()

    def __len__(self) -> int:
        return len(self._windows)

    def push(self, t_ms: float, probabilities: NDArray[np.float64]) -> None:
        """Take the next window with probabilities float64[n] at device time `t_ms`."""
        windows = self._windows
        windows.append((t_ms, probabilities.tobytes()))
        while t_ms - windows[0][0] > self._longest_ms:
            windows.popleft()

    def clear(self) -> None:
        """Forget the windows, since the hand moves or frames are missing."""
        self._windows.clear()

    def best(self) -> tuple[int, float]:
        """Return what the windows, at least one, agree on, and its share of all."""
        rows = [row for _, row in self._windows]
        library = load()
        if library is None:
            return pool(rows)
        joined = b"".join(rows)
        place: int = library.scaleglove_pool(joined, len(rows), len(joined) // (8 * len(rows)), self._share)
        return (place, self._share.value) if place >= 0 else pool(rows)  # -1: too many labels for its memory


def pool(rows: Sequence[bytes]) -> tuple[int, float]:
    """Return the place with the highest mean logarithm in rows float64[n] of probabilities, and its share."""
    logarithms = np.log(np.frombuffer(b"".join(rows)).reshape(len(rows), -1) + MIN_PROBABILITY)
    pooled = logarithms.mean(axis=0)
    likely = np.exp(pooled - pooled.max())
    place = int(likely.argmax())
    return place, float(likely[place] / likely.sum())
