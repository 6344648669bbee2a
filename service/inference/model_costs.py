"""What a served model costs: bytes of its file, and the time for a window on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from scaleglove.channels import CHANNELS
from service.inference.engine import Model, Window

_ROUNDS: Final = 15
"""Of some tenths of a millisecond each: a start is not noticeably longer by it."""


@dataclass(frozen=True, slots=True)
class ModelCost:
    file_bytes: int
    window_ms: float
    """Median time for one full window, alone."""


def time_windows(models: Mapping[str, Model]) -> dict[str, float]:
    """Milliseconds for a full window of each model: the median of rounds in which each has its turn, so that the
    machine's moods fall on all of them alike."""
    windows = {name: _window(model) for name, model in models.items()}
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(_ROUNDS):
        for name, model in models.items():
            begun = time.perf_counter()
            model.run_windows([windows[name]])
            seconds[name].append(time.perf_counter() - begun)
    return {name: 1000 * statistics.median(taken) for name, taken in seconds.items()}


def _window(model: Model) -> Window:
    rng = np.random.default_rng(0)
    return rng.uniform(0, 900, (model.contract.window_frames, len(CHANNELS))).astype(np.float32)
