"""Raw frames as the C takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.export_c.package import Arithmetic


def to_readings(frames: NDArray[np.float32], arithmetic: Arithmetic) -> NDArray[Any]:
    """Raw frames float32[..., 8], in counts and degrees, as `sg_net_reading`."""
    return np.ascontiguousarray(frames, np.float32)
