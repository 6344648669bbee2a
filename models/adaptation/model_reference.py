"""What a model knows of a hand that it has no examples of: its prototypes, and an additive classifier. Pure numpy.

With p the network's probabilities, q those of the additive classifier (`models.adaptation.additive`), d_letter the
squared distance to the letter's nearest prototype and d the least of them, log-scores are

    letter     confidence log((1 - share) p_letter + share q_letter + LEAST) - sharpness log(1 + d_letter)
    rejection  the best letter's + SHARPNESS log((1 + d) / (1 + limit class_spacing))

so how far the hand is from all prototypes decides whether a window shows a letter. Which one it shows, p and q tell
better than distances to the hands that were trained on, unless sensors are missing: the network never was without them.
The `Weights` are chosen on people left out (docs/reports/people.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.additive import AdditiveModel
from models.adaptation.few_shot import SHARPNESS, Embeddings, Probabilities
from models.adaptation.open_set import STRANGERS_FLOOR, LogScores, OpenSetReference


@dataclass(frozen=True, slots=True)
class Weights:
    """Parameters of the equations above."""

    share: float
    sharpness: float
    limit: float
    confidence: float


UNKNOWN: Final = Weights(share=0.3, sharpness=0.0, limit=STRANGERS_FLOOR, confidence=1.2)
"""Nothing is known of the hand."""
RANGED: Final = Weights(share=0.5, sharpness=3.0, limit=3.0, confidence=1.2)
"""The range of the hand is known: of letters of people left out 0 to 2 % lie beyond the limit."""
LACKING: Final = Weights(share=0.0, sharpness=SHARPNESS, limit=2.0, confidence=1.0)
"""Sensors are missing; the prototypes are without them."""

_LEAST: Final = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class ModelReference:
    """A model's own reference, with the `weights` for what is known of the hand."""

    prototypes: OpenSetReference
    additive: AdditiveModel | None = None
    weights: Weights = UNKNOWN

    @property
    def embeddings(self) -> Embeddings:
        return self.prototypes.embeddings

    @property
    def labels(self) -> NDArray[np.int64]:
        return self.prototypes.labels

    @property
    def classes(self) -> int:
        return self.prototypes.classes

    @property
    def class_spacing(self) -> float:
        return self.prototypes.class_spacing

    def ranged(self) -> Self:
        """Return the same for a hand whose range is known; where sensors are missing that matters more."""
        return self if self.weights is LACKING else replace(self, weights=RANGED)

    def lacking(self, prototypes: OpenSetReference) -> Self:
        """Return the same for a glove without some sensors, with the prototypes that it would show."""
        return replace(self, prototypes=prototypes, weights=LACKING)

    def log_scores(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> LogScores:
        """Return log-scores float64[n, classes + 1]; the yaw of a hand without examples says nothing."""
        weights, mixed = self.weights, probabilities.astype(np.float64)
        if self.additive is not None and weights.share:
            mixed = (1 - weights.share) * mixed + weights.share * self.additive.probabilities(embeddings)
        letters = weights.confidence * np.log(mixed + _LEAST)
        shown, distances = self.prototypes.to_letters(embeddings)
        if weights.sharpness:
            letters[:, shown] -= weights.sharpness * np.log1p(distances)
        nearest = distances.min(axis=1, initial=np.inf)
        beyond = np.log1p(nearest) - np.log1p(weights.limit * self.class_spacing)
        return np.column_stack([letters, letters.max(axis=1) + SHARPNESS * beyond])

    def to_rest(self, embeddings: Embeddings) -> NDArray[np.float64]:
        return self.prototypes.to_rest(embeddings)
