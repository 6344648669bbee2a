"""Contact of flex sensors: which readings are of a sensor that has lost it, and which sensors are dead. Pure numpy.

A glove's unit and scale are not known, so readings are judged by each other.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import ANY_READING, Floats
from scaleglove.channels import DROPPED_FLEX_BELOW

LOW, HIGH = 5.0, 95.0
"""Percentiles of a finger's range."""
LEAST_SPREAD: Final = 1e-9
_LEAST_READINGS: Final = 3
_GAP_SHARE: Final = 2.0
"""In ranges of the other readings: readings behind a gap this wide may be of a sensor that has lost contact."""
_GAP_SHARE_OF_NOTHING: Final = 1 / 3
_NOTHING_SHARE: Final = 0.02
"""Readings next to nothing need no gap as wide: no divider that bends the scale brings a straight finger there."""
_RAIL_SHARE: Final = 0.2
"""In gaps: those at a rail lie together. A finger that is bent in few letters spreads wider."""
_NEAR_SHARE: Final = 0.5
"""In ranges of the training's glove: a rail lies three beyond its readings."""
_STILL_SHARE: Final = 0.05
"""In ranges of the usual finger: one that moves less is dead."""
_DROPPED_SHARE: Final = 0.4
"""At most this part of the readings: otherwise they are no drop-outs."""


def without_drop_outs(flex: Floats, usual: Floats | None = None) -> tuple[Floats, Floats]:
    """Return readings float64[n, 5] with NaN where a sensor has no contact, and the bounds float64[5, 2] of contact.

    Without contact a sensor is at a rail, so its readings lie behind a wide gap; where there is no gap every reading
    is within the bounds. So it is where all readings of a finger lie near `usual` float64[2, 5], the ends of the range
    that the training's glove read, where they are given: a finger that most letters bend to its end leaves a gap as
    wide.
    """
    bounds = np.array([_bounds_of(np.sort(column[~np.isnan(column)])) for column in flex.T])
    if usual is not None:
        margin = _NEAR_SHARE * (usual[1] - usual[0])
        is_near = np.isnan(flex) | ((flex >= usual[0] - margin) & (flex <= usual[1] + margin))
        bounds[is_near.all(axis=0)] = (-ANY_READING, ANY_READING)
    kept = np.where((flex < bounds[:, 0]) | (flex > bounds[:, 1]), np.nan, flex)
    return kept, _or_nothing(bounds, kept)


def _bounds_of(readings: Floats) -> tuple[float, float]:
    """Return the bounds of contact of one sensor with these readings float64[n], sorted."""
    if len(readings) < _LEAST_READINGS:
        return (-ANY_READING, ANY_READING)
    gaps = np.diff(readings)
    at = int(gaps.argmax())
    lower, upper = readings[: at + 1], readings[at + 1 :]
    is_low = len(lower) <= len(upper)
    apart, rest = (lower, upper) if is_low else (upper, lower)
    is_nothing = np.abs(apart).max() <= _NOTHING_SHARE * np.abs(rest).min()
    share = _GAP_SHARE_OF_NOTHING if is_nothing else _GAP_SHARE
    is_far = gaps[at] > share * max(np.ptp(rest), LEAST_SPREAD)
    is_rail = np.ptp(apart) <= _RAIL_SHARE * gaps[at]
    are_few = len(rest) >= _LEAST_READINGS and len(apart) <= _DROPPED_SHARE * len(readings)
    if not (is_far and is_rail and are_few):
        return (-ANY_READING, ANY_READING)
    middle = float(readings[at] + readings[at + 1]) / 2
    return (middle, ANY_READING) if is_low else (-ANY_READING, middle)


def _or_nothing(bounds: Floats, kept: Floats) -> Floats:
    """Return the bounds with DROPPED_FLEX_BELOW as the least, for a finger of which all readings `kept` float64[n, 5]
    are more: it may lose contact later. In volts or percent every reading is less."""
    is_more = np.all(np.isnan(kept) | (kept >= DROPPED_FLEX_BELOW), axis=0)
    least = np.where(is_more, np.maximum(bounds[:, 0], DROPPED_FLEX_BELOW), bounds[:, 0])
    return np.stack([least, bounds[:, 1]], axis=1)


def still_fingers(flex: Floats) -> NDArray[np.bool_]:
    """Return which fingers bool[5] read the same in all shapes float64[n, 5], next to the others: dead sensors. One
    that reads nothing at all is missing."""
    known = [column[~np.isnan(column)] for column in flex.T]
    ranges = np.array([np.ptp(range_of(column)) for column in known])
    is_known = np.array([len(column) > 0 for column in known])
    usual = np.median(ranges[is_known]) if is_known.any() else 0.0
    return np.asarray(is_known & (ranges <= _STILL_SHARE * usual))


def range_of(readings: Floats) -> tuple[float, float]:
    low, high = np.percentile(readings, (LOW, HIGH)) if len(readings) else (0.0, 0.0)
    return float(low), float(high)
