"""Angles from raw motion sensors, where a header names these and no angle; their units may have to be guessed. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from firmware_bridge.codec.events import FrameRead, Notice, NoticeCode
from firmware_bridge.codec.sketch.columns import STANDARD_GRAVITY, Columns, SketchReading, Vector
from firmware_bridge.codec.sketch.notices import notice_of
from firmware_bridge.codec.sketch.orientation import Orientation
from scaleglove.channels import FLEX

_MAX_STEP_S: Final = 1.0
"""How the hand turned in a longer gap is unknown: as in the firmware's core/hand.c."""
_COUNTS_PER_DPS: Final = 131.0
_COUNTS_PER_G: Final = (2048, 4096, 8192, 16_384)


def _nearest_power(size: float) -> float:
    return float(min(_COUNTS_PER_G, key=lambda counts: abs(counts - size)))


_UNITS: Final[tuple[tuple[float, float, str, Callable[[float], float], float], ...]] = (
    (0.5, 2.0, "g", lambda size: 1.0, 1.0),
    (5.0, 15.0, "m/s2", lambda size: STANDARD_GRAVITY, math.radians(1.0)),
    (500.0, 1500.0, "mg", lambda size: 1000.0, 1.0),
    (1700.0, math.inf, "counts", _nearest_power, _COUNTS_PER_DPS),
)
"""By the length of the first acceleration that is not 0: the unit, what 1 g and what 1 degree/s is in it."""


class Motion:
    """The angles of one glove."""

    def __init__(self, columns: Columns) -> None:
        self._per_g: float | None = 1.0
        self._per_dps = 1.0
        places = (*(columns.acceleration or ()), *(columns.turn or ()))
        self._is_known = all(columns.fields[place].factor is not None for place in places)
        self._orientation = Orientation()
        self._last_ms: float | None = None

    def find_units(self, reading: SketchReading) -> Notice | None:
        """Find the units by the first reading that shows them; return what is to be said of it."""
        if self._is_known or reading.acceleration is None or not (size := math.hypot(*reading.acceleration)):
            return None
        self._is_known = True
        for low, high, unit, per_g, per_dps in _UNITS:
            if low <= size <= high:
                self._per_g, self._per_dps = per_g(size), per_dps
                return notice_of(NoticeCode.MOTION_UNITS, {"unit": unit})
        self._per_g = None
        return None

    def complete(self, frame: FrameRead, turn: Vector | None) -> FrameRead:
        """Return a frame with its angles and its acceleration in g."""
        if self._per_g is None or frame.acceleration is None:
            return frame._replace(acceleration=None)
        x, y, z = (value / self._per_g for value in frame.acceleration)
        seconds = 0.0 if self._last_ms is None else min(max(0.0, frame.t_ms - self._last_ms) / 1000, _MAX_STEP_S)
        self._last_ms = frame.t_ms
        rates = None if turn is None else (turn[0] / self._per_dps, turn[1] / self._per_dps, turn[2] / self._per_dps)
        angles = self._orientation.update((x, y, z), rates, seconds)
        return frame._replace(values=(*frame.values[FLEX], *angles), acceleration=(x, y, z))
