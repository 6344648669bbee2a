"""How far each channel of a glove varied over the shapes that a hand held. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS
from scaleglove.protocol import ChannelRange
from scaleglove.resampling import median, wrap_degrees

_SHARES: Final = np.array([0.05, 0.5, 0.95])
_DECIMALS: Final = 1


def channel_ranges(frames: NDArray[np.float32]) -> tuple[ChannelRange, ...]:
    """Return the 5th, 50th and 95th percentile of each channel over frames float32[n, 8], one of each shape. A sensor
    that is missing reads 0; angles are taken around their median, since 179 degrees are near to -179."""
    known = np.nan_to_num(frames)
    middle = median(known)
    around = known - middle
    around[:, ANGLES] = wrap_degrees(around[:, ANGLES])
    ranges = middle + _percentiles(around)
    return tuple(
        ChannelRange(name, *figures) for name, figures in zip(CHANNELS, ranges.round(_DECIMALS).T.tolist(), strict=True)
    )


def _percentiles(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return float64[3, 8]: `np.percentile` between neighbours, which takes longer than all else of a word's end."""
    ordered = np.sort(values, axis=0).astype(np.float64)
    place = _SHARES * (len(values) - 1)
    below = place.astype(np.intp)
    above = np.minimum(below + 1, len(values) - 1)
    share = (place - below)[:, np.newaxis]
    percentiles: NDArray[np.float64] = ordered[below] + share * (ordered[above] - ordered[below])
    return percentiles
