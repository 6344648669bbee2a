"""The emulated board: readings become the lines that a glove writes, and commands are obeyed as a glove does.

Pure: no clock, no port.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

import numpy as np

from firmware_bridge.codec.lines import NINE_FIELDS, TWELVE_FIELDS
from firmware_bridge.emulated.glove_model import Reading
from models.contract import ANGLES, CHANNELS
from models.timeline import wrap_degrees

MIN_INTERVAL_MS: Final = 1.0
MAX_INTERVAL_MS: Final = 1000.0

_YAW: Final = CHANNELS.index("yaw")
_MAX_COMMAND_BYTES: Final = 128
_LAYOUTS: Final = {len(names): names for names in (NINE_FIELDS, TWELVE_FIELDS)}


class Glove(Protocol):
    """Where the board's readings come from."""

    def read(self, interval_ms: float) -> Reading | None:
        """The reading `interval_ms` after the last one; None when there are no more."""
        ...


class Device:
    """A board that writes lines of `fields` fields (9, or 12 with acceleration) from `glove`."""

    def __init__(self, glove: Glove, *, interval_ms: float = 20.0, fields: int = 9) -> None:
        self._glove = glove
        self._interval_ms = interval_ms
        self._names = _LAYOUTS[fields]
        self._yaw_zero = np.float32(0.0)
        self._yaw = np.float32(0.0)
        self._command = b""

    def greeting(self) -> bytes:
        """What the board writes when it starts."""
        return f"# scaleglove emulator, {self._interval_ms:g} ms between frames\n".encode() + self._header()

    def next_line(self) -> tuple[float, bytes] | None:
        """The next line and the device time (ms) it is due at; None when the glove has no more to say."""
        reading = self._glove.read(self._interval_ms)
        if reading is None:
            return None
        self._yaw = reading.values[_YAW]
        values = reading.values.copy()
        if self._yaw_zero:
            values[_YAW:] = np.round(wrap_degrees(values[_YAW:] - self._yaw_zero), 2)
        return reading.t_ms, self._line(reading.t_ms, values)

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the computer, in pieces of any size; gives the board's answers to the commands they end."""
        *ended, rest = (self._command + data).split(b"\n")
        self._command = rest[-_MAX_COMMAND_BYTES:]
        return b"".join(self._obey(line.decode("ascii", errors="replace").strip()) for line in ended if line.strip())

    def _obey(self, command: str) -> bytes:
        name, _, argument = command.partition(",")
        if name == "header":
            return self._header()
        if name == "interval":
            return self._set_interval(argument)
        if name == "yawzero":
            self._yaw_zero = self._yaw
            return b"# yaw is 0 here\n"
        if name == "recal":
            return b"# recalibrated\n"
        return b"# unknown command; known: interval,MS header recal yawzero\n"

    def _set_interval(self, argument: str) -> bytes:
        try:
            interval_ms = float(argument)
        except ValueError:
            interval_ms = math.nan
        if not MIN_INTERVAL_MS <= interval_ms <= MAX_INTERVAL_MS:
            return f"# interval takes {MIN_INTERVAL_MS:g} to {MAX_INTERVAL_MS:g} milliseconds\n".encode()
        self._interval_ms = interval_ms
        return f"# {interval_ms:g} ms between frames\n".encode()

    def _header(self) -> bytes:
        return ",".join(self._names).encode() + b"\n"

    def _line(self, t_ms: float, values: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
        numbers: dict[str, np.floating] = {"timestamp": np.float64(t_ms), **dict(zip(CHANNELS, values, strict=True))}
        if len(self._names) == len(TWELVE_FIELDS):
            numbers |= _gravity(*values[ANGLES][:2])
        return ",".join(_shortest(numbers[name]) for name in self._names).encode() + b"\n"


def _shortest(number: np.floating) -> str:
    """The shortest text that reads back as exactly this number."""
    return np.format_float_positional(number, unique=True, trim="-")


def _gravity(pitch: np.float32, roll: np.float32) -> dict[str, np.floating]:
    """The acceleration in g of a hand held still at these angles in degrees."""
    pitched, rolled = math.radians(pitch), math.radians(roll)
    acceleration = {
        "accel_x": -math.sin(pitched),
        "accel_y": math.sin(rolled) * math.cos(pitched),
        "accel_z": math.cos(rolled) * math.cos(pitched),
    }
    return {name: np.float32(round(value, 3)) for name, value in acceleration.items()}
