"""For how long a hand has been where it is now. Pure.

A letter is held, and what lies between letters moves: that tells the two apart before any model does. Pitch and roll
count, and the flex sensors; yaw does not, since it turns by itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from scaleglove.resampling import wrap_degrees

TURNED_DEG: Final = 3.0
"""Pitch and roll together. A held hand sways by less, and any movement is past it in its first tenth of a second."""
BENT_COUNTS: Final = 14.0
"""Root mean square over the flex sensors; four times their noise after smoothing, a tenth of a finger's way."""

_SMOOTHED: Final = 5
"""Frames: a flex sensor is noisier from frame to frame than the hand is."""

_LEAN: Final = slice(5, 7)  # pitch and roll
_YAW: Final = 7

_REACHES: Final = np.zeros((_YAW, 2), np.float32)
"""Squares of sums over _SMOOTHED frames times this: how far the hand is away, in bend and in lean; above 1 it moved."""
_REACHES[FLEX, 0] = 1 / (5 * (BENT_COUNTS * _SMOOTHED) ** 2)
_REACHES[_LEAN, 1] = 1 / (TURNED_DEG * _SMOOTHED) ** 2


def still_ms(frames: NDArray[np.float32], period_ms: float) -> float:
    """How long the hand has stayed near where the newest of `frames` float32[n, 8] have it, up to all of them; they
    are `period_ms` apart. A sensor without contact is no movement."""
    if len(frames) <= _SMOOTHED:
        return 0.0
    offset = frames[:, :_YAW] - frames[-1, :_YAW]
    if np.abs(offset[:, _LEAN]).max() > 180:
        offset[:, _LEAN] = wrap_degrees(offset[:, _LEAN])
    flex = frames[:, FLEX]
    if flex.min() < DROPPED_FLEX_BELOW:
        lost = flex < DROPPED_FLEX_BELOW
        offset[:, FLEX][lost | lost[-1]] = 0.0
    total = offset.cumsum(axis=0)
    total[_SMOOTHED:] -= total[:-_SMOOTHED].copy()
    smooth = total[_SMOOTHED - 1 :]
    moved = (np.square(smooth - smooth[-1]) @ _REACHES > 1.0).any(axis=1)
    places = np.flatnonzero(moved)
    still = len(moved) - 1 - (int(places[-1]) + 1 if len(places) else 0)
    return still * period_ms
