"""What the words of a stream have shown of a hand, as examples need it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class WordShape:
    """A shape that was held until device time `t_ms`, of which a word has shown the label; `weight`, above 0 and up to
    1: how much it is believed."""

    label: str
    t_ms: float
    weight: float
    frames: NDArray[np.float32]
    """Its newest frames as the glove read them, float32[n, 8], evenly sampled."""


@dataclass(frozen=True, slots=True)
class WordShapes:
    """Those of a stream, oldest first, whose model sees `sample_rate_hz`."""

    sample_rate_hz: float
    since_ms: float | None
    """The time of the oldest shape that the stream remembers, whether or not a word has shown what it is; None: it
    remembers none."""
    shapes: list[WordShape]
