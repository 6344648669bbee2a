"""What shapes may be by a model's own reference and the few examples that a user has shown so far. Pure numpy.

A user's reference (`models.adaptation.user_reference`) is made once every letter was shown. While only some were, a
letter without an example is known by the model alone, and one with an example by how near the nearest of them is, too:

    log score(letter) = log P_model(letter) - SHARPNESS * log(1 + min(SPREAD * class_spacing, d_letter))

as self-calibration does with holds (`models.adaptation.online`); so it is for rest.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation import decision
from models.adaptation.few_shot import SHARPNESS, Probabilities, squared_distances
from models.adaptation.model_reference import ModelReference
from models.adaptation.online import SPREAD
from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples

_LEAST: Final = 1e-12
"""Added to probabilities before their logarithm is taken."""


def log_scores(
    reference: ModelReference,
    probabilities: Probabilities,
    embeddings: NDArray[np.float32],
    examples: Examples,
) -> NDArray[np.float64]:
    """Return the log scores float64[n, letters + 1] of shapes, the last column that of no letter.

    Args:
        reference: of the model.
        probabilities: float32[n, letters] of the model for the shapes.
        embeddings: float32[n, m] of the shapes.
        examples: of the letters, or REST; others are passed over.
    """
    by_model = decision.log_scores(reference, probabilities, embeddings)
    scores: NDArray[np.float64] = np.log(decision.probabilities_of(reference, by_model) + _LEAST)
    distances = np.full(scores.shape, SPREAD * reference.class_spacing)
    marks = np.array(examples.labels, np.int64)
    for column, label in enumerate([*range(reference.classes), REST]):
        own = examples.embeddings[marks == label]
        if len(own):
            nearest = squared_distances(embeddings, own).min(axis=1)
            distances[:, column] = np.minimum(distances[:, column], nearest)
    scores -= SHARPNESS * np.log1p(distances)
    return scores
