"""Baselines that any network has to beat.

All use statistics over the frames of a window, whatever its length; in training, of whole episodes. None can reject,
has embeddings, or is calibrated without labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

from models.adaptation.front_end import LEAN
from models.data.dataset import Recording
from models.evaluation.classifier import Windows
from scaleglove.channels import FLEX

_DEGREE: Final = 3
_ROUNDS: Final = 300
"""Most rounds of the regression."""


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

    def of_known(self, person: str) -> None:
        return None

    def with_unlabelled(self, frames: Windows) -> None:
        return None

    def without_direction(self) -> Self | None:
        return None

    def served(self, windows: Windows) -> None:
        return None

    def doubtful(self, held: Windows, examples: Windows, count: int) -> None:
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
class Splines(Baseline):
    """Logistic regression on cubic B-splines of each of the means and standard deviations of the flex sensors and of
    sine and cosine of pitch and roll, standardised. A user's examples weigh as much as 20 training episodes each.

    Yaw has no fixed zero and is left out. Knots and regularisation were chosen on the Korean recordings
    (docs/reports/accuracy.md).
    """

    knots: int = 5
    regularisation: float = 1.0
    copies: int = 20
    name: ClassVar[str] = "Splines"

    @property
    def settings(self) -> dict[str, object]:
        return {
            "knots": self.knots,
            "degree": _DEGREE,
            "C": self.regularisation,
            "statistics": ["mean", "std"],
            "of": ["flex", "sine and cosine of pitch and roll"],
            "weight of an example": self.copies,
        }

    def fit(self, train: Sequence[Recording], seed: int) -> FittedSplines:
        statistics = _turning([recording.samples for recording in train])
        transform = make_pipeline(StandardScaler(), SplineTransformer(self.knots, degree=_DEGREE)).fit(statistics)
        letters = _letters(train)
        return FittedSplines(self, transform, transform.transform(statistics), letters, np.ones(len(letters)))


class FittedSplines(FittedBaseline):
    """Fitted regression with its training set float64[n, m], letters int64[n] and weights float64[n]: calibration fits
    it again, with the knots as they are."""

    def __init__(
        self,
        family: Splines,
        transform: Pipeline,
        features: NDArray[np.float64],
        letters: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> None:
        self._family, self._transform = family, transform
        self._features, self._letters, self._weights = features, letters, weights
        regression = LogisticRegression(C=family.regularisation, max_iter=_ROUNDS)
        self._regression = regression.fit(features, letters, sample_weight=weights)

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        probabilities = self._regression.predict_proba(self._transform.transform(_turning(windows)))
        return _spread(probabilities, self._regression.classes_, self._family)

    def without_direction(self) -> Self:
        return self

    def with_examples(self, examples: Sequence[Recording]) -> FittedSplines:
        shown = self._transform.transform(_turning([example.samples for example in examples]))
        return FittedSplines(
            self._family,
            self._transform,
            np.concatenate([self._features, shown]),
            np.concatenate([self._letters, _letters(examples)]),
            np.concatenate([self._weights, np.full(len(examples), float(self._family.copies))]),
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

    def without_direction(self) -> Self:
        return self

    def with_examples(self, examples: Sequence[Recording]) -> FittedMajority:
        return FittedMajority(self._family, np.concatenate([self._letters, _letters(examples)]))


BASELINES: dict[str, type[ExtraTrees | NearestNeighbour | Splines | MajorityGuess]] = {
    family.name: family for family in (ExtraTrees, NearestNeighbour, Splines, MajorityGuess)
}


def _letters(recordings: Sequence[Recording]) -> NDArray[np.int64]:
    return np.array([recording.label for recording in recordings], np.int64)


def _statistics(windows: Windows) -> NDArray[np.float32]:
    return np.stack([np.concatenate([w.mean(0), w.std(0), np.median(w, 0)]) for w in windows])


def _means(windows: Windows) -> NDArray[np.float32]:
    return np.stack([window.mean(0) for window in windows])


def _turning(windows: Windows) -> NDArray[np.float64]:
    """Return mean and standard deviation float64[n, 18] of windows in channels that do not jump at +-180 degrees."""
    found = []
    for window in windows:
        lean = np.deg2rad(window[:, LEAN].astype(np.float64))
        channels = np.hstack([window[:, FLEX], np.sin(lean), np.cos(lean)])
        found.append(np.concatenate([channels.mean(axis=0), channels.std(axis=0)]))
    return np.stack(found)


def _spread(probabilities: NDArray[np.float64], classes: NDArray[np.int64], family: Baseline) -> NDArray[np.float32]:
    """Spread probabilities of the letters of the training set over all labels."""
    everywhere = np.zeros((len(probabilities), len(family.labels)), np.float32)
    everywhere[:, classes] = probabilities
    return everywhere
