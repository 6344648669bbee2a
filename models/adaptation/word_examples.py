"""Examples that words have shown of a hand, kept from an earlier stream. Pure numpy.

They are of the same shapes as those that a stream learns from words (`models.adaptation.online`), and count as these
do, each by its weight. A user who shows a letter is surer than any word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, squared_distances


@dataclass(frozen=True, slots=True, eq=False)
class WordExamples:
    """Examples, the newest last: embeddings float32[n, m], the letter int64[n] of each, and how much it is believed,
    float64[n] above 0 and up to 1."""

    embeddings: Embeddings
    letters: NDArray[np.int64]
    weights: NDArray[np.float64]

    @classmethod
    def none(cls, width: int) -> Self:
        """Return no examples, of embeddings float32[0, width]."""
        return cls(np.zeros((0, width), np.float32), np.zeros(0, np.int64), np.zeros(0))

    def __len__(self) -> int:
        return len(self.letters)

    def at(self, chosen: slice | NDArray[np.bool_]) -> Self:
        """Return some of them."""
        return type(self)(self.embeddings[chosen], self.letters[chosen], self.weights[chosen])

    def newest(self, count: int) -> Self:
        """Return the newest ones, at most `count`."""
        return self.at(slice(max(0, len(self) - count), None))

    def contradicted(self, shown: Embeddings, labels: NDArray[np.int64], apart: float) -> NDArray[np.bool_]:
        """Return bool[n]: near which there is an example that the user has shown, and the nearest is of something else.

        Args:
            shown: float32[k, m], in the same metric.
            labels: the letter of each, negative for none.
            apart: the squared distance within which an example is near.
        """
        if not len(shown) or not len(self):
            return np.zeros(len(self), bool)
        distances = squared_distances(self.embeddings, shown)
        nearest = distances.argmin(axis=1)
        is_near = distances.min(axis=1) <= apart
        return np.asarray(is_near & (labels[nearest] != self.letters), bool)
