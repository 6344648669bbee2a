"""Voltage divider of flex sensors: what another resistor than the training's glove has does to readings. Pure numpy.

A flex sensor's resistance R is read behind a divider with a resistor Q, as the share R / (R + Q) of the converter's
full scale, or, where the two have changed places, Q / (R + Q). The *odds* of a reading, share / (1 - share), are then
R / Q or Q / R: another resistor multiplies them all by one number, and turned round they are those of the other place.
So where the readings are a converter's, the odds at the ends of each finger's range tell the resistor, and with it how
the scale is bent between the ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import FINGERS, Floats, FrontEnd
from scaleglove.flex_scales import has_rails, scale_of

TRAINING_FULL_SCALE: Final = 1023.0
"""Of the training's glove: its readings are 10-bit counts."""

_LEAST_RATIO: Final = 1.5
"""A resistor that differs by less bends the scale by less than hands differ."""
_MOST_RATIO: Final = 30.0
"""No divider is built so that its sensor hardly moves the reading."""
_AGREE: Final = 0.3
"""Log-odds by which most fingers may differ from the common ratio; those of the recorded hands differ by 0.2."""
_SPAN_RATIO: Final = 2.5
"""By which the log-odds between a finger's ends may differ from the training's: hands of the recordings differ by 2."""
_FEWEST: Final = 3


def full_scale_of(flex: Floats) -> float | None:
    """Return the full scale of the converter that gave readings float64[n, 5], NaN where there is none; None where they
    are no converter's."""
    known = flex[~np.isnan(flex)]
    if not len(known) or known.min() < 0:
        return None
    scale = scale_of(float(known.max()))
    return scale if has_rails(scale) else None


@dataclass(frozen=True, slots=True, eq=False)
class FingerEnds:
    """Readings float64[5] of a glove with a converter of this full scale, `straight` and `bent`, where the training's
    glove reads `low` and `high`; NaN for a finger of which they are unknown."""

    straight: Floats
    bent: Floats
    full_scale: float
    low: Floats
    high: Floats

    @property
    def forward(self) -> Floats:
        """The ends float64[2, 5] as of a divider in which every finger reads more when it is bent."""
        ends = np.stack([self.straight, self.bent])
        return np.where(self.straight > self.bent, self.full_scale - ends, ends)

    def resistor_ratio(self) -> float:
        """Return by how much the training's odds are those of this glove; 1 where the readings do not agree on it."""
        ends = _log_odds(self.forward, self.full_scale)
        wanted = _log_odds(np.stack([self.low, self.high]), TRAINING_FULL_SCALE)
        known = np.isfinite(ends).all(axis=0) & np.isfinite(wanted).all(axis=0)
        if known.sum() < _FEWEST:
            return 1.0
        apart = (wanted.mean(axis=0) - ends.mean(axis=0))[known]
        spans = np.abs(np.log(np.ptp(ends[:, known], axis=0) / np.ptp(wanted[:, known], axis=0)))
        ratio = float(np.median(apart))
        is_divider = np.median(np.abs(apart - ratio)) <= _AGREE and np.median(spans) <= np.log(_SPAN_RATIO)
        is_usual = np.log(_LEAST_RATIO) <= abs(ratio) <= np.log(_MOST_RATIO)
        return float(np.exp(ratio)) if is_divider and is_usual else 1.0

    def line_of_odds(self, ratio: float) -> tuple[Floats, Floats, Floats]:
        """Return gain, offset and slope, float64[5] each, that turn the odds of this glove times `ratio` into the
        training's, up to the ends of each finger's range."""
        first, last = self.forward
        slope = np.full(FINGERS, (ratio - 1.0) / self.full_scale)
        travel = (last - first) / (1.0 + slope * last)
        gain = self.low * slope + (self.high - self.low) / travel
        offset = self.low - (self.high - self.low) * first / travel
        # Of a finger that was turned round, with full_scale - reading as the reading; the denominator at 0 is 1 again.
        is_turned = self.straight > self.bent
        unit = np.where(is_turned, 1.0 + slope * self.full_scale, 1.0)
        offset = np.where(is_turned, gain * self.full_scale + offset, offset) / unit
        sign = np.where(is_turned, -1.0, 1.0) / unit
        return sign * gain, offset, sign * slope


def straightened(
    front_end: FrontEnd, known: NDArray[np.bool_], full_scale: float, low: Floats, high: Floats
) -> FrontEnd:
    """Return a front end without slopes as one that follows the bent scale of the glove's divider, where that has
    another resistor than the training's; itself otherwise.

    Between the readings that it brings to `low` and `high` float64[5], of fingers that are `known` bool[5], the odds
    become the training's.
    """
    straight, bent = (np.where(known, (end - front_end.offset) / front_end.gain, np.nan) for end in (low, high))
    ends = FingerEnds(straight, bent, full_scale, low, high)
    ratio = ends.resistor_ratio()
    if ratio == 1.0:
        return front_end
    gain, offset, slope = ends.line_of_odds(ratio)
    contact = np.clip(front_end.contact, 0.0, full_scale)
    return replace(
        front_end,
        gain=np.where(known, gain, front_end.gain),
        offset=np.where(known, offset, front_end.offset),
        slope=np.where(known, slope, 0.0),
        contact=np.where(known[:, np.newaxis], contact, front_end.contact),
    )


def _log_odds(readings: Floats, full_scale: float) -> Floats:
    """Return the log-odds of readings, NaN for one that is not between the rails."""
    share = np.asarray(readings, np.float64) / full_scale
    inside: NDArray[np.bool_] = (share > 0) & (share < 1)
    share = np.where(inside, share, 0.5)
    return np.where(inside, np.log(share / (1 - share)), np.nan)
