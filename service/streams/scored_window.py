"""An answered window, as letters and words are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_PROBABILITY: Final = 1e-9
"""Least probability of a window: its logarithms, which are pooled over a hold, are finite."""


@dataclass(frozen=True, slots=True)
class ScoredWindow:
    """An answered window: `probabilities` float64[n + 1] of the n letters and of none of them (sum 1), and for how long
    the hand has been still at device time `t_ms`."""

    t_ms: float
    probabilities: NDArray[np.float64]
    still_ms: float
    of_movement: NDArray[np.float64] | None = None
    """The probabilities of all that the window shows, where `probabilities` are of its newest part; None: the same."""
    let_go_ms: float | None = None
    """Where the hand has let go of a shape before this window, or, where it is still, holds another one since a few
    windows: the time by which the one before is known; None: neither."""
