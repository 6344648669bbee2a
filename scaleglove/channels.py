"""Channels of a frame: their names, their order, their units and the bounds of their values."""

from __future__ import annotations

CHANNELS: tuple[str, ...] = ("flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw")
"""The channels of a frame, in order: flex sensors in 10-bit ADC counts, then angles in degrees."""

UNITS: tuple[str, ...] = ("adc",) * 5 + ("deg",) * 3
FLEX = slice(0, 5)
ANGLES = slice(5, 8)

MAX_MAGNITUDE = 1e6
"""Bound of a value: no sensor of a glove reads this much, and float32 is exact enough up to it."""

MAX_TIME_MS = 2.0**53
"""From here on a float no longer represents every whole millisecond."""

DROPPED_FLEX_BELOW = 100.0
"""ADC counts below which a flex sensor has lost contact: in the public recordings sensors that lost contact read 0 to
55, others 318 and more."""
