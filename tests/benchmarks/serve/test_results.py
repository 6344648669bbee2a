from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.serve.results import Quantity, Results

COST = Quantity("message", "1 binary", "µs")
OTHER = Quantity("message", "1 JSON", "µs")
_VALUES = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=9)


def results(**values: list[float]) -> Results:
    found = Results()
    for server, rounds in values.items():
        for value in rounds:
            found.add(COST, server, value)
    return found


@given(values=_VALUES, slower=st.floats(0.1, 10), machine=st.lists(st.floats(0.2, 5), min_size=9, max_size=9))
def test_ratio_does_not_depend_on_a_machine_that_is_slower_for_a_while(
    values: list[float], slower: float, machine: list[float]
) -> None:
    rounds = [value * factor for value, factor in zip(values, machine, strict=False)]
    found = results(one=[slower * value for value in rounds], other=rounds)
    assert found.times(COST, "one", COST, "other") == pytest.approx(slower)


@given(values=_VALUES)
def test_median_lies_in_the_range_of_the_rounds(values: list[float]) -> None:
    found = results(one=values)
    median, spread = found.median(COST, "one"), found.spread(COST, "one")
    assert median is not None
    assert min(values) <= median <= max(values)
    assert (spread is None) == (len(values) == 1)


def test_what_was_not_measured_has_no_figure() -> None:
    found = results(one=[1.0])
    assert found.median(OTHER, "one") is None
    assert found.spread(OTHER, "one") is None
    assert found.times(COST, "one", OTHER, "one") is None
    assert found.values(COST, "other") == []


def test_a_row_knows_its_quantities_and_servers() -> None:
    found = results(one=[1.0, 3.0], other=[2.0])
    found.add(OTHER, "one", 4.0)
    assert found.quantities("message") == [OTHER, COST]
    assert found.servers("message") == ["one", "other"]
    assert found.quantities("lone") == []
    first = next(found.as_dicts())
    assert (first["server"], first["rounds"], first["median"]) == ("one", [1.0, 3.0], 2.0)


def test_a_remark_is_kept_once() -> None:
    found = Results()
    for _ in range(2):
        found.remark("busy")
    assert found.remarks == ["busy"]
