"""How likely held shapes are under what the training's glove read. Pure numpy."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.adaptation.front_end import Floats
from models.adaptation.training_readings import TrainingReadings

_FLEX_SCALE: Final = 1 / 3
_DIRECTION_SCALE: Final = 0.35
"""Widths of the kernel: in a finger's range, and as a distance between directions."""


def flex_likelihoods(flex: Floats, training: TrainingReadings) -> Floats:
    """Return the likelihood float64[5, n, m] of each finger of n shapes under each of the m training shapes; 1 for a
    sensor without contact."""
    scale = (training.high - training.low) * _FLEX_SCALE
    distances = (flex.T[:, :, np.newaxis] - training.flex.T[:, np.newaxis, :]) / scale[:, np.newaxis, np.newaxis]
    return np.asarray(np.exp(-0.5 * np.square(np.nan_to_num(distances))))


def direction_likelihoods(turned: Floats, training: TrainingReadings) -> Floats:
    """Return the likelihood float64[..., n, m] of directions float64[..., n, 3] under the training's; 1 without a
    motion sensor."""
    squares = 2 * (1 - turned @ training.directions.T)
    return np.asarray(np.exp(-0.5 * np.nan_to_num(squares) / _DIRECTION_SCALE**2))
