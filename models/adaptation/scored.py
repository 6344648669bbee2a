"""Windows as a reference scores them, and what follows from the scores. Pure numpy."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import softmax

LogScores = NDArray[np.float64]
"""float64[n, classes + 1]: logarithms, not normalised, of the letters and, last, of the rejection of all."""


class Scored(NamedTuple):
    """Scores of n windows, of each letter and, last, of none of them."""

    log_scores: LogScores
    probabilities: NDArray[np.float64]
    """float64[n, classes + 1]: the softmax of the scores, as evidence that a decoder weighs over several windows."""
    shown: NDArray[np.float64]
    """float64[n, classes + 1]: of many answers with one probability that share is right."""
    confidence: NDArray[np.float64]
    """float64[n]: the factor of log-scores with which their softmax is what is shown."""

    @classmethod
    def of(cls, log_scores: LogScores, confidence: NDArray[np.float64]) -> Self:
        """Make them of log-scores float64[n, classes + 1] and the factors of confidence float64[n]."""
        shown = softmax(confidence[:, np.newaxis] * log_scores)
        return cls(log_scores, softmax(log_scores), shown, confidence)
