"""For how long a hand has been where it is now. Pure.

A letter is held, and what lies between letters moves: that tells the two apart before any model does. Pitch and roll
count, and the flex sensors; yaw does not, since it turns by itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import ANGLES, FLEX
from models.recordings import DROPPED_FLEX_BELOW
from models.timeline import wrap_degrees

TURNED_DEG: Final = 3.0
"""Pitch and roll together. A held hand sways by less, and any movement is past it in its first tenth of a second."""
BENT_COUNTS: Final = 14.0
"""Root mean square over the flex sensors; four times their noise after smoothing, a tenth of a finger's way."""

_SMOOTHED: Final = 5
"""Frames: a flex sensor is noisier from frame to frame than the hand is."""

_LEAN: Final = slice(5, 7)  # pitch and roll


def still_ms(frames: NDArray[np.float32], period_ms: float) -> float:
    """How long the hand has stayed near where the newest of `frames` float32[n, 8] have it, up to all of them; they
    are `period_ms` apart. A sensor without contact is no movement."""
    if len(frames) <= _SMOOTHED:
        return 0.0
    offset = frames - frames[-1]
    offset[:, ANGLES] = wrap_degrees(offset[:, ANGLES])
    lost = frames[:, FLEX] < DROPPED_FLEX_BELOW
    offset[:, FLEX][lost | lost[-1]] = 0.0
    total = np.cumsum(offset, axis=0)
    total[_SMOOTHED:] -= total[:-_SMOOTHED].copy()
    smooth = total[_SMOOTHED - 1 :] / _SMOOTHED
    away = np.square(smooth - smooth[-1])
    moved = (away[:, _LEAN].sum(axis=1) > TURNED_DEG**2) | (away[:, FLEX].mean(axis=1) > BENT_COUNTS**2)
    places = np.flatnonzero(moved)
    still = len(moved) - 1 - (int(places[-1]) + 1 if len(places) else 0)
    return still * period_ms
