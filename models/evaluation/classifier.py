"""Interfaces of what the benchmark compares, networks and baselines alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording

Windows = Sequence[NDArray[np.float32]]
"""float32[n_i, 8] each, in raw units, of one frame or more."""

REJECTED: Final = -1
"""In place of a label: no letter fits."""


class Answers(NamedTuple):
    """What the service would answer to n windows: `labels` int64[n], or REJECTED, and `confidence` float64[n], which is
    shown beside a letter: its probability, where rejection has one too."""

    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]


class Classifier(Protocol):
    """A fitted classifier of letters."""

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        """Return float32[n, labels], rows that sum to 1, in the order of the family's labels."""

    def ranged(self) -> Classifier:
        """Return the classifier for windows of a user that are brought to the range in which it was fitted."""

    def of_known(self, person: str) -> Classifier | None:
        """Return the classifier for a user who is one of the people (collections) that it was fitted to: what they
        showed there counts as their examples. None for a classifier that keeps nothing of each person, and for a
        person whom it does not know."""

    def with_examples(self, examples: Sequence[Recording]) -> Classifier:
        """Return a classifier calibrated with labelled episodes of a user; this one does not change."""

    def with_unlabelled(self, frames: Windows) -> Classifier | None:
        """Return a classifier calibrated with unlabelled episodes of a user; None where that is not supported."""

    def without_direction(self) -> Classifier | None:
        """Return the classifier for windows whose zero of yaw may be another than that of a user's examples, so that
        their direction is not compared; None for one that cannot do without."""

    def served(self, windows: Windows) -> Answers | None:
        """Return what the service would answer; None for a classifier that cannot reject."""

    def doubtful(self, held: Windows, examples: Windows, count: int) -> NDArray[np.int64] | None:
        """Return the indices int64[k] of at most `count` held windows to ask about that are no example already, the
        most doubtful first; None for a classifier without embeddings."""


class ClassifierFamily(Protocol):
    """A way to fit a classifier to recordings. It is sent to worker processes, so it must be picklable."""

    @property
    def name(self) -> str:
        """Name in the report."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are recognised."""

    @property
    def learns_ranges(self) -> bool:
        """Whether a fit makes use of the ranges of many people's sensors by itself."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that determines the classifier besides recordings and seed, as JSON for the report."""

    def fit(self, train: Sequence[Recording], seed: int) -> Classifier:
        """Return a classifier fitted to `train` alone; the same seed gives the same classifier."""
