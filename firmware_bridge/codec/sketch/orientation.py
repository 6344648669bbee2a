"""Pitch, roll and yaw from raw motion sensors: the firmware's own filter. Pure.

firmware_bridge/firmware/core/orientation.c and gyro_bias.c name the sources.
"""

from __future__ import annotations

import math
from typing import Final

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

LEAN_S: Final = 1.0
"""Far longer than the strokes of signing, far shorter than the gyroscope's drift."""
_LEAST_G, _MOST_G = 0.7, 1.3
"""Beyond these the hand is being swung or hit."""
_STILL_S: Final = 1.0
_STILL_SAMPLES: Final = 10
_STILL_RATE: Final = 2.0
_STILL_ACCELERATION: Final = 0.05
_LARGEST_BIAS: Final = 20.0
_LARGEST_CHANGE: Final = 1.0
"""Once known, a bias only drifts; a steady turn faster than this is a turn."""
_NONE: Final[Vector] = (0.0, 0.0, 0.0)
_SMALL_TURN: Final = 1e-3


class GyroBias:
    """The zero-rate output of a gyroscope, learned while the hand is still."""

    def __init__(self) -> None:
        self.bias = _NONE
        self._is_found = False
        self._samples, self._seconds = 0, 0.0
        self._turn = self._acceleration = _NONE

    def update(self, acceleration: Vector, turn: Vector, seconds: float) -> None:
        """Take the next sample: acceleration in g, turn in degrees/s, and the time since the last one."""
        is_still = _within(turn, self._turn, _STILL_RATE) and _within(
            acceleration, self._acceleration, _STILL_ACCELERATION
        )
        if self._samples > 0 and not is_still:
            self._begin()
        if self._samples > 0:
            self._seconds += seconds
        self._samples += 1
        self._turn = _mean(self._turn, turn, self._samples)
        self._acceleration = _mean(self._acceleration, acceleration, self._samples)
        if self._seconds < _STILL_S or self._samples < _STILL_SAMPLES:
            return
        is_small = _within(self._turn, _NONE, _LARGEST_BIAS)
        if is_small and (not self._is_found or _within(self._turn, self.bias, _LARGEST_CHANGE)):
            self.bias = self._turn
            self._is_found = True
        self._begin()

    def _begin(self) -> None:
        self._samples, self._seconds = 0, 0.0
        self._turn = self._acceleration = _NONE


class Orientation:
    """The attitude of a hand, as a quaternion."""

    def __init__(self) -> None:
        self._attitude: Quaternion = (1.0, 0.0, 0.0, 0.0)
        self._is_levelled = False
        self._bias = GyroBias()

    def update(self, acceleration: Vector, turn: Vector | None, seconds: float) -> tuple[float, float, float | None]:
        """Return pitch, roll and yaw in degrees; yaw None without a gyroscope.

        `acceleration` in g, `turn` in degrees/s, `seconds` since the last update.
        """
        size = math.hypot(*acceleration)
        is_usable = _LEAST_G <= size <= _MOST_G
        if turn is None:
            self._attitude = _level(acceleration)
            return (*self._lean(), None)
        self._bias.update(acceleration, turn, seconds)
        if is_usable and not self._is_levelled:
            self._attitude = _level(acceleration)
            self._is_levelled = True
        else:
            rates = zip(turn, self._bias.bias, strict=True)
            x, y, z = (math.radians(rate - bias) * seconds for rate, bias in rates)
            self._rotate((x, y, z))
            if is_usable:
                gain = seconds / (LEAN_S + seconds) / size
                self._rotate(_pull(acceleration, _vertical(self._attitude), gain))
        w, x, y, z = self._attitude
        yaw = _wrap(math.degrees(math.atan2(2 * (x * y + w * z), w * w + x * x - y * y - z * z)))
        return (*self._lean(), yaw)

    def _lean(self) -> tuple[float, float]:
        x, y, z = _vertical(self._attitude)
        return math.degrees(math.atan2(-x, math.hypot(y, z))), _wrap(math.degrees(math.atan2(y, z)))

    def _rotate(self, radians: Vector) -> None:
        angle = math.hypot(*radians)
        scale = math.sin(angle / 2) / angle if angle > _SMALL_TURN else 0.5
        x, y, z = radians
        turned = _multiply(self._attitude, (math.cos(angle / 2), scale * x, scale * y, scale * z))
        norm = math.hypot(*turned)
        a, b, c, d = turned
        self._attitude = (a / norm, b / norm, c / norm, d / norm)


def _multiply(p: Quaternion, r: Quaternion) -> Quaternion:
    pw, px, py, pz = p
    rw, rx, ry, rz = r
    return (
        pw * rw - px * rx - py * ry - pz * rz,
        pw * rx + px * rw + py * rz - pz * ry,
        pw * ry - px * rz + py * rw + pz * rx,
        pw * rz + px * ry - py * rx + pz * rw,
    )


def _vertical(attitude: Quaternion) -> Vector:
    w, x, y, z = attitude
    return 2 * (x * z - w * y), 2 * (w * x + y * z), w * w - x * x - y * y + z * z


def _level(acceleration: Vector) -> Quaternion:
    x, y, z = acceleration
    pitch, roll = math.atan2(-x, math.hypot(y, z)) / 2, math.atan2(y, z) / 2
    cp, sp, cr, sr = math.cos(pitch), math.sin(pitch), math.cos(roll), math.sin(roll)
    return cp * cr, cp * sr, sp * cr, -sp * sr


def _pull(acceleration: Vector, up: Vector, gain: float) -> Vector:
    """Return the turn by which the acceleration pulls the vertical towards itself."""
    (ax, ay, az), (ux, uy, uz) = acceleration, up
    return gain * (ay * uz - az * uy), gain * (az * ux - ax * uz), gain * (ax * uy - ay * ux)


def _wrap(degrees: float) -> float:
    return degrees - 360 if degrees >= 180 else degrees + 360 if degrees < -180 else degrees


def _within(values: Vector, about: Vector, distance: float) -> bool:
    return all(abs(value - middle) <= distance for value, middle in zip(values, about, strict=True))


def _mean(old: Vector, new: Vector, count: int) -> Vector:
    x, y, z = (before + (value - before) / count for before, value in zip(old, new, strict=True))
    return x, y, z
