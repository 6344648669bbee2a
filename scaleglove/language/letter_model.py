"""An open vocabulary: how likely a letter, or the end of the word, is after the four before it. Pure numpy.

An interpolated n-gram (Witten and Bell, 1991; Chen and Goodman, An Empirical Study of Smoothing Techniques for Language
Modeling, 1999, equation 15): with c the weight of what was seen after a context h, and t the number of different
letters seen after it,

    P(letter | h) = (c(h letter) + t(h) P(letter | shorter h)) / (c(h) + t(h))

down to an even distribution. So no letter is impossible anywhere. A word counts as the square root of its frequency:
by frequency alone the model would be that of a few hundred words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

ORDER: Final = 5

Codes = NDArray[np.int32]
"""Contexts, each the last `ORDER - 1` symbols as digits of one number; 0 is the place before a word."""

START: Final = 0
"""The context of a word's first letter."""


class LetterModel:
    """The model of words float-weighted rows of letters 0 to `letters` - 1; `letters` itself is the end of a word.

    It holds a row of float32[letters + 1] for each context seen, `rows`, and a table of int32[(letters + 1)^4] from
    contexts to rows, `row_of`: some 10 MB for a language.
    """

    def __init__(self, words: Sequence[Sequence[int]], weights: NDArray[np.float64], letters: int) -> None:
        self.end = letters
        self.base = letters + 1
        contexts, symbols, weight = self._seen(words, weights)
        rows = np.full((1, self.base), 1 / self.base)
        row_of = np.zeros(1, np.int32)
        for size in (self.base**length for length in range(ORDER)):
            known, counts = self._counted(contexts % size, symbols, weight)
            kinds = (counts > 0).sum(axis=1, keepdims=True)
            shorter = rows[row_of[known % max(1, size // self.base)]]
            longer = (counts + kinds * shorter) / (counts.sum(axis=1, keepdims=True) + kinds)
            row_of = np.tile(row_of, size // len(row_of))
            row_of[known] = len(rows) + np.arange(len(known), dtype=np.int32)
            rows = np.concatenate([rows, longer])
        self.rows = np.log(rows).astype(np.float32)
        self.row_of = row_of

    def after(self, codes: Codes) -> NDArray[np.float32]:
        """Return logarithms float32[n, letters + 1] of each letter and of the end after contexts int32[n]."""
        rows: NDArray[np.float32] = self.rows[self.row_of[codes]]
        return rows

    def extend(self, codes: Codes, letters: NDArray[np.int64]) -> Codes:
        """Return the contexts after one more letter each."""
        return (codes * self.base + (letters + 1)) % len(self.row_of)

    def log_probability(self, word: Sequence[int]) -> float:
        """Return the logarithm of a word's probability, with its end."""
        code, total = START, 0.0
        for symbol in (*word, self.end):
            total += float(self.rows[self.row_of[code], symbol])
            code = (code * self.base + symbol + 1) % len(self.row_of)
        return total

    def _seen(
        self, words: Sequence[Sequence[int]], weights: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return the context, the symbol and the weight of each place in the words."""
        lengths = np.array([len(word) + 1 for word in words], np.int64)
        symbols = np.concatenate([(*word, self.end) for word in words]).astype(np.int64)
        place = np.arange(len(symbols)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        contexts = np.zeros(len(symbols), np.int64)
        for back in range(ORDER - 1, 0, -1):
            before = np.concatenate([np.zeros(back, np.int64), symbols[:-back] + 1])[: len(symbols)]
            contexts = contexts * self.base + np.where(place >= back, before, 0)
        return contexts, symbols, np.repeat(weights, lengths)

    def _counted(
        self, contexts: NDArray[np.int64], symbols: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the different contexts, and float64[n, letters + 1] of what was seen after each."""
        known, row = np.unique(contexts, return_inverse=True)
        counts = np.bincount(row * self.base + symbols, weight, len(known) * self.base)
        return known, counts.reshape(len(known), self.base).astype(np.float64)
