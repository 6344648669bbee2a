"""Windows of hands that hold, move and lose sensors, drawn by a seed."""

from __future__ import annotations

import numpy as np


def window(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Return a window float32[frames, 8] of shapes that follow each other, near the ends of the angles too."""
    shapes = rng.uniform([*[300.0] * 5, -90, -190, -180], [*[950.0] * 5, 90, 190, 180], (4, 8))
    shapes = shapes[:1] + rng.choice([0.01, 0.3, 1]) * (shapes - shapes[:1])
    which = np.sort(rng.integers(0, 4, frames))
    values = shapes[which] + rng.normal(0, rng.choice([0.0, 1.0, 4.0]), (frames, 8))
    for _ in range(rng.integers(0, 3)):
        begin = int(rng.integers(0, frames))
        values[begin : begin + int(rng.integers(1, 20)), rng.integers(0, 8)] = rng.choice([0.0, 99.9, np.nan, -0.0])
    return values.astype(np.float32)
