from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.language.letter_tree import LetterTree

WORDS = st.dictionaries(
    st.lists(st.integers(0, 3), min_size=1, max_size=6).map(tuple), st.floats(-20, 0), min_size=1, max_size=30
)


def node_of(tree: LetterTree, word: tuple[int, ...]) -> int | None:
    node: int | None = 0
    for letter in word:
        if node is not None:
            node = tree.child(node, letter)
    return node


@given(WORDS)
def test_a_tree_has_its_words_and_no_others(words: dict[tuple[int, ...], float]) -> None:
    tree = LetterTree(words)
    for word, logarithm in words.items():
        node = node_of(tree, word)
        assert node is not None
        assert math.isclose(float(tree.end[node]), logarithm, rel_tol=1e-6, abs_tol=1e-6)
    assert int((tree.end > -np.inf).sum()) == len(words)
    assert len(tree.letter) == 1 + len({word[:size] for word in words for size in range(1, len(word) + 1)})


@given(WORDS)
def test_the_best_below_a_node_is_that_of_the_words_through_it(words: dict[tuple[int, ...], float]) -> None:
    tree = LetterTree(words)
    for prefix in {word[:size] for word in words for size in range(len(word) + 1)}:
        node = node_of(tree, prefix)
        assert node is not None
        best = max(value for word, value in words.items() if word[: len(prefix)] == prefix)
        assert math.isclose(float(tree.best[node]), best, rel_tol=1e-6, abs_tol=1e-6)


@given(WORDS)
def test_nodes_are_extended_by_all_their_children(words: dict[tuple[int, ...], float]) -> None:
    tree = LetterTree(words)
    nodes = np.arange(len(tree.letter), dtype=np.int32)
    found = tree.extend(nodes)
    assert sorted(found.nodes.tolist()) == list(range(1, len(nodes)))  # all but the root, each once
    for parent, child in zip(found.parents.tolist(), found.nodes.tolist(), strict=True):
        assert tree.child(parent, int(tree.letter[child])) == child
    assert tree.child(0, 9) is None
