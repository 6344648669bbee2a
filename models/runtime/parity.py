"""How closely two artefacts answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.runtime.artefact import Outputs

_BATCH = 256


class Answering(Protocol):
    """An artefact, or whatever stands for it."""

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """As `Artefact.run_windows`."""


@dataclass(frozen=True, slots=True)
class Agreement:
    windows: int
    same_letter_percent: float
    """Windows for which both name the same letter first."""
    largest_difference: float
    """Of any probability in any window."""


def agreement(one: Answering, other: Answering, windows: Sequence[NDArray[np.float32]]) -> Agreement:
    """Both asked for windows float32[n_i, 8] in raw units, at least one."""
    first, second = _probabilities(one, windows), _probabilities(other, windows)
    same = first.argmax(axis=1) == second.argmax(axis=1)
    return Agreement(len(windows), 100 * float(same.mean()), float(np.abs(first - second).max()))


def _probabilities(model: Answering, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    batches = [windows[start : start + _BATCH] for start in range(0, len(windows), _BATCH)]
    return np.concatenate([model.run_windows(batch).probabilities for batch in batches])
