"""What a model knows of a hand that it has no examples of: its prototypes, an additive classifier, and Gaussians of its
letters. Pure numpy.

With p the network's probabilities, q those of the additive classifier (`models.adaptation.additive`), g those of the
letters' Gaussians (`models.adaptation.letter_gaussians`), d_letter the squared distance to the letter's nearest
prototype, in units of the prototypes' class spacing, and d the least of them, log-scores are

    named      (1 - gaussian) ((1 - share) p_letter + share q_letter) + gaussian g_letter
    letter     evidence (log(named + LEAST) - sharpness log(1 + class_spacing d_letter))
    rejection  the best letter's + evidence SHARPNESS log((1 + class_spacing d) / (1 + class_spacing limit))

so how far the hand is from all prototypes decides whether a window shows a letter; and confidence in an answer falls
with it, by 1 / (1 + doubt d). A decoder weighs the evidence of several windows, which true probabilities are too weak
for; confidence takes the factor `evidence` back. The `Weights` are chosen on people left out (docs/reports/people.md):
prototypes of few people are one for each way of holding a letter, and near a known wearer's; those of many are the
middles of ways that differ.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.additive import AdditiveModel
from models.adaptation.few_shot import SHARPNESS, Embeddings, Probabilities
from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.native import load
from models.adaptation.native.model_scores import ModelScores, Parts
from models.adaptation.open_set import STRANGERS_FLOOR, OpenSetReference
from models.adaptation.scored import LogScores, Scored
from models.adaptation.user_reference import Examples


@dataclass(frozen=True, slots=True)
class Weights:
    """Parameters of the equations above."""

    share: float
    sharpness: float
    limit: float
    doubt: float = 0.0
    evidence: float = 1.0
    gaussian: float = 0.0


OF_FEW: Final = Weights(share=0.5, sharpness=SHARPNESS, limit=STRANGERS_FLOOR, doubt=0.75)
"""Prototypes of a few people, and a hand of which nothing is known."""
OF_FEW_RANGED: Final = replace(OF_FEW, share=0.7, limit=3.0)
"""The same for a hand whose range is known."""
OF_MANY: Final = Weights(share=0.1, sharpness=0.0, limit=STRANGERS_FLOOR, evidence=3.0)
"""Prototypes of many people, and a hand of which nothing is known."""
OF_MANY_RANGED: Final = Weights(share=0.5, sharpness=3.0, limit=3.0, evidence=3.0)
"""The same for a hand whose range is known."""
OF_MANY_READ: Final = replace(OF_MANY_RANGED, share=0.8, gaussian=0.4)
"""The same where the letters' Gaussians are known."""
LACKING: Final = Weights(share=0.0, sharpness=SHARPNESS, limit=2.0)
"""Sensors are missing, which the network never was without; the prototypes are without them."""

_LEAST: Final = 0.005
_LEAST_SPACING: Final = 1e-6
"""Prototypes that all coincide have none to measure by."""


@dataclass(frozen=True, slots=True)
class Way:
    """A person of the training, and the way (bend type) in which they held a letter."""

    person: str
    way: str


@dataclass(frozen=True, eq=False)
class ModelReference:
    """A model's own reference; `is_ranged`, `is_lacking`: the hand's range is known, and sensors are missing."""

    prototypes: OpenSetReference
    additive: AdditiveModel | None = None
    of_many: bool = False
    """The model learned from many people."""
    is_ranged: bool = False
    is_lacking: bool = False
    gaussians: LetterGaussians | None = None
    """Of the letters; None: the model does not tell what was read, or its signs are not held still."""
    ways: tuple[Way, ...] = ()
    """Of each prototype whose it is; empty where that is not known, or where each is of many people."""

    @property
    def people(self) -> tuple[str, ...]:
        """The people of the training whose prototypes are known, each once."""
        return tuple(dict.fromkeys(each.person for each in self.ways))

    def shown_by(self, person: str) -> Examples | None:
        """Return what a person showed in training as examples of theirs, of unknown yaw; None: it is not known."""
        rows = [index for index, each in enumerate(self.ways) if each.person == person]
        return Examples(self.embeddings[rows], self.labels[rows].tolist()) if rows else None

    @property
    def asks_gaussians(self) -> bool:
        """Whether the letters' Gaussians are asked about any hand: those of a few people are their own."""
        return self.of_many

    @property
    def weights(self) -> Weights:
        """The weights for what is known of the hand."""
        if self.is_lacking:
            return LACKING
        if self.of_many and self.is_ranged:
            return OF_MANY_RANGED if self.gaussians is None else OF_MANY_READ
        if self.of_many:
            return OF_MANY
        return OF_FEW_RANGED if self.is_ranged else OF_FEW

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
        return self._ranged

    @cached_property
    def _ranged(self) -> Self:  # one for all streams
        return self if self.is_ranged else replace(self, is_ranged=True)

    @cached_property
    def _compiled(self) -> ModelScores | None:
        return ModelScores.of(self.parts, load())

    @property
    def parts(self) -> Parts:
        """What its compiled form is made of."""
        return Parts(self.prototypes, asdict(self.weights), self.additive, self.gaussians)

    def lacking(self, prototypes: OpenSetReference) -> Self:
        """Return the same for a glove without some sensors, with the prototypes that it would show."""
        return replace(self, prototypes=prototypes, is_lacking=True, ways=())

    def score(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> Scored:
        if self._compiled is not None and len(embeddings):
            return self._compiled.score(probabilities, embeddings)
        scores = self.log_scores(probabilities, embeddings, yaws)
        return Scored.of(scores, self.confidence(scores))

    def log_scores(
        self, probabilities: Probabilities, embeddings: Embeddings, yaws: NDArray[np.float64] | None = None
    ) -> LogScores:
        """Return log-scores float64[n, classes + 1]; the yaw of a hand without examples says nothing."""
        weights, mixed = self.weights, probabilities.astype(np.float64)
        if self.additive is not None and weights.share:
            mixed = (1 - weights.share) * mixed + weights.share * self.additive.probabilities(embeddings)
        if self.gaussians is not None and weights.gaussian:
            mixed = (1 - weights.gaussian) * mixed + weights.gaussian * self.gaussians.probabilities(embeddings)
        letters = np.log(mixed + _LEAST)
        limit = weights.limit * self.class_spacing
        shown, distances = self.prototypes.to_letters(embeddings)
        if weights.sharpness:  # a letter without a prototype is as far as a letter may be
            to_letters = np.full(letters.shape, limit)
            to_letters[:, shown] = distances
            letters -= weights.sharpness * np.log1p(to_letters)
        letters *= weights.evidence
        beyond = np.log1p(distances.min(axis=1, initial=np.inf)) - np.log1p(limit)
        return np.column_stack([letters, letters.max(axis=1) + weights.evidence * SHARPNESS * beyond])

    def confidence(self, log_scores: LogScores) -> NDArray[np.float64]:
        """Return the factor float64[n] of log-scores: what is far from all that was trained on is less sure. How far
        that is, rejection tells."""
        doubt, evidence = self.weights.doubt, self.weights.evidence
        if not doubt:
            return np.full(len(log_scores), 1 / evidence)
        spacing = max(self.class_spacing, _LEAST_SPACING)
        beyond = (log_scores[:, -1] - log_scores[:, :-1].max(axis=1)) / (evidence * SHARPNESS)
        nearest = np.expm1(beyond + np.log1p(self.weights.limit * self.class_spacing))
        return np.asarray(1 / (evidence * (1 + doubt * np.maximum(nearest, 0.0) / spacing)))

    @property
    def rests(self) -> Embeddings:
        return self.prototypes.rests

    def to_rest(self, embeddings: Embeddings) -> NDArray[np.float64]:
        return self.prototypes.to_rest(embeddings)
