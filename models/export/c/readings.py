"""Raw frames as the C takes them."""

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
    """Raw frames float32[..., 8], in counts and degrees, as `sg_net_reading`.

    As integers, flex readings have steps of 1/32 of a count and stop where 16 bits end (1023.97 counts); angles have
    steps of 1/65536 of a turn, whole turns away.
    """
    raw = np.ascontiguousarray(frames, np.float32)
    if arithmetic == "float32":
        return raw
    found = np.empty(raw.shape, np.int16)
    found[..., FLEX] = np.round(np.clip(raw[..., FLEX], 0, _LARGEST / PER_COUNT) * PER_COUNT)
    turns = np.round(raw[..., ANGLES].astype(np.float64) / 360 * PER_TURN).astype(np.int64)
    found[..., ANGLES] = (turns % PER_TURN).astype(np.uint16).view(np.int16)
    return found
