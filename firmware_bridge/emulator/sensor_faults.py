"""A glove with broken sensors, as they break on real ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firmware_bridge.emulator.device import Glove
from firmware_bridge.emulator.glove_model import Reading
from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.errors import ScaleGloveError
from scaleglove.resampling import Frame

_RAIL: Final = 1023.0
_IMU: Final = "imu"
_FLEX_FAULTS: Final = frozenset({"dropped", "stuck", "saturated"})


class FaultNameError(ScaleGloveError):
    """A text that names no fault."""


class BrokenGlove:
    """`glove` with `faults` such as `flex2=dropped` (reads 0), `flex1=stuck` (its first value for ever),
    `flex3=saturated` (the ADC's highest count) and `imu=repeating` (the first angles for ever).

    Raises:
        FaultNameError: one of them is none of these.
    """

    def __init__(self, glove: Glove, faults: Sequence[str]) -> None:
        self._glove = glove
        self._faults = [_parsed(fault) for fault in faults]
        self._first: Frame | None = None

    def read(self, interval_ms: float) -> Reading | None:
        """The reading `interval_ms` after the last one; None when there are no more."""
        reading = self._glove.read(interval_ms)
        if reading is None:
            return None
        first = self._first = reading.values if self._first is None else self._first
        values = reading.values.copy()
        for channels, fault in self._faults:
            values[channels] = {"dropped": 0.0, "saturated": _RAIL}.get(fault, first[channels])
        return Reading(reading.t_ms, values, reading.missing)


def _parsed(text: str) -> tuple[slice, str]:
    channel, _, fault = text.partition("=")
    if channel == _IMU and fault == "repeating":
        return ANGLES, fault
    if channel in CHANNELS[FLEX] and fault in _FLEX_FAULTS:
        place = CHANNELS.index(channel)
        return slice(place, place + 1), fault
    raise FaultNameError(f"{text[:40]!r} is no fault: flex1 to flex5=dropped|stuck|saturated, or imu=repeating")
