"""Whole milliseconds that rise where the times do."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.client.timestamps import WholeMilliseconds


@given(st.floats(0, 1), st.lists(st.floats(-0.05, 0.05), min_size=2, max_size=500))
def test_a_thousand_a_second_stay_apart_wherever_the_clock_stands(phase: float, jitter: list[float]) -> None:
    times = [n + phase + off for n, off in enumerate(jitter)]
    times = [max(0.0, t_ms) for t_ms in times]
    rounded = WholeMilliseconds().round(times)
    assert all(b - a >= 1 for a, b in pairwise(rounded))
    assert all(abs(whole - t_ms) <= 1.5 for whole, t_ms in zip(rounded, times, strict=True))


@given(st.lists(st.floats(0, 1e9)))
def test_times_that_lie_apart_are_only_rounded(times: list[float]) -> None:
    apart = sorted(times)
    if all(b - a >= 2 for a, b in pairwise(apart)):
        assert WholeMilliseconds().round(apart) == [round(t_ms) for t_ms in apart]


def test_over_messages_and_restarts() -> None:
    whole = WholeMilliseconds()
    assert whole.round([0.6]) == [1]
    assert whole.round([1.4, 2.4]) == [2, 3]
    assert whole.round([0.0, 0.2]) == [0, 1]  # a new clock; and two in one millisecond
    assert whole.round([0.4, 0.6, 0.8]) == pytest.approx([0, 2, 1], abs=2)  # too many are not moved without end
