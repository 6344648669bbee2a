"""The rail of a glove's converter: the most that a flex sensor reads, and the least while it has contact. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from scaleglove.channels import DROPPED_FLEX_BELOW
from scaleglove.flex_scales import has_rails, scale_of

FLEX_RAIL: Final = 1023.0
"""The rail of the converter for which DROPPED_FLEX_BELOW is stated."""


@dataclass(frozen=True, slots=True)
class Rail:
    """Bounds for the readings of one glove's flex sensors, in their own units."""

    valid_to: float
    """Above it is a reading of another converter."""
    rail: float
    """From here on a sensor is saturated; infinite where readings are computed."""
    lost_below: float
    """Below it a sensor has lost contact."""


def rail_of(stated: float, most: float) -> Rail:
    """Return the rail that the glove states, 0 for none, unless its greatest reading `most` has exceeded that."""
    scale = stated if 0 < stated >= most else rounded(scale_of(most))
    if has_rails(scale):
        return Rail(scale, scale, DROPPED_FLEX_BELOW * scale / FLEX_RAIL)
    return Rail(scale, math.inf, -math.inf)


def rounded(scale: float) -> float:
    """Return a scale in the precision of the readings."""
    return float(np.float32(scale))
