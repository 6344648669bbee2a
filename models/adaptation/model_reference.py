"""What a model knows of a hand that it has no examples of: its prototypes, and an additive classifier. Pure numpy.

With p the network's probabilities, q those of the additive classifier (`models.adaptation.additive`) and d the squared
distance to the nearest prototype, in units of the prototypes' class spacing, log-scores are

    letter     CONFIDENCE * log((1 - SHARE) p_letter + SHARE q_letter + LEAST)
    rejection  the best letter's + SHARPNESS * log((1 + d) / (1 + LIMIT))

so the distance decides whether a window shows a letter, and never which: distances to the hands that were trained on
say less of another hand than p and q do. Numbers are chosen on people left out (docs/reports/people.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.additive import AdditiveModel
from models.adaptation.few_shot import SHARPNESS, Embeddings, Probabilities
from models.adaptation.open_set import LogScores, OpenSetReference

SHARE: Final = 0.5
RANGED_SHARE: Final = 0.7
"""Share of the additive classifier: for a hand of which nothing is known, and for one whose range is."""

LIMIT: Final = 4.0
RANGED_LIMIT: Final = 3.0
"""In units of `class_spacing`. Of letters of people left out 7 and 0.2 % lie beyond, of other signs 36 and 43 %."""

CONFIDENCE: Final = 1.2
RANGED_CONFIDENCE: Final = 1.5
"""Exponents with which probabilities are the share of letters that are right."""

_LEAST: Final = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class ModelReference:
    """A model's own reference; `is_ranged`: the hand's range is known."""

    prototypes: OpenSetReference
    additive: AdditiveModel | None = None
    is_ranged: bool = False

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
        """Return the same for a hand whose range is known."""
        return replace(self, is_ranged=True)

    def log_scores(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> LogScores:
        """Return log-scores float64[n, classes + 1]; the yaw of a hand without examples says nothing."""
        share = RANGED_SHARE if self.is_ranged else SHARE
        mixed = probabilities
        if self.additive is not None:
            mixed = (1 - share) * probabilities + share * self.additive.probabilities(embeddings)
        confidence = RANGED_CONFIDENCE if self.is_ranged else CONFIDENCE
        letters = confidence * np.log(mixed.astype(np.float64) + _LEAST)
        limit = (RANGED_LIMIT if self.is_ranged else LIMIT) * self.class_spacing
        beyond = np.log1p(self.prototypes.to_letters(embeddings).astype(np.float64)) - np.log1p(limit)
        return np.column_stack([letters, letters.max(axis=1) + SHARPNESS * beyond])

    def to_rest(self, embeddings: Embeddings) -> NDArray[np.float64]:
        return self.prototypes.to_rest(embeddings)
