"""Open-set classification: which letter a window shows by a user's examples, or that it shows none. Pure numpy.

A letter is any label: of the model, or a user's own that the model was never trained on.

A reference of examples of a user. For a window with embedding e and the model's probabilities p, log-scores are
logarithms of

    letter     (p_letter + DOUBT) * (1 + d_letter) ^ -SHARPNESS,    d_letter = min over its examples |e - e_i|^2
    rejection  (1 + min(FLOOR * class_spacing, d_rest)) ^ -SHARPNESS

a Student-t kernel as in `models.adaptation.few_shot.TransductiveCalibration`, with one more class. The model has no
probability of a label that it was not trained on: such a label gets the largest that the window has, so that between it
and the model's labels the distance decides alone, while the model still decides among its own. `class_spacing` is how
far examples of different letters lie apart on this hand: the median over letters of the squared distance to the nearest
other letter. Embeddings of a hand unlike those in the training data lie farther apart, so no fixed distance can be the
limit for rejection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import (
    DOUBT,
    SHARPNESS,
    Embeddings,
    Probabilities,
    squared_distances,
)
from models.adaptation.native.example_memory import ExampleArrays
from models.adaptation.scored import LogScores, Scored

REST: Final = -1
"""Label of an example of the hand at rest."""

FLOOR: Final = 2.0
"""In units of `class_spacing`: a window farther than this from every letter is rejected. Chosen on simulated streams
(docs/reports/stream-benchmark.md)."""

STRANGERS_FLOOR: Final = 4.0
"""The same where letters are known by the hands of others: of letters of people left out 0 to 7 % are farther."""

_EVEN_CHANCE: Final = 0.5

FEWEST_LETTERS: Final = 3
"""Examples of fewer letters do not show how far letters lie apart."""


class Reference(Protocol):
    """What windows are scored by: examples of a user, or what a model knows of any hand."""

    @property
    def embeddings(self) -> Embeddings:
        """The examples, float32[n, m]."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """The letter of each example, or REST."""

    @property
    def classes(self) -> int:
        """The number of letters."""

    @property
    def class_spacing(self) -> float:
        """How far letters lie apart."""

    def log_scores(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> LogScores:
        """Return the log-scores of windows from the model's outputs, float32[n, known] and float32[n, m]; `yaws`
        float64[n]: of the hand, in degrees from the zero of the user's examples, where that is known."""

    def score(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> Scored:
        """Return those log-scores with what follows from them, compiled where that is possible."""

    def confidence(self, log_scores: LogScores) -> NDArray[np.float64]:
        """Return the factor float64[n] of these log-scores with which probabilities are the share of answers that are
        right."""

    @property
    def rests(self) -> Embeddings:
        """The examples of rest, float32[k, m]."""

    def to_rest(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Return the squared distances float64[n] to the nearest example of rest; infinite without one."""


@dataclass(frozen=True, slots=True)
class OpenSetReference:
    """Examples by letter. A letter without examples has no distance: it scores as much as rejection where the model
    gives it a probability of one half, and more where the model gives it more.

    `classes` is the number of letters: those of the model first, in its order, then those that it does not know.
    """

    embeddings: Embeddings
    labels: NDArray[np.int64]
    classes: int
    class_spacing: float
    _letters: NDArray[np.float32]  # examples of letters, ordered by letter
    _shown: NDArray[np.int64]
    _unshown: NDArray[np.int64]
    _starts: NDArray[np.int64]  # first row of each letter in _letters
    _rests: NDArray[np.float32]
    _pooled: NDArray[np.int64]  # rows of _shown

    @classmethod
    def of(
        cls,
        embeddings: Embeddings,
        labels: Sequence[int],
        classes: int,
        class_spacing: float | None = None,
        pooled: Collection[int] = (),
    ) -> Self:
        """Make a reference of examples.

        Args:
            embeddings: one for each example.
            labels: of the examples: 0 to `classes` - 1, or REST.
            classes: number of letters, those without an example included.
            class_spacing: used where the examples are of fewer than three letters: that of the model's prototypes.
            pooled: letters that all lie as far from a window as the nearest of them: the model tells them apart.

        Raises:
            ValueError: the numbers of embeddings and labels differ, a label is neither, or `class_spacing` is missing.
        """
        marks = np.array(labels, np.int64)
        if len(embeddings) != len(marks):
            raise ValueError(f"{len(embeddings)} examples with {len(marks)} labels")
        strange = marks[(marks < REST) | (marks >= classes)]
        if len(strange):
            raise ValueError(
                f"label {strange[0]} is neither the index of a letter, 0 to {classes - 1}, nor {REST} for rest"
            )
        order = np.argsort(marks, kind="stable")
        order = order[marks[order] != REST]
        letters, of_letter = embeddings[order].astype(np.float32), marks[order]
        shown, starts = np.unique(of_letter, return_index=True)
        if len(shown) >= min(FEWEST_LETTERS, classes):
            class_spacing = _class_spacing(letters, of_letter)
        if class_spacing is None:
            raise ValueError("examples of fewer than three letters need a class_spacing")
        unshown = np.setdiff1d(np.arange(classes), shown)
        rests = embeddings[marks == REST].astype(np.float32)
        one = np.flatnonzero(np.isin(shown, list(pooled)))
        return cls(embeddings, marks, classes, class_spacing, letters, shown, unshown, starts, rests, one)

    def log_scores(
        self,
        probabilities: Probabilities,
        embeddings: NDArray[np.floating],
        yaws: NDArray[np.float64] | None = None,
        *,
        trust: float = 1.0,
    ) -> LogScores:
        """Return the log-scores of windows from the model's outputs, float32[n, known] and float32[n, m]; the model
        knows the first `known` of the classes.

        `trust` is an exponent of the model's probabilities. These examples have no yaw: that of the windows says
        nothing.
        """
        floor = self.floor
        log_scores = np.empty((len(embeddings), self.classes + 1))
        log_scores[:, :-1] = trust * np.log(self._priors(probabilities).astype(np.float64) + DOUBT)
        log_scores[:, -1] = np.maximum(floor, -SHARPNESS * np.log1p(self.to_rest(embeddings)))
        log_scores[:, self._unshown] += floor - trust * np.log(_EVEN_CHANCE + DOUBT)
        shown, distances = self.to_letters(embeddings)
        log_scores[:, shown] -= SHARPNESS * np.log1p(distances)
        return log_scores

    def score(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> Scored:
        scores = self.log_scores(probabilities, embeddings, yaws)
        return Scored.of(scores, self.confidence(scores))

    def confidence(self, log_scores: LogScores) -> NDArray[np.float64]:
        return np.ones(len(log_scores))

    @property
    def floor(self) -> float:
        """The log-score of what is as far as a letter may be."""
        limit = STRANGERS_FLOOR if len(self._pooled) else FLOOR
        return float(-SHARPNESS * np.log1p(limit * self.class_spacing))

    @property
    def arrays(self) -> ExampleArrays:
        """The examples for the compiled form."""
        return ExampleArrays(self.classes, self._letters, self._starts, self._shown, self._rests, self._pooled)

    @property
    def unshown(self) -> NDArray[np.int64]:
        """The letters without an example."""
        return self._unshown

    @property
    def rests(self) -> Embeddings:
        """The examples of rest, float32[k, m]."""
        return self._rests

    def to_letters(self, embeddings: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the k letters that have examples, and the squared distances float64[n, k] to the nearest of each."""
        if not len(self._shown):
            return self._shown, np.zeros((len(embeddings), 0))
        to_examples = squared_distances(embeddings, self._letters)
        nearest: NDArray[np.float64] = np.minimum.reduceat(to_examples, self._starts, axis=1)
        if len(self._pooled):
            nearest[:, self._pooled] = nearest[:, self._pooled].min(axis=1, keepdims=True)
        return self._shown, nearest

    def _priors(self, probabilities: Probabilities) -> NDArray[np.float32]:
        """Return the probabilities float32[n, classes]; for letters that the model does not know the largest of the
        model's, or 0 where there is no example to recognise them by."""
        known = probabilities.shape[1]
        if known == self.classes:
            return probabilities
        if not known:  # the model knows none of them
            return np.ones((len(probabilities), self.classes), np.float32)
        unknown = np.repeat(probabilities.max(axis=1, keepdims=True), self.classes - known, axis=1)
        unknown[:, self._unshown[self._unshown >= known] - known] = 0.0
        return np.hstack([probabilities, unknown])

    def to_rest(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the squared distances float64[n] to the nearest example of rest; infinite without one."""
        if not len(self._rests):
            return np.full(len(embeddings), np.inf)
        nearest: NDArray[np.float64] = squared_distances(embeddings, self._rests).min(axis=1)
        return nearest


def _class_spacing(embeddings: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    distances = squared_distances(embeddings, embeddings)
    distances[labels[:, np.newaxis] == labels] = np.inf
    return float(np.median([distances[labels == label].min() for label in np.unique(labels)]))
