"""Where errors are in a signed text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.streams.scoring import edit_distance
from benchmarks.words.alignment import errors_by_letter

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


@given(ROWS, ROWS.filter(bool))
def test_there_are_as_many_as_a_shortest_edit_has(read: list[str], signed: list[str]) -> None:
    assert errors_by_letter(read, signed).sum() == edit_distance(read, signed)


def test_nothing_signed_has_no_errors_to_state() -> None:
    with pytest.raises(ValueError, match="nothing was signed"):
        errors_by_letter("a", "")
