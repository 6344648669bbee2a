"""Faults of an emulated glove: lost packets and defective sensors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from firmware_bridge.emulator.device import Glove
from firmware_bridge.emulator.glove_model import Reading
from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.errors import ScaleGloveError
from scaleglove.resampling import Frame

_ADC_MAX: Final = 1023.0
"""The highest count of a 10-bit ADC."""

_IMU: Final = "imu"
_FLEX_FAULTS: Final = frozenset({"dropped", "stuck", "saturated"})


class PacketLoss:
    """Glove whose readings are lost with probability `share`, as on a bad cable or a radio link.

    The same seed loses the same readings. Packets skip the numbers of lost ones; lines only leave a longer time between
    two of them.
    """

    def __init__(self, glove: Glove, share: float, seed: int) -> None:
        self._glove = glove
        self._share = share
        self._random = np.random.default_rng(seed)

    def read(self, interval_ms: float) -> Reading | None:
        """Return the next reading that is not lost, or None when there are no more."""
        missing = 0
        while (reading := self._glove.read(interval_ms)) is not None:
            missing += reading.missing
            if self._random.random() >= self._share:
                return Reading(reading.t_ms, reading.values, missing)
            missing += 1
        return None


class FaultNameError(ScaleGloveError):
    """Text that names no sensor fault."""


class SensorFaults:
    """Glove with defective sensors.

    The faults are `flex2=dropped` (reads 0), `flex1=stuck` (repeats its first value), `flex3=saturated` (the ADC's
    highest count) and `imu=repeating` (repeats the first angles).

    Raises:
        FaultNameError: `faults` contains another text.
    """

    def __init__(self, glove: Glove, faults: Sequence[str]) -> None:
        self._glove = glove
        self._faults = [_parse(fault) for fault in faults]
        self._first: Frame | None = None

    def read(self, interval_ms: float) -> Reading | None:
        """Return the reading `interval_ms` after the last one, or None when there are no more."""
        reading = self._glove.read(interval_ms)
        if reading is None:
            return None
        first = self._first = reading.values if self._first is None else self._first
        values = reading.values.copy()
        for channels, fault in self._faults:
            values[channels] = {"dropped": 0.0, "saturated": _ADC_MAX}.get(fault, first[channels])
        return Reading(reading.t_ms, values, reading.missing)


def _parse(text: str) -> tuple[slice, str]:
    channel, _, fault = text.partition("=")
    if channel == _IMU and fault == "repeating":
        return ANGLES, fault
    if channel in CHANNELS[FLEX] and fault in _FLEX_FAULTS:
        index = CHANNELS.index(channel)
        return slice(index, index + 1), fault
    raise FaultNameError(
        f"{text[:40]!r} is not a sensor fault: use flex1 to flex5 with =dropped, =stuck or =saturated, or imu=repeating"
    )
