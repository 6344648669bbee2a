"""Self-calibration without labels: where this wearer's letters lie, from the shapes she has held so far. Pure numpy.

Each shape held still is one embedding h_i with log_scores b_i (`models.adaptation.open_set`). In a few rounds of a soft
k-means
(Ren et al., Meta-Learning for Semi-Supervised Few-Shot Classification, 2018), each letter gets a centre among them:

    r_i  ~  (exp(b_i) * (1 + |h_i - c|^2) ^ -SHARPNESS) ^ DOUBTED * (what its neighbours make likely) ^ PAIRS
    c_letter  =  sum r_i^2 h_i / sum r_i^2

and a window is believed by its reference and by its distance to the centres alike. No letter holds what is farther than
SPREAD * reach from every centre. What letters follow each other in Korean (`letter_pairs`) counts only here, where the
hand is learned, and never in the answer itself: what she signs may be any text. A mean field in place of
forward-backward keeps a round to a few matrix products.

A centre is right for who holds a letter in one way. Where more than SEVERAL_WAYS of the letters held lie far from every
centre, she has several, and each shape speaks for itself (label propagation; Zhu and Ghahramani, 2002):

    (1 + |h - c|^2) ^ -SHARPNESS   becomes   sum r_i^2 (1 + |h - h_i|^2) ^ -SHARPNESS

The embedding of a held shape is of its newest frames; nothing is assumed of how often each letter is signed.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import SHARPNESS, Embeddings, squared_distances
from models.adaptation.open_set import (
    REJECT,
    LogScores,
    OpenSetReference,
    share,
)
from scaleglove.letters import LETTERS

FIRST: Final = 10
"""Shapes held before anything is made of them: about the first twenty seconds of signing."""
EVERY: Final = 5
REMEMBERED: Final = 300
"""Shapes: ten minutes of signing; how a glove sits changes over more."""

SPREAD: Final = 0.4
"""In `reach`. One letter held again lies much nearer to itself than letters do to each other."""
SEVERAL_WAYS: Final = 0.2
"""Share of the letters held that no centre explains. Who held letters in one way was below 0.13 most of the time, who
held each in another way every time above 0.2 (streams of docs/stream-benchmark.md)."""
PAIRS: Final = 0.5
"""The weight of what letters follow each other."""
DOUBTED: Final = 0.3
"""Of the log_scores while the hand is learned: they are surer than right on a hand not seen before."""
_PAUSE: Final = 0.25
"""How often no letter comes next: a word ends, the hand rests or is somewhere else."""
_ROUNDS: Final = 5
_EVEN: Final = 0.5
_LEAST: Final = 0.3
"""Of a letter's summed r^2: with less, nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A shape that was held still: its mean embedding float32[m], and its mean log_scores float64[25]."""

    embedding: NDArray[np.float32]
    log_scores: NDArray[np.float64]


class _Learned(Protocol):
    """What has been made of the shapes held."""

    @property
    def letters(self) -> int:
        """Of how many something is known."""

    def nearness(self, embeddings: Embeddings, limit: float) -> NDArray[np.float64]:
        """float64[n, 24], in logarithms: how much speaks for each letter; `limit`: the squared distance from which on
        nothing does."""


@dataclass(frozen=True, slots=True)
class _Centres:
    """One for each letter; it counts where it is `known`."""

    places: NDArray[np.float64]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, embeddings: Embeddings, weights: NDArray[np.float64]) -> Self:
        total = weights.sum(axis=0)
        return cls((weights.T @ embeddings) / np.maximum(total, _LEAST)[:, np.newaxis], total >= _LEAST)

    @property
    def letters(self) -> int:
        return int(self.known.sum())

    def nearness(self, embeddings: Embeddings, limit: float) -> NDArray[np.float64]:
        return _log_kernel(np.where(self.known, squared_distances(embeddings, self.places), limit))


@dataclass(frozen=True, slots=True)
class _Shapes:
    """All that were held, each for the letters that it may be."""

    embeddings: Embeddings
    weights: NDArray[np.float64]

    @property
    def letters(self) -> int:
        return int((self.weights.sum(axis=0) >= _LEAST).sum())

    def nearness(self, embeddings: Embeddings, limit: float) -> NDArray[np.float64]:
        return _said(np.exp(_log_kernel(squared_distances(embeddings, self.embeddings))), self.weights, limit)


class OnlineCalibration:
    """Of one wearer in one session, on top of a reference."""

    def __init__(self, reference: OpenSetReference) -> None:
        self._reference = reference
        self._limit = SPREAD * reference.reach
        self._held: deque[Hold] = deque(maxlen=REMEMBERED)
        self._learned: _Learned | None = None
        self.count = 0
        """Shapes held so far."""

    @property
    def letters(self) -> int:
        """Letters of which something has been learned."""
        return 0 if self._learned is None else self._learned.letters

    def hear(self, held: Hold) -> bool:
        """Take one more shape, in the order they are signed; whether more has been learned."""
        self._held.append(held)
        self.count += 1
        if self.count < FIRST or self.count % EVERY:
            return False
        self._learn()
        return True

    def adjust(self, log_scores: LogScores, embeddings: Embeddings) -> LogScores:
        """The reference's log_scores in windows, with what has been learned; as they are while that is nothing."""
        if self._learned is None:
            return log_scores
        return log_scores + self._with_none(self._learned.nearness(embeddings, self._limit), embeddings)

    def _learn(self) -> None:
        embeddings = np.stack([held.embedding for held in self._held])
        log_scores = np.stack([held.log_scores for held in self._held])
        centres = self._centres_of(embeddings, log_scores)
        one_way = self._unexplained(centres, embeddings, log_scores) <= SEVERAL_WAYS
        self._learned = centres if one_way else self._shapes_of(embeddings, log_scores)

    def _centres_of(self, embeddings: Embeddings, log_scores: LogScores) -> _Centres:
        shares = share(DOUBTED * log_scores)
        for _ in range(_ROUNDS - 1):
            centres = _Centres.of(embeddings, shares[:, :REJECT] ** 2)
            nearness = self._with_none(centres.nearness(embeddings, self._limit), embeddings)
            shares = _in_context(log_scores + nearness, shares)
        return _Centres.of(embeddings, shares[:, :REJECT] ** 2)

    def _shapes_of(self, embeddings: Embeddings, log_scores: LogScores) -> _Shapes:
        near = np.exp(_log_kernel(squared_distances(embeddings, embeddings)))
        np.fill_diagonal(near, 0.0)  # no shape speaks for itself
        shares = share(DOUBTED * log_scores)
        for _ in range(_ROUNDS - 1):
            nearness = self._with_none(_said(near, shares[:, :REJECT] ** 2, self._limit), embeddings)
            shares = _in_context(log_scores + nearness, shares)
        return _Shapes(embeddings, shares[:, :REJECT] ** 2)

    def _unexplained(self, centres: _Centres, embeddings: Embeddings, log_scores: LogScores) -> float:
        """Share of the shapes believed to be letters that lie far from every centre."""
        letters = share(log_scores)[:, REJECT] < _EVEN
        distances = np.where(centres.known, squared_distances(embeddings, centres.places), np.inf).min(axis=1)
        return float(np.mean(distances[letters] > self._limit)) if letters.any() else 0.0

    def _with_none(self, nearness: NDArray[np.float64], embeddings: Embeddings) -> LogScores:
        """What speaks for each letter, and for none of them."""
        to_none = np.minimum(self._limit, self._reference.to_rest(embeddings))
        return np.column_stack([nearness, _log_kernel(to_none)])


def _said(near: NDArray[np.float64], weights: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """What shapes say of windows: kernel float64[windows, shapes], weights float64[shapes, 24]."""
    said: NDArray[np.float64] = np.log(near @ weights + (1 + limit) ** -SHARPNESS)
    return said


def _log_kernel(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Student-t kernel's logarithm, of squared distances."""
    logarithm: NDArray[np.float64] = -SHARPNESS * np.log1p(distances)
    return logarithm


def _in_context(log_scores: LogScores, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of shapes held one after another, with what their neighbours make likely."""
    pairs = bigrams()
    before, after = np.zeros_like(log_scores), np.zeros_like(log_scores)
    before[1:] = np.log(shares[:-1] @ pairs)
    after[:-1] = np.log(shares[1:] @ pairs.T)
    return share(DOUBTED * log_scores + PAIRS * (before + after))


@cache
def bigrams() -> NDArray[np.float64]:
    """float64[25, 25]: how likely each of the 24 letters, or none of them (the last column), comes after each.

    From `letter_pairs.json`, which names its source; `python -m benchmarks.streams.bigrams` makes it again.
    """
    counts = json.loads(Path(__file__).with_name("bigrams.json").read_text(encoding="utf-8"))
    size = len(LETTERS)
    table = np.full((size + 1, size + 1), _PAUSE)
    for row, letter in enumerate([*LETTERS, ""]):  # "" stands for the beginning of a word
        after = np.array(counts["after"][letter], np.float64)
        table[row, :size] = (1 - _PAUSE) * after / after.sum()
    table.setflags(write=False)
    return table
