from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.language.letter_model import ORDER, START, LetterModel

LETTERS = 4
ROWS = st.lists(st.integers(0, LETTERS - 1), max_size=7).map(tuple)
WORDS = [(0, 1, 2), (0, 1, 3), (2, 2), (0, 1, 2, 3, 0, 1), (3,)]
WEIGHTS = [3.0, 1.0, 0.5, 2.0, 1.0]


def by_definition(words: list[tuple[int, ...]], weights: list[float], context: tuple[int, ...], symbol: int) -> float:
    """Return the probability of a symbol after the symbols before it, by the equation in the module."""
    shorter = by_definition(words, weights, context[1:], symbol) if context else 1 / (LETTERS + 1)
    seen: dict[int, float] = {}
    for word, weight in zip(words, weights, strict=True):
        row = (-1,) * (ORDER - 1) + word + (LETTERS,)
        for place in range(ORDER - 1, len(row)):
            if row[place - len(context) : place] == context:
                seen[row[place]] = seen.get(row[place], 0.0) + weight
    if not seen:
        return shorter
    return (seen.get(symbol, 0.0) + len(seen) * shorter) / (sum(seen.values()) + len(seen))


@given(st.lists(st.tuples(ROWS.filter(bool), st.floats(0.1, 9)), min_size=1, max_size=5), ROWS)
def test_a_word_is_as_probable_as_the_equation_says(
    counted: list[tuple[tuple[int, ...], float]], word: tuple[int, ...]
) -> None:
    words, weights = [row for row, _ in counted], [weight for _, weight in counted]
    model = LetterModel(words, np.array(weights), LETTERS)
    row = (-1,) * (ORDER - 1) + word + (LETTERS,)
    expected = sum(
        math.log(by_definition(words, weights, row[place - ORDER + 1 : place], row[place]))
        for place in range(ORDER - 1, len(row))
    )
    assert math.isclose(model.log_probability(word), expected, rel_tol=1e-4)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_probabilities_of_what_comes_next_sum_to_one(rows: list[tuple[int, ...]]) -> None:
    model = LetterModel(WORDS, np.array(WEIGHTS), LETTERS)
    codes = np.full(len(rows), START, np.int32)
    for place in range(7):
        codes = model.extend(codes, np.array([row[place] if place < len(row) else 0 for row in rows]))
        assert np.allclose(np.exp(model.after(codes)).sum(axis=1), 1, atol=1e-5)


def test_more_frequent_words_are_more_probable() -> None:
    model = LetterModel(WORDS, np.array(WEIGHTS), LETTERS)
    assert model.log_probability((0, 1, 2)) > model.log_probability((0, 1, 3)) > model.log_probability((1, 1, 3))
