from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.serve.bench import Bench
from benchmarks.serve.peers.catalogue import PLAIN_ONE
from benchmarks.serve.window_cost import MODEL, many_windows, one_window, requests, window
from tests.benchmarks.serve.small_bench import small_bench


@pytest.mark.parametrize(("count", "row"), [(1, one_window), (64, many_windows)])
def test_a_server_stands_beside_the_model_alone(count: int, row: Callable[[Bench], None]) -> None:
    with small_bench(PLAIN_ONE) as bench:
        row(bench)
    for quantity, server in (
        (window(count, binary=True), MODEL),
        (window(count, binary=False), PLAIN_ONE),
        (requests(count, binary=False), PLAIN_ONE),
    ):
        (value,) = bench.results.values(quantity, server) or [None]
        assert value is not None or "answered nothing" in str(bench.results.remarks)
        assert value is None or value > 0
    assert not bench.results.values(window(count, binary=True), PLAIN_ONE)
