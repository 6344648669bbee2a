"""Baselines that any network has to beat.

All use statistics over the frames of a window, whatever its length; in training, of whole episodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from models.data.dataset import Recording
from models.evaluation.classifier import Windows


@dataclass(frozen=True)
class Baseline:
    """What every baseline has. `labels` are those that are recognised."""

    labels: tuple[str, ...] = field(kw_only=True)

    @property
    def learns_ranges(self) -> bool:
        return False


class FittedBaseline:
    """What no fitted baseline makes use of."""

    def ranged(self) -> Self:
        return self

    def with_unlabelled(self, frames: Windows) -> None:
        return None


@dataclass(frozen=True)
class ExtraTrees(Baseline):
    """300 extremely randomised trees on mean, standard deviation and median of each channel.

    Angles are used as they are read, in -180..180, although some letters' roll lies near the seam. A user's examples
    are added to the training set 20 times each.
    """

    trees: int = 300
    copies: int = 20
    name: ClassVar[str] = "ExtraTrees"

    @property
    def settings(self) -> dict[str, object]:
        return {"trees": self.trees, "statistics": ["mean", "std", "median"], "copies of an example": self.copies}

    def fit(self, train: Sequence[Recording], seed: int) -> FittedTrees:
        return FittedTrees(self, seed, _statistics([r.samples for r in train]), _letters(train))


class FittedTrees(FittedBaseline):
    """Fitted trees with their training set float32[n, 24] and letters int64[n]: calibration fits them again."""

    def __init__(
        self, family: ExtraTrees, seed: int, features: NDArray[np.float32], letters: NDArray[np.int64]
    ) -> None:
        self._family, self._seed, self._features, self._letters = family, seed, features, letters
        self._trees = ExtraTreesClassifier(family.trees, random_state=seed, n_jobs=1).fit(features, letters)

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        probabilities = self._trees.predict_proba(_statistics(windows))
        return _spread(probabilities, self._trees.classes_, self._family)

    def with_examples(self, examples: Sequence[Recording]) -> FittedTrees:
        shown = np.repeat(_statistics([r.samples for r in examples]), self._family.copies, axis=0)
        letters = np.repeat(_letters(examples), self._family.copies)
        return FittedTrees(
            self._family,
            self._seed,
            np.concatenate([self._features, shown]),
            np.concatenate([self._letters, letters]),
        )


@dataclass(frozen=True)
class NearestNeighbour(Baseline):
    """Nearest training episode by the 8 channel means, standardised. A user's examples join the training set; the
    scaler does not change."""

    name: ClassVar[str] = "NearestNeighbour"

    @property
    def settings(self) -> dict[str, object]:
        return {"neighbours": 1, "statistics": ["mean"], "standardised": True}

    def fit(self, train: Sequence[Recording], seed: int) -> FittedNeighbours:
        features = _means([r.samples for r in train])
        return FittedNeighbours(self, StandardScaler().fit(features), features, _letters(train))


class FittedNeighbours(FittedBaseline):
    """Fitted nearest neighbour with its references."""

    def __init__(
        self, family: Baseline, scaler: StandardScaler, features: NDArray[np.float32], letters: NDArray[np.int64]
    ) -> None:
        self._family = family
        self._scaler, self._features, self._letters = scaler, features, letters
        # By brute force: no tree whose shape could depend on the number of references.
        self._nearest = KNeighborsClassifier(1, algorithm="brute").fit(scaler.transform(features), letters)

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        probabilities = self._nearest.predict_proba(self._scaler.transform(_means(windows)))
        return _spread(probabilities, self._nearest.classes_, self._family)

    def with_examples(self, examples: Sequence[Recording]) -> FittedNeighbours:
        return FittedNeighbours(
            self._family,
            self._scaler,
            np.concatenate([self._features, _means([r.samples for r in examples])]),
            np.concatenate([self._letters, _letters(examples)]),
        )


@dataclass(frozen=True)
class MajorityGuess(Baseline):
    """The most frequent letter of the training set (the first of equals), with its frequency as confidence; a user's
    examples count like any others."""

    name: ClassVar[str] = "MajorityGuess"

    @property
    def settings(self) -> dict[str, object]:
        return {}

    def fit(self, train: Sequence[Recording], seed: int) -> FittedMajority:
        return FittedMajority(self, _letters(train))


class FittedMajority(FittedBaseline):
    """Frequencies of the letters."""

    def __init__(self, family: Baseline, letters: NDArray[np.int64]) -> None:
        self._family, self._letters = family, letters
        self._frequencies = np.bincount(letters, minlength=len(family.labels)) / len(letters)

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        return np.tile(self._frequencies.astype(np.float32), (len(windows), 1))

    def with_examples(self, examples: Sequence[Recording]) -> FittedMajority:
        return FittedMajority(self._family, np.concatenate([self._letters, _letters(examples)]))


BASELINES: dict[str, type[ExtraTrees | NearestNeighbour | MajorityGuess]] = {
    family.name: family for family in (ExtraTrees, NearestNeighbour, MajorityGuess)
}


def _letters(recordings: Sequence[Recording]) -> NDArray[np.int64]:
    return np.array([recording.label for recording in recordings], np.int64)


def _statistics(windows: Windows) -> NDArray[np.float32]:
    return np.stack([np.concatenate([w.mean(0), w.std(0), np.median(w, 0)]) for w in windows])


def _means(windows: Windows) -> NDArray[np.float32]:
    return np.stack([window.mean(0) for window in windows])


def _spread(probabilities: NDArray[np.float64], classes: NDArray[np.int64], family: Baseline) -> NDArray[np.float32]:
    """Spread probabilities of the letters of the training set over all labels."""
    everywhere = np.zeros((len(probabilities), len(family.labels)), np.float32)
    everywhere[:, classes] = probabilities
    return everywhere
