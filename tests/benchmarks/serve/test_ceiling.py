from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.serve.ceiling import largest_passing

_COUNTS = st.integers(1, 2000)


@given(ceiling=st.integers(0, 2000), guess=_COUNTS, most=_COUNTS, resolution=st.integers(1, 50))
def test_the_ceiling_is_found_to_within_the_resolution(ceiling: int, guess: int, most: int, resolution: int) -> None:
    tried: list[int] = []

    def passes(count: int) -> bool:
        tried.append(count)
        return count <= ceiling

    found = largest_passing(passes, guess, resolution, most)
    reachable = min(ceiling, most)
    assert found <= reachable
    # Below the first count of the search, halving ends at counts near one.
    assert reachable - found < max(resolution, 1) or found == 0
    assert len(tried) == len(set(tried)), "a count was tried twice"
    assert all(1 <= count <= most for count in tried)
    assert found == 0 or found in tried


def test_few_trials_where_the_guess_is_near() -> None:
    tried: list[int] = []

    def passes(count: int) -> bool:
        tried.append(count)
        return count <= 133

    assert 129 <= largest_passing(passes, guess=140, resolution=4, most=480) <= 133
    assert len(tried) <= 8
