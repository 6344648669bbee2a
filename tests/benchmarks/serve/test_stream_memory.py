from __future__ import annotations

from benchmarks.serve.peers.catalogue import PLAIN_ONE
from benchmarks.serve.stream_memory import IDLE, SIGNING, stream_memory
from tests.benchmarks.serve.small_bench import small_bench


def test_a_stream_is_measured_before_and_after_frames() -> None:
    with small_bench(PLAIN_ONE) as bench:
        stream_memory(bench)
    for quantity in (IDLE, SIGNING):
        assert len(bench.results.values(quantity, PLAIN_ONE)) == 1
