"""How many errors are in what was read, and where."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.streams.alignment import edit_distance, errors_by_letter

ROWS = st.lists(st.sampled_from("abc"), max_size=8)


@pytest.mark.parametrize(
    ("read", "errors"),
    [
        ("abcd", [0, 0, 0, 0]),
        ("abxd", [0, 0, 1, 0]),
        ("abd", [0, 0, 1, 0]),
        ("abxcd", [0, 0, 1, 0]),
        ("abcdx", [0, 0, 0, 1]),
        ("", [1, 1, 1, 1]),
    ],
)
def test_errors_are_where_they_were_made(read: str, errors: list[int]) -> None:
    assert errors_by_letter(read, "abcd").tolist() == errors


def by_the_book(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the Levenshtein distance by its definition."""

    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        replaced = distance(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(replaced, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(one), len(other))


@given(ROWS, ROWS)
def test_the_distance_is_levenshteins(one: list[str], other: list[str]) -> None:
    assert edit_distance(one, other) == by_the_book(one, other) == edit_distance(other, one)


@given(ROWS, ROWS.filter(bool))
def test_there_are_as_many_as_a_shortest_edit_has(read: list[str], signed: list[str]) -> None:
    assert errors_by_letter(read, signed).sum() == edit_distance(read, signed)


def test_nothing_signed_has_no_errors_to_state() -> None:
    with pytest.raises(ValueError, match="nothing was signed"):
        errors_by_letter("a", "")
