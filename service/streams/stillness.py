"""For how long a hand is still. Pure.

A letter is held, and the hand moves between letters: stillness separates the two before any model does. Pitch, roll and
the flex sensors count; yaw does not, since it drifts by itself. The compiled form, stillness.c, is used where it is
there; `still_frames` is its reference.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import LEAN
from scaleglove.channels import CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.resampling import wrap_degrees
from service.streams.native.build import load

TURNED_DEG: Final = 3.0
"""Pitch and roll together. A held hand sways by less; any movement exceeds it within a tenth of a second."""
BENT_COUNTS: Final = 14.0
"""Root mean square over the flex sensors: four times their noise after smoothing, a tenth of a finger's range."""

_SMOOTHED: Final = 5
"""Frames; a flex sensor varies more from frame to frame than the hand does."""

_BENT: Final = np.float32(FLEX.stop * (BENT_COUNTS * _SMOOTHED) ** 2)
_TURNED: Final = np.float32((TURNED_DEG * _SMOOTHED) ** 2)
"""Squares of sums over _SMOOTHED frames beyond which the hand has moved."""

_CHANNELS: Final = slice(0, 7)
"""All but yaw."""

_FRAME_BYTES: Final = 4 * len(CHANNELS)

MOST_FRAMES: Final = 1024
"""For more the compiled form has no memory."""


def still_ms(frames: NDArray[np.float32], period_ms: float, raw: NDArray[np.float32] | None = None) -> float:
    """Return how long the hand has stayed near its newest position in `frames` float32[n, 8], `period_ms` apart.

    At most the duration of all of them. A sensor without contact counts as no movement.

    Args:
        frames: as the model sees them.
        period_ms: from one frame to the next.
        raw: the same frames as the glove read them; None: they are the same.

    Raises:
        ValueError: the frames are of other sizes.
    """
    library = load()
    count = len(frames)
    if library is None or count > MOST_FRAMES:
        return still_frames(frames, raw) * period_ms
    seen = frames.tobytes()
    own = None if raw is None or raw is frames else raw.tobytes()
    if len(seen) != _FRAME_BYTES * count or (own is not None and len(own) != len(seen)):
        raise ValueError(f"{count} frames of {len(seen)} bytes, or the same as they were read, are not float32[n, 8]")
    still: int = library.scaleglove_still_frames(seen, own, count)
    return still * period_ms


def still_frames(frames: NDArray[np.float32], raw: NDArray[np.float32] | None = None) -> int:
    """Return the same in frames."""
    if len(frames) <= _SMOOTHED:
        return 0
    offset = (frames if raw is None else _as_it_moved(frames, raw))[:, _CHANNELS]
    offset = offset - offset[-1]
    if np.abs(offset[:, LEAN]).max() > 180:
        offset[:, LEAN] = wrap_degrees(offset[:, LEAN])
    flex = frames[:, FLEX]
    if flex.min() < DROPPED_FLEX_BELOW:
        lost = flex < DROPPED_FLEX_BELOW
        offset[:, FLEX][lost | lost[-1]] = 0.0
    total = offset.cumsum(axis=0)
    total[_SMOOTHED:] -= total[:-_SMOOTHED].copy()
    smooth = total[_SMOOTHED - 1 :]
    squares = np.square(smooth - smooth[-1])
    moved = (squares[:, FLEX].sum(axis=1) > _BENT) | (squares[:, LEAN].sum(axis=1) > _TURNED)
    indices = np.flatnonzero(moved)
    return len(moved) - 1 - (int(indices[-1]) + 1 if len(indices) else 0)


def _as_it_moved(frames: NDArray[np.float32], raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return frames float32[n, 8] as seen, with the lean that the glove itself read in `raw`, if it has a motion
    sensor. A lean that a front end turned varies near the vertical, although the hand is still: roll has no meaning
    there, and fingers point up in many letters."""
    if np.isnan(raw[:, LEAN]).any():
        return frames
    moved = frames.copy()
    moved[:, LEAN] = raw[:, LEAN]
    return moved
