"""What a wearer's letters look like, and that a hand may show none of them. Pure numpy.

A reference is a set of examples: of a wearer, or of all training recordings where nothing is known of her. For a window
with embedding e and the model's probabilities p, log_scores are logarithms of

    letter     (p_letter + DOUBT) * (1 + d_letter) ^ -SHARPNESS,    d_letter = min over its examples |e - e_i|^2
    none       (1 + min(FLOOR * reach, d_rest)) ^ -SHARPNESS

a Student-t kernel as in `models.adaptation.few_shot.NearestExample`, with one more class. `reach` is how far
examples of
different
letters lie apart on this hand (the median over letters of the squared distance to the nearest other one): embeddings of
a hand unlike those trained on lie farther apart, so no fixed distance can say what fits no letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import (
    DOUBT,
    SHARPNESS,
    Embeddings,
    Probabilities,
    squared_distances,
)
from scaleglove.letters import LETTERS

LogScores = NDArray[np.float64]
"""float64[n, 25]: logarithms, not normalised, of the 24 letters and of none of them."""

REJECT: Final = len(LETTERS)
"""The column of log_scores that says: no letter fits."""

REST: Final = -1
"""The label of an example of the hand at rest."""

FLOOR: Final = 2.0
"""In `reach`: what is farther than that from every letter is none. Chosen on streams
(docs/reports/stream-benchmark.md)."""

_EVEN_CHANCE: Final = 0.5

FEWEST_LETTERS: Final = 3
"""Examples of fewer letters say nothing of how far letters lie apart."""


@dataclass(frozen=True, slots=True)
class OpenSetReference:
    """Examples by letter. A letter without any has no distance: it is believed as much as none of them where the model
    gives it an even chance, and more where more. So near another letter's example it is not, far from all it may be."""

    embeddings: Embeddings
    labels: NDArray[np.int64]
    reach: float
    _letters: NDArray[np.float32]  # the examples of letters, by letter
    _squares: NDArray[np.float32]
    _shown: NDArray[np.int64]
    _unshown: NDArray[np.int64]
    _starts: NDArray[np.int64]  # where each letter shown begins in _letters
    _rests: NDArray[np.float32]

    @classmethod
    def of(cls, embeddings: Embeddings, labels: Sequence[int], reach: float | None = None) -> Self:
        """From one embedding an example; labels are places in LETTERS, or REST. `reach` where the examples are of
        fewer than three letters: that of the artefact's own prototypes.

        Raises:
            ValueError: not one label for each example, a label that is neither, or no `reach` where it is needed.
        """
        marks = np.array(labels, np.int64)
        if len(embeddings) != len(marks):
            raise ValueError(f"{len(embeddings)} examples with {len(marks)} labels")
        strange = marks[(marks < REST) | (marks >= REJECT)]
        if len(strange):
            raise ValueError(f"label {strange[0]} is neither a letter's place, 0 to {REJECT - 1}, nor {REST} for rest")
        order = np.argsort(marks, kind="stable")
        order = order[marks[order] != REST]
        letters, of_letter = embeddings[order].astype(np.float32), marks[order]
        shown, starts = np.unique(of_letter, return_index=True)
        if len(shown) >= FEWEST_LETTERS:
            reach = _reach(letters, of_letter)
        if reach is None:
            raise ValueError("examples of fewer than three letters do not say how far letters lie apart")
        unshown = np.setdiff1d(np.arange(REJECT), shown)
        rests = embeddings[marks == REST].astype(np.float32)
        return cls(embeddings, marks, reach, letters, (letters**2).sum(axis=1), shown, unshown, starts, rests)

    def log_scores(self, probabilities: Probabilities, embeddings: Embeddings) -> LogScores:
        """Of windows: float32[n, 24] and float32[n, m] as the artefact gives them."""
        floor = -SHARPNESS * np.log1p(FLOOR * self.reach)
        log_scores = np.empty((len(embeddings), REJECT + 1))
        log_scores[:, :REJECT] = np.log(probabilities + DOUBT)
        log_scores[:, REJECT] = np.maximum(floor, -SHARPNESS * np.log1p(self.to_rest(embeddings)))
        log_scores[:, self._unshown] += floor - np.log(_EVEN_CHANCE + DOUBT)
        if len(self._shown):
            products = embeddings @ self._letters.T
            squares = (embeddings**2).sum(axis=1)[:, np.newaxis]
            to_examples = np.maximum(squares + self._squares - 2 * products, 0.0)
            nearest = np.minimum.reduceat(to_examples, self._starts, axis=1)
            log_scores[:, self._shown] -= SHARPNESS * np.log1p(nearest)
        return log_scores

    def to_rest(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """float64[n]: squared distance to the nearest example of rest; infinite where there is none."""
        if not len(self._rests):
            return np.full(len(embeddings), np.inf)
        nearest: NDArray[np.float64] = squared_distances(embeddings, self._rests).min(axis=1)
        return nearest


def share(log_scores: LogScores) -> NDArray[np.float64]:
    """LogScores as probabilities: float64[n, 25], rows that sum to 1."""
    likely = np.exp(log_scores - log_scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = likely / likely.sum(axis=1, keepdims=True)
    return shares


def _reach(embeddings: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    distances = squared_distances(embeddings, embeddings)
    distances[labels[:, np.newaxis] == labels] = np.inf
    return float(np.median([distances[labels == label].min() for label in np.unique(labels)]))
