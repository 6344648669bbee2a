"""The rails of a glove's flex sensors, stated by it or learned from its own readings: any converter, either way round.

Pure. A reading is judged by what this glove has sent so far in the session, never by the model's glove alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from scaleglove.channels import CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.flex_scales import has_rails, scale_of

_NO_CONTACT: Final = DROPPED_FLEX_BELOW / 1023.0
"""Share of the full scale below which a sensor that else reads higher has lost contact."""

_LOW_GLOVE: Final = 0.3
"""Share of the full scale below which all sensors of a hand read only if they are the other way round."""


class SensorRails:
    """The flex readings of one session: the converter's full scale, and which sensors reach down to its lower end."""

    def __init__(self) -> None:
        self._lowest = 0.0
        self._highest = 0.0
        self._stated = 0.0
        self._between = [False] * len(CHANNELS[FLEX])
        """Sensors that were seen just above the level of lost contact: they move through it, instead of dropping."""

    @property
    def full_scale(self) -> float:
        """The highest reading that the converter has: as stated, unless the readings so far show another one; infinite
        for readings that are computed."""
        scale = self._stated if self._highest <= self._stated else scale_of(self._highest)
        return scale if has_rails(scale) else math.inf

    def state(self, most: float) -> None:
        """Take the highest reading of the converter as the glove states it."""
        self._stated = most

    def push(self, values: Sequence[float | None]) -> None:
        """Take the eight values of a frame."""
        flex = values[FLEX]
        present = [value for value in flex if value is not None]
        if present:
            self._lowest = min(self._lowest, *present)
            self._highest = max(self._highest, *present)
        low = _NO_CONTACT * self.full_scale
        for index, value in enumerate(flex):
            if value is not None and low <= value < 2 * low:
                self._between[index] = True

    def faults(self, frames: Sequence[Sequence[float | None]]) -> list[str]:
        """Return the fault of each flex sensor in these frames, which were pushed before; missing sensors have none."""
        columns = list(zip(*frames, strict=True))[FLEX]
        read = [np.array(column, np.float64) for column in columns if None not in column]
        reads_low = bool(read) and max(float(column.max()) for column in read) < _LOW_GLOVE * self.full_scale
        found = []
        for index, column in enumerate(columns):
            values = [value for value in column if value is not None]
            if values and (fault := self._fault(values, reads_low or self._between[index])):
                found.append(f"{CHANNELS[index]} {fault}")
        return found

    def _fault(self, values: Sequence[float], may_be_low: bool) -> str:
        """Return the fault of one sensor; a healthy one varies by a count within a take (docs/reference/sensors.md)."""
        is_stuck = len(set(values)) == 1
        if self._lowest >= 0:  # readings below 0 are of no converter whose rails could be known
            if (min(values) < _NO_CONTACT * self.full_scale and not may_be_low) or (is_stuck and values[0] == 0):
                return "has no contact"
            if min(values) >= self.full_scale:
                return "is at its limit"
        return "is stuck" if is_stuck else ""
