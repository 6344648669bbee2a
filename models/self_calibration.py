"""Self-calibration without labels: where this wearer's letters lie, from the shapes she has held so far. Pure numpy.

Each shape held still is one embedding h_i with beliefs b_i (`models.reference`). In a few rounds of a soft k-means
(Ren et al., Meta-Learning for Semi-Supervised Few-Shot Classification, 2018), each letter gets a centre among them:

    r_i  ~  (exp(b_i) * (1 + |h_i - c|^2) ^ -SHARPNESS) ^ DOUBTED * (what its neighbours make likely) ^ PAIRS
    c_letter  =  sum r_i^2 h_i / sum r_i^2

and a window is believed by its reference and by its distance to the centres alike. No letter holds what is farther than
SPREAD * reach from every centre. What letters follow each other in Korean (`letter_pairs`) counts only here, where the
hand is learned, and never in the answer itself: what she signs may be any text. A mean field in place of
forward-backward keeps a round to a few matrix products.

The embedding of a held shape is of its newest frames; nothing is assumed of how often each letter is signed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.calibration import SHARPNESS, Embeddings, squared_distances
from models.letter_pairs import followers
from models.reference import NONE, Beliefs, Reference, share

FIRST: Final = 10
"""Shapes held before anything is made of them: about the first twenty seconds of signing."""
EVERY: Final = 5
REMEMBERED: Final = 300
"""Shapes: ten minutes of signing; how a glove sits changes over more."""

SPREAD: Final = 0.3
"""In `reach`. One letter held again lies much nearer to itself than letters do to each other."""
PAIRS: Final = 0.5
"""The weight of what letters follow each other."""
DOUBTED: Final = 0.3
"""Of the beliefs while the hand is learned: they are surer than right on a hand not seen before."""
_ROUNDS: Final = 5
_LEAST: Final = 0.3
"""Of a letter's summed r^2: with less, nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A shape that was held still: its mean embedding float32[m], and its mean beliefs float64[25]."""

    embedding: NDArray[np.float32]
    beliefs: NDArray[np.float64]


class SelfCalibration:
    """Of one wearer in one session, on top of a reference."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._held: deque[Held] = deque(maxlen=REMEMBERED)
        self._centres: NDArray[np.float64] | None = None
        self._known = np.zeros(NONE, np.bool_)
        self.count = 0
        """Shapes held so far."""

    @property
    def letters(self) -> int:
        """Letters that have a centre."""
        return int(self._known.sum())

    def hear(self, held: Held) -> bool:
        """Take one more shape, in the order they are signed; whether the centres have moved."""
        self._held.append(held)
        self.count += 1
        if self.count < FIRST or self.count % EVERY:
            return False
        self._fit()
        return True

    def adjust(self, beliefs: Beliefs, embeddings: Embeddings) -> Beliefs:
        """The reference's beliefs in windows, after a look at the centres; as they are while there are none."""
        return beliefs if self._centres is None else beliefs + self._nearness(embeddings)

    def _fit(self) -> None:
        embeddings = np.stack([held.embedding for held in self._held])
        before = np.stack([held.beliefs for held in self._held])
        shares = share(DOUBTED * before)
        for _ in range(_ROUNDS):
            weights = shares[:, :NONE] ** 2
            total = weights.sum(axis=0)
            self._known = total >= _LEAST
            self._centres = (weights.T @ embeddings) / np.maximum(total, _LEAST)[:, np.newaxis]
            shares = _in_context(before + self._nearness(embeddings), shares)

    def _nearness(self, embeddings: Embeddings) -> Beliefs:
        assert self._centres is not None
        limit = SPREAD * self._reference.reach
        distances = np.empty((len(embeddings), NONE + 1))
        distances[:, :NONE] = np.where(self._known, squared_distances(embeddings, self._centres), limit)
        distances[:, NONE] = np.minimum(limit, self._reference.to_rest(embeddings))
        nearness: Beliefs = -SHARPNESS * np.log1p(distances)
        return nearness


def _in_context(beliefs: Beliefs, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of shapes held one after another, with what their neighbours make likely."""
    pairs = followers()
    before, after = np.zeros_like(beliefs), np.zeros_like(beliefs)
    before[1:] = np.log(shares[:-1] @ pairs)
    after[:-1] = np.log(shares[1:] @ pairs.T)
    return share(DOUBTED * beliefs + PAIRS * (before + after))
