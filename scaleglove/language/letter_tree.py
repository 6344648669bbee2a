"""Words as a tree of their letters, in arrays. Pure numpy.

The children of a node are neighbours, in the order of their letters, so that a beam of nodes is extended by a few array
operations. Several trees share the arrays: a row's first symbol says of which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Row = tuple[int, ...]


class Extensions(NamedTuple):
    """The children of several nodes: for each child, the place of its parent among them, and the child itself."""

    parents: NDArray[np.int64]
    nodes: NDArray[np.int32]


class LetterTree:
    """The tree of `words`, rows of symbols with the logarithm of each one's probability.

    Attributes:
        letter: int8[nodes], the symbol by which a node is reached.
        end: float32[nodes], the logarithm of the word that ends there; -inf: none does.
        best: float32[nodes], the same of the most probable word that ends there or further on.
        first: int32[nodes], the first child.
        children: int32[nodes], how many children there are.
    """

    def __init__(self, words: Mapping[Row, float]) -> None:
        ordered = sorted(words)
        longest = max(map(len, ordered))
        lengths = np.array([len(word) for word in ordered])
        table = np.full((len(ordered), longest), -1, np.int16)
        for row, word in enumerate(ordered):
            table[row, : len(word)] = word
        numbers, parent, levels = self._number(table, lengths)
        last = numbers[np.arange(len(ordered)), lengths - 1]
        self.end = np.full(len(self.letter), -np.inf, np.float32)
        self.end[last] = [words[word] for word in ordered]
        self.best = self.end.copy()
        for nodes in reversed(levels):  # children before their parents
            np.maximum.at(self.best, parent[nodes], self.best[nodes])

    def _number(
        self, table: NDArray[np.int16], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[slice]]:
        """Return the node of each row's prefixes, the parent of each node, and the nodes of each level.

        They are numbered from the root on, level by level.
        """
        differs = np.ones(table.shape, bool)
        differs[1:] = np.logical_or.accumulate(table[1:] != table[:-1], axis=1)
        places = np.arange(table.shape[1])
        begins = differs & (places < lengths[:, np.newaxis])
        counts = begins.sum(axis=0)
        past = 1 + np.cumsum(counts)  # the root is node 0
        numbers = past - counts + np.cumsum(begins, axis=0) - 1
        parents = np.concatenate([np.zeros((len(table), 1), np.int64), numbers[:, :-1]], axis=1)
        parent = np.concatenate([[0], parents.T[begins.T]])
        self.letter = np.concatenate([[-1], table.T[begins.T]]).astype(np.int8)
        self.children = np.bincount(parent[1:], minlength=len(parent)).astype(np.int32)
        self.first = (1 + np.cumsum(self.children) - self.children).astype(np.int32)
        levels = [slice(begin, end) for begin, end in zip((past - counts).tolist(), past.tolist(), strict=True)]
        return numbers, parent, levels

    def extend(self, nodes: NDArray[np.int32]) -> Extensions:
        """Return all children of nodes int32[n]."""
        counts = self.children[nodes]
        parents = np.repeat(np.arange(len(nodes)), counts)
        offsets = np.arange(len(parents)) - np.repeat(np.cumsum(counts) - counts, counts)
        return Extensions(parents, (self.first[nodes][parents] + offsets).astype(np.int32))

    def child(self, node: int, letter: int) -> int | None:
        """Return the child of a node by a letter; None: there is none."""
        first = int(self.first[node])
        letters = self.letter[first : first + int(self.children[node])]
        place = int(np.searchsorted(letters, letter))
        return first + place if place < len(letters) and letters[place] == letter else None
