"""Orientation of a glove whose motion sensor gives a quaternion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def angles_of(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return pitch, roll and yaw float64[n, 3] in degrees of quaternions float64[n, 4] (w, x, y, z) of any norm, by the
    firmware's convention: z up, turned by yaw, then pitch, then roll."""
    with np.errstate(invalid="ignore", divide="ignore"):
        w, x, y, z = (quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)).T
    pitch = np.arcsin(np.clip(2 * (w * y - x * z), -1, 1))
    roll = np.arctan2(2 * (y * z + w * x), w * w - x * x - y * y + z * z)
    yaw = np.arctan2(2 * (x * y + w * z), w * w + x * x - y * y - z * z)
    angles: NDArray[np.float64] = np.rad2deg(np.stack([pitch, roll, yaw], axis=1))
    return angles
