"""Calibration to one user's letters, from a model's probabilities and embeddings alone. Pure numpy, a few
milliseconds: a service can do it with a model that it cannot train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]
"""float32[n, letters], rows that sum to 1."""

Embeddings = NDArray[np.float32]
"""float32[n, m]. The mean squared distance of a training window from the mean of its letter is 1
(models/training/metric.py)."""

DOUBT: Final = 0.05
"""Added to each probability of the model, which is often overconfident on a new user."""

SHARPNESS: Final = 12.0
"""Exponent of the Student-t kernel: how fast a score falls with the distance to the examples of its letter."""

_ROUNDS: Final = 5
_LEAST_POSTERIOR: Final = 1e-6
"""Keeps a centre for a letter that resembles no window."""


@dataclass(frozen=True, slots=True)
class TransductiveCalibration:
    """Calibration by unlabelled windows of a user.

    Each letter gets a centre c among them, found in a few rounds from the model's probabilities p; then, for a window x
    with embedding e,

        P(letter | x)  ~  (p_letter + DOUBT) * (1 + |e - c_letter|^2) ^ -SHARPNESS

    a Student-t kernel: unlike a Gaussian one it still ranks letters when all centres are far, as on a hand unlike those
    in the training data.

    Windows are weighted by the square of the posterior, so that uncertain ones hardly count. No frequency of letters is
    assumed: the centre of a letter that was not signed lies among the others, far from most windows. An error is
    corrected where most windows of its letter are right; a letter that the model always confuses with another stays
    confused. This is the soft k-means of Ren et al., Meta-Learning for Semi-Supervised Few-Shot Classification, 2018,
    initialised by the model instead of by examples.
    """

    centres: NDArray[np.float64]
    """float64[letters, m]."""

    @classmethod
    def of(cls, probabilities: Probabilities, embeddings: Embeddings) -> Self:
        """Fit it to the model's outputs for the unlabelled windows.

        Raises:
            ValueError: there is no window.
        """
        if not len(embeddings):
            raise ValueError("self-calibration needs at least one window")
        posterior = softmax(np.log(probabilities.astype(np.float64) + DOUBT))
        for _ in range(_ROUNDS):
            weights = posterior**2
            calibrated = cls((weights.T @ embeddings.astype(np.float64)) / weights.sum(axis=0)[:, np.newaxis])
            posterior = calibrated.answer(probabilities, embeddings).astype(np.float64) + _LEAST_POSTERIOR
        return calibrated

    def answer(self, probabilities: Probabilities, embeddings: Embeddings) -> Probabilities:
        """Return the calibrated probabilities of windows."""
        return softmax(_log_posterior(probabilities, squared_distances(embeddings, self.centres))).astype(np.float32)


def _log_posterior(probabilities: NDArray[np.float32], distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logarithms, not normalised: the posterior of a far letter underflows."""
    prior: NDArray[np.float64] = np.log(probabilities.astype(np.float64) + DOUBT)
    return prior - SHARPNESS * np.log1p(distances)


def softmax(log_scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of log-scores as probabilities: float64 of the same shape, rows that sum to 1."""
    likely = np.exp(log_scores - log_scores.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = likely / likely.sum(axis=1, keepdims=True)
    return probabilities


def squared_distances(windows: NDArray[np.floating[Any]], others: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the squared distances float64[len(windows), len(others)]."""
    a, b = windows.astype(np.float64), others.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances: NDArray[np.float64] = np.maximum(squares, 0.0)
    return distances
