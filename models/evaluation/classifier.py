"""What the benchmark asks of whatever it compares, networks and baselines alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording

Windows = Sequence[NDArray[np.float32]]
"""float32[n_i, 8] each, raw units, of any length from one frame on."""


class Classifier(Protocol):
    """Something fitted that names letters."""

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        """float32[n, 24], rows that sum to 1, in the order of `models.runtime.contract.LETTERS`."""

    def with_examples(self, examples: Sequence[Recording]) -> Classifier:
        """The same, calibrated with labelled episodes of a wearer; this one stays as it is."""

    def with_unlabelled(self, frames: Windows) -> Classifier | None:
        """The same, calibrated with unlabelled episodes of a wearer; None where there is no such calibration."""


class ClassifierFamily(Protocol):
    """A way to make a contender from recordings. It travels to worker processes: it must be picklable."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides the contender besides recordings and seed, as JSON; goes into the report."""

    def fit(self, train: Sequence[Recording], seed: int, progress: bool) -> Classifier:
        """A contender that has seen `train` and nothing else; the same seed gives the same contender."""
