from __future__ import annotations

import math

import pytest

from benchmarks.serve.latency import ABOVE, LONE, lone_glove
from benchmarks.serve.peers.catalogue import ECHO, PLAIN_ONE
from tests.benchmarks.serve.small_bench import small_bench


def test_delays_stand_above_those_of_the_echo_in_the_same_round() -> None:
    with small_bench(ECHO, PLAIN_ONE, rounds=2) as bench:
        lone_glove(bench)
    for percent, quantity in LONE.items():
        floor, value = (bench.results.values(quantity, name) for name in (ECHO, PLAIN_ONE))
        assert all(map(math.isfinite, (*floor, *value)))
        above = [one - other for one, other in zip(value, floor, strict=True)]
        assert bench.results.values(ABOVE[percent], PLAIN_ONE) == pytest.approx(above)
        assert not bench.results.values(ABOVE[percent], ECHO)
