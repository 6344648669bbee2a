"""Conversion of raw frames to the readings of the C package."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, FLEX

Arithmetic = Literal["float32", "integer"]

PER_COUNT: Final = 32
PER_TURN: Final = 65536
_LARGEST: Final = 2**15 - 1


def to_readings(frames: NDArray[np.float32], arithmetic: Arithmetic) -> NDArray[Any]:
    """Convert raw frames float32[..., 8], in counts and degrees, to `sg_net_reading`.

    As integers, flex readings have steps of 1/32 of a count and are clipped to 16 bits (1023.97 counts); angles have
    steps of 1/65536 of a turn, modulo whole turns.
    """
    raw = np.ascontiguousarray(frames, np.float32)
    if arithmetic == "float32":
        return raw
    found = np.empty(raw.shape, np.int16)
    found[..., FLEX] = np.round(np.clip(raw[..., FLEX], 0, _LARGEST / PER_COUNT) * PER_COUNT)
    turns = np.round(raw[..., ANGLES].astype(np.float64) / 360 * PER_TURN).astype(np.int64)
    found[..., ANGLES] = (turns % PER_TURN).astype(np.uint16).view(np.int16)
    return found
