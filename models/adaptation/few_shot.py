"""One wearer's own letters, from what a model says of her windows: probabilities and embeddings, nothing else.

Pure numpy, a few milliseconds: the benchmark judges here what a service can do with a model that it cannot train.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]
"""float32[n, letters], rows that sum to 1."""

Embeddings = NDArray[np.float32]
"""float32[n, m], with a training window at a mean squared distance of 1 from its letter's mean
(models/training/metric.py)."""

DOUBT: Final = 0.05
"""Added to each probability of the model: on a new wearer it is often sure and wrong."""

SHARPNESS: Final = 12.0
"""How fast belief in a letter falls with the distance to its examples."""

_ROUNDS: Final = 5
_LEAST_BELIEF: Final = 1e-6
"""Keeps a centre for a letter that no window is like."""


@dataclass(frozen=True, slots=True)
class NearestExample:
    """Labelled examples of a wearer. For a window x with embedding e and the model's probabilities p,

        P(letter | x)  ~  (p_letter + DOUBT) * (1 + min over the letter's examples |e - e_i|^2) ^ -SHARPNESS

    a Student-t kernel: unlike a Gaussian one it also ranks letters when all examples are far, as on a hand unlike those
    trained on. A letter without an example keeps the model's own probability.
    """

    embeddings: Embeddings
    labels: NDArray[np.int64]

    @classmethod
    def of(cls, embeddings: Embeddings, labels: Sequence[int]) -> Self:
        """From one embedding an example.

        Raises:
            ValueError: there is no example, or not one label for each.
        """
        if not len(embeddings) or len(embeddings) != len(labels):
            raise ValueError(f"{len(embeddings)} examples with {len(labels)} labels")
        return cls(embeddings, np.array(labels, np.int64))

    def answer(self, probabilities: Probabilities, embeddings: Embeddings) -> Probabilities:
        """The calibrated probabilities of windows."""
        shown = np.unique(self.labels)
        distances = squared_distances(embeddings, self.embeddings)
        nearest = np.stack([distances[:, self.labels == label].min(axis=1) for label in shown], axis=1)
        share = _softmax(_belief(probabilities[:, shown], nearest))
        answers = probabilities.astype(np.float64)
        answers[:, shown] = share * answers[:, shown].sum(axis=1, keepdims=True)
        return answers.astype(np.float32)


@dataclass(frozen=True, slots=True)
class TransductiveCalibration:
    """Unlabelled windows of a wearer. Each letter gets a centre among them, found in a few rounds from the model's own
    answers; then, as with one example at each centre c,

        P(letter | x)  ~  (p_letter + DOUBT) * (1 + |e - c_letter|^2) ^ -SHARPNESS

    Windows count for a centre by the square of the belief in the letter, so that the doubtful ones hardly do. Nothing
    is assumed of how often each letter was signed: the centre of one that was not signed lies among the others, far
    from most windows. An error is mended where most windows of its letter are right; a letter that the model takes for
    another throughout stays so. This is the soft k-means of Ren et al., Meta-Learning for Semi-Supervised Few-Shot
    Classification, 2018, begun from the model instead of from examples.
    """

    centres: NDArray[np.float64]
    """float64[letters, m]."""

    @classmethod
    def of(cls, probabilities: Probabilities, embeddings: Embeddings) -> Self:
        """From what the model says of the unlabelled windows.

        Raises:
            ValueError: there is no window.
        """
        if not len(embeddings):
            raise ValueError("self-calibration needs at least one window")
        belief = _softmax(np.log(probabilities.astype(np.float64) + DOUBT))
        for _ in range(_ROUNDS):
            weights = belief**2
            calibrated = cls((weights.T @ embeddings.astype(np.float64)) / weights.sum(axis=0)[:, np.newaxis])
            belief = calibrated.answer(probabilities, embeddings).astype(np.float64) + _LEAST_BELIEF
        return calibrated

    def answer(self, probabilities: Probabilities, embeddings: Embeddings) -> Probabilities:
        """The calibrated probabilities of windows."""
        return _softmax(_belief(probabilities, squared_distances(embeddings, self.centres))).astype(np.float32)


def _belief(probabilities: NDArray[np.float32], distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """In logarithms, because what speaks for a far letter is smaller than a float can say."""
    prior: NDArray[np.float64] = np.log(probabilities.astype(np.float64) + DOUBT)
    return prior - SHARPNESS * np.log1p(distances)


def _softmax(belief: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.exp(belief - belief.max(axis=1, keepdims=True))
    answers: NDArray[np.float64] = share / share.sum(axis=1, keepdims=True)
    return answers


def squared_distances(windows: NDArray[np.floating[Any]], others: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """float64[len(windows), len(others)]."""
    a, b = windows.astype(np.float64), others.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances: NDArray[np.float64] = np.maximum(squares, 0.0)
    return distances
