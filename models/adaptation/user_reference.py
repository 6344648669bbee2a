"""A user's examples in the metric that they show, with the hand's direction where it is known. Pure numpy.

The examples are those of an `OpenSetReference`, with two changes. Distances are in the metric of the user's own
examples (`models.adaptation.user_metric`); and the more examples there are of each letter, the less the network's
probabilities count. Where the zero of yaw is that of the examples (`models.adaptation.yaw_frame`), the sine and cosine
of yaw are two more dimensions of every embedding: within a session they say much, between sessions nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, Probabilities
from models.adaptation.native import load
from models.adaptation.native.user_scores import SpaceArrays, UserArrays, UserScores
from models.adaptation.open_set import OpenSetReference
from models.adaptation.scored import LogScores, Scored
from models.adaptation.user_metric import fit_user_metric

FULL_TRUST: Final = 3.0
"""Examples of each letter up to which the network's probabilities count in full; with many more they count half."""

_DIRECTION: Final = 0.5
"""Weight of the direction where no letter is repeated, growing to twice that with two examples of each, which show what
it is worth."""

_OVERCONFIDENT: Final = 0.25
"""By this share log-scores of one example of each letter are too large; by it over the square root of n of n."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Examples: embeddings float32[n, m], and the class of each, or REST.

    `yaws`: of the hand in each, float64[n] in degrees from one zero, NaN where it is unknown; None: in all. `own`: how
    many of them, the first, are the user's, the others being the model's; None: all are. How far a window is from the
    model's tells whether it shows one of those letters, and the model which.
    """

    embeddings: Embeddings
    labels: Sequence[int]
    yaws: NDArray[np.float64] | None = None
    own: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Space:
    """The examples in a metric: they, and the matrix M float32[m, m] that an embedding is multiplied by."""

    reference: OpenSetReference
    metric: NDArray[np.float32]

    @classmethod
    def of(cls, embeddings: Embeddings, examples: OpenSetReference, own: int | None) -> Self:
        marks = examples.labels
        metric = fit_user_metric(embeddings[:own], marks[:own])
        of_model = [] if own is None else np.setdiff1d(marks[own:], marks[:own]).tolist()
        spacing = examples.class_spacing
        placed = OpenSetReference.of(embeddings @ metric, marks.tolist(), examples.classes, spacing, of_model)
        return cls(placed, metric)

    def log_scores(self, probabilities: Probabilities, embeddings: NDArray[np.floating], trust: float) -> LogScores:
        placed = embeddings.astype(np.float64) @ self.metric.astype(np.float64)
        return self.reference.log_scores(probabilities, placed, trust=trust)

    @property
    def arrays(self) -> SpaceArrays:
        """The same for the compiled form."""
        return SpaceArrays(self.reference.arrays, self.metric, self.reference.floor)


@dataclass(frozen=True, eq=False)
class UserReference:
    """A user's reference. `examples` are in the model's own metric, for what compares them with other embeddings."""

    examples: OpenSetReference
    yaws: NDArray[np.float64] | None
    """Of the examples, float64[n] in degrees; None: unknown."""
    _alike: _Space
    _facing: _Space | None
    _direction: float
    _trust: float
    _confidence: float
    each: float
    """The user's own examples of each letter that has one, in the mean."""

    @classmethod
    def of(cls, examples: Examples, classes: int, class_spacing: float | None = None) -> Self:
        """Make it of examples, as `OpenSetReference.of` does.

        Args:
            examples: of letters 0 to `classes` - 1, and of rest.
            classes: number of letters, those without an example included.
            class_spacing: used where the examples are of fewer than three letters.

        Raises:
            ValueError: as `OpenSetReference.of`.
        """
        embeddings, yaws = examples.embeddings, examples.yaws
        plain = OpenSetReference.of(embeddings, examples.labels, classes, class_spacing)
        own = plain.labels[: examples.own]
        each = max(1.0, float(np.sum(own >= 0)) / max(1, len(np.unique(own[own >= 0]))))
        direction = _DIRECTION * min(2.0, each)
        facing = None
        if yaws is not None and np.isfinite(yaws).all():
            facing = _Space.of(_with_direction(embeddings, yaws, direction).astype(np.float32), plain, examples.own)
        return cls(
            plain,
            None if facing is None else yaws,
            _Space.of(embeddings, plain, examples.own),
            facing,
            direction,
            0.5 + 0.5 * min(1.0, (FULL_TRUST / each) ** 2),
            1.0 - _OVERCONFIDENT / np.sqrt(each),
            each,
        )

    @property
    def embeddings(self) -> Embeddings:
        return self.examples.embeddings

    @property
    def labels(self) -> NDArray[np.int64]:
        return self.examples.labels

    @property
    def classes(self) -> int:
        return self.examples.classes

    @property
    def class_spacing(self) -> float:
        return self.examples.class_spacing

    @property
    def rests(self) -> Embeddings:
        return self.examples.rests

    @property
    def arrays(self) -> UserArrays:
        """All of it for the compiled form."""
        facing = None if self._facing is None else self._facing.arrays
        unshown = self.examples.unshown
        return UserArrays(self._alike.arrays, facing, unshown, self._direction, self._trust, self._confidence)

    @cached_property
    def _compiled(self) -> UserScores | None:
        return UserScores.of(self.arrays, load())

    def score(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> Scored:
        if self._compiled is not None and len(embeddings):
            return self._compiled.score(probabilities, embeddings, yaws)
        scores = self.log_scores(probabilities, embeddings, yaws)
        return Scored.of(scores, self.confidence(scores))

    def log_scores(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> LogScores:
        """Return log-scores float64[n, classes + 1] of windows with the model's outputs, float32[n, known] and
        float32[n, m].

        `yaws` float64[n]: of the hand, in degrees from the zero of the examples, NaN: unknown; None: all are.
        """
        facing = np.zeros(len(embeddings), bool) if yaws is None else np.isfinite(yaws)
        if self._facing is None or yaws is None or not facing.any():
            return self._alike.log_scores(probabilities, embeddings, self._trust)
        seen = _with_direction(embeddings[facing], yaws[facing], self._direction)
        known = self._facing.log_scores(probabilities[facing], seen, self._trust)
        if facing.all():
            return known
        scores = self._alike.log_scores(probabilities, embeddings, self._trust)
        scores[facing] = known
        return scores

    def confidence(self, log_scores: LogScores) -> NDArray[np.float64]:
        """Return the factor float64[n] of log-scores: the fewer examples, the more these are overconfident."""
        return np.full(len(log_scores), self._confidence)

    def to_rest(self, embeddings: Embeddings) -> NDArray[np.float64]:
        return self.examples.to_rest(embeddings)


def _with_direction(embeddings: Embeddings, yaws: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return embeddings float64[n, m + 2] with the direction of the hand."""
    turned = np.deg2rad(yaws)
    direction = weight * np.stack([np.sin(turned), np.cos(turned)], axis=1)
    return np.concatenate([embeddings.astype(np.float64), direction], axis=1)
