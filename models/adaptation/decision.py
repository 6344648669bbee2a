"""Decision rule: from a model's outputs for a window to one letter, or to none. Pure numpy.

`log_scores` scores the letters and the rejection of all of them by a reference, `probabilities_of` makes
probabilities of the scores, and `decide` names the most probable letter unless rejection is at least as probable.
Everything that names letters decides by it: the service and `scaleglove predict` alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, Probabilities, softmax
from models.adaptation.open_set import Reference
from models.adaptation.scored import LogScores, Scored


@dataclass(frozen=True, slots=True)
class Decision:
    """Answer for one window."""

    letter: int | None
    """Index of the label; None: rejected, no letter fits."""
    candidates: list[tuple[int, float]]
    """The most probable letters and their probabilities, the most probable first, also where all are rejected."""


def log_scores(
    reference: Reference | None,
    probabilities: Probabilities,
    embeddings: Embeddings,
    yaws: NDArray[np.float64] | None = None,
) -> LogScores:
    """Return log-scores float64[n, classes + 1] of the letters and of their rejection.

    Args:
        reference: of the user or of the model; without one the model's probabilities stand and nothing is rejected.
        probabilities: float32[n, labels] of the model.
        embeddings: float32[n, m] of the model.
        yaws: of the hand, float64[n] in degrees from the zero of the user's examples; None: unknown.
    """
    if reference is not None:
        return reference.log_scores(probabilities, embeddings, yaws)
    scores = np.full((len(probabilities), probabilities.shape[1] + 1), -np.inf)
    scores[:, :-1] = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    return scores


def score(
    reference: Reference | None,
    probabilities: Probabilities,
    embeddings: Embeddings,
    yaws: NDArray[np.float64] | None = None,
) -> Scored:
    """Return those log-scores with what follows from them, compiled where that is possible; arguments as there."""
    if reference is not None:
        return reference.score(probabilities, embeddings, yaws)
    scores = log_scores(None, probabilities, embeddings)
    return Scored.of(scores, np.ones(len(scores)))


def probabilities_of(reference: Reference | None, scores: LogScores) -> NDArray[np.float64]:
    """Return the probabilities float64[n, classes + 1] of log-scores by a reference: of many answers with one
    probability that share is right, whatever is known of the user."""
    if reference is None:
        return softmax(scores)
    return softmax(reference.confidence(scores)[:, np.newaxis] * scores)


def decide(probabilities: NDArray[np.float64], top_k: int = 1) -> Decision:
    """Decide for one window with probabilities float64[classes + 1], the last that of rejection, and list its `top_k`
    most probable letters."""
    letters: list[float] = probabilities.tolist()
    rejection = letters.pop()
    candidates: list[tuple[int, float]] = []
    letter, before = -1, math.inf
    for value in sorted(letters, reverse=True)[:top_k]:  # ten times as fast as to sort the letters
        letter = letters.index(value, letter + 1 if value == before else 0)
        before = value
        candidates.append((letter, value))
    first, most = candidates[0]
    return Decision(None if rejection >= most else first, candidates)
