"""Row `workers`: requests a second of two workers beside those of one."""

from __future__ import annotations

from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.load import posts
from benchmarks.serve.load.messages import npy_body, windows
from benchmarks.serve.load.posts import build_request
from benchmarks.serve.peers.catalogue import OURS
from benchmarks.serve.results import Quantity
from benchmarks.serve.server import our_service

TWO_WORKERS: Final = Quantity("workers", "two workers, times one", "")
_CONNECTIONS: Final = 16


def worker_scaling(bench: Bench) -> None:
    """Measure fresh services with one worker and with two, by requests of 64 windows."""
    if len(bench.cores.two_workers) < 2:
        bench.results.remark("workers: not measured, this machine has one core")
        return
    request = build_request("/v1/predict", "application/x-npy", npy_body(windows(64, bench.contract.window_frames)))
    rates = []
    for count, cores in ((1, bench.cores.server), (2, bench.cores.two_workers)):
        bench.progress(f"workers: {count}")
        with our_service(bench.artefact, bench.contract.name, cores, "--workers", str(count)) as server:
            posted = posts.measure(server.address, request, _CONNECTIONS, bench.warm_up_s, bench.seconds)
            rates.append(posted.per_second)
    bench.results.add(TWO_WORKERS, OURS, rates[1] / rates[0])
    if bench.cores.client <= bench.cores.two_workers:
        bench.results.remark("workers: the client shares the second core")
