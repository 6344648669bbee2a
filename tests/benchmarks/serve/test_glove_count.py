from __future__ import annotations

from benchmarks.serve.glove_count import GLOVES, SEARCHES, glove_count
from benchmarks.serve.peers.catalogue import PLAIN_ONE
from tests.benchmarks.serve.small_bench import small_bench


def test_every_search_is_kept() -> None:
    with small_bench(PLAIN_ONE) as bench:
        glove_count(bench)
    found = bench.results.values(GLOVES, PLAIN_ONE)
    assert len(found) == SEARCHES
    assert set(found) <= {0, 1}
