"""Windows of different lengths as one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import CHANNELS


def pad(windows: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Windows float32[n_i, 8] as `frames` float32[N, longest, 8], zero beyond each window, and `lengths` int64[N].

    Raises:
        ValueError: there is no window.
    """
    if not windows:
        raise ValueError("a batch needs at least one window")
    lengths = np.array([len(window) for window in windows], np.int64)
    frames = np.zeros((len(windows), int(lengths.max()), len(CHANNELS)), np.float32)
    for row, window in zip(frames, windows, strict=True):
        row[: len(window)] = window
    return frames, lengths
