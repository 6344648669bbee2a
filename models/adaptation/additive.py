"""Additive classifier: letters by a linear function of the embedding, beside the network. Pure numpy.

The embedding of an encoded network is a linear map of how far each sensor is along its range, bin by bin, so a linear
function of it is a sum of one curve for each sensor (a generalised additive model: Hastie and Tibshirani, 1986). It
cannot learn which combinations of sensors the training's people happened to show, so it carries over to other people
where a network does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, softmax


@dataclass(frozen=True, slots=True, eq=False)
class AdditiveModel:
    """P(letter | e) ~ exp(e `weights` + `bias`): float32[m, letters] and float32[letters]."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Return the probabilities float64[n, letters] for embeddings float32[n, m]."""
        return softmax(embeddings.astype(np.float64) @ self.weights.astype(np.float64) + self.bias)
