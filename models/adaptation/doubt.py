"""Doubtful shapes: of which shapes that a user has held to ask "what was this?". Pure numpy.

An answer after the fact costs the user a click, and finds the ways in which they hold their letters by itself: nobody
has to think of another way. A shape is worth a question where the answer is open, where many shapes are like it, and
where no example is near:

    doubt(shape) = (1 - margin) * sqrt(density) * log(1 + min over examples |h - e_i|^2)

The margin is the difference between the two largest of the probabilities that are tempered, since they are
overconfident on a hand of which little is known; uncertainty weighted by density is that of Settles and Craven, An
Analysis of Active Learning Strategies for Sequence Labeling Tasks, 2008. Several questions at once are spread out: each
shape that is chosen counts as an example for the choice of the next.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, squared_distances

TEMPERING: Final = 0.5
"""Exponent of the probabilities."""

_SHOWN: Final = 1e-6
"""Squared distance, in the unit of embeddings, below which a shape is an example already: far more than the rounding of
one window in two batches, far less than two windows of one hold differ by."""


def most_doubtful(
    embeddings: Embeddings, probabilities: NDArray[np.floating], examples: Embeddings, count: int
) -> NDArray[np.int64]:
    """Return the indices int64[k] of at most `count` shapes to ask about, the most doubtful first.

    A shape that is an example already is not among them, and neither is one like another that is, or of which the
    probabilities leave no doubt.

    Args:
        embeddings: float32[n, m] of the shapes held.
        probabilities: float[n, classes] of the shapes, rows that sum to 1; rejection may be one of the classes.
        examples: float32[k, m]; none: every shape is as far from them as another.
        count: at most as many.

    Raises:
        ValueError: the numbers of embeddings and of probabilities differ.
    """
    if len(embeddings) != len(probabilities):
        raise ValueError(f"{len(embeddings)} embeddings with {len(probabilities)} rows of probabilities")
    between = squared_distances(embeddings, embeddings)
    open_share = (1.0 - _margins(probabilities)) * np.sqrt(_densities(between))
    nearest = squared_distances(embeddings, examples).min(axis=1) if len(examples) else None
    chosen: list[int] = []
    while len(chosen) < min(count, len(embeddings)):
        doubt = open_share if nearest is None else np.where(nearest > _SHOWN, open_share * np.log1p(nearest), 0.0)
        best = int(doubt.argmax())
        if doubt[best] <= 0.0:
            break
        chosen.append(best)
        nearest = between[best] if nearest is None else np.minimum(nearest, between[best])
    return np.array(chosen, np.int64)


def _margins(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return by how much the largest tempered probability of each row exceeds the next; 1 where there is one class."""
    tempered = np.asarray(probabilities, np.float64) ** TEMPERING
    tempered /= tempered.sum(axis=1, keepdims=True)
    if tempered.shape[1] == 1:
        return np.ones(len(tempered))
    ordered = np.partition(tempered, -2, axis=1)
    margins: NDArray[np.float64] = ordered[:, -1] - ordered[:, -2]
    return margins


def _densities(between: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many shapes are like each, itself included.

    Like are those that are as near as the nearest other shape usually is: a hand unlike those in the training data has
    embeddings on another scale, so that no fixed distance can be the width.
    """
    others = np.where(np.eye(len(between), dtype=bool), np.inf, between).min(axis=1, initial=np.inf)
    width = float(np.median(others[np.isfinite(others)])) if len(between) > 1 else 1.0
    densities: NDArray[np.float64] = (1.0 / (1.0 + between / max(width, _SHOWN))).sum(axis=1)
    return densities
