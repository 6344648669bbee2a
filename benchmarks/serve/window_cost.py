"""Rows `post` and `post64`: requests for a window and for 64 of them, beside the model alone on the same windows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.ceiling import CLIENT_BUSY
from benchmarks.serve.load import posts
from benchmarks.serve.load.messages import json_body, npy_body, windows
from benchmarks.serve.load.posts import build_request
from benchmarks.serve.peers.catalogue import GRANIAN, OURS, PLAIN, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Quantity
from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact

MODEL: Final = "the model alone"
"""Stands among the servers: windows given to the model in this process, as the service computes it."""

_SERVERS: Final = (PLAIN, PLAIN_ONE, GRANIAN, OURS, REFERENCE)
_CONNECTIONS: Final = {1: 16, 64: 4}
_ROWS: Final = {1: "post", 64: "post64"}
_KINDS: Final = {False: "application/json", True: "application/x-npy"}


def window(count: int, *, binary: bool) -> Quantity:
    """Return the CPU time of a window among `count` of a request."""
    return Quantity(_ROWS[count], f"{count} {'binary' if binary else 'JSON'}", "µs")


def requests(count: int, *, binary: bool) -> Quantity:
    """Return the requests a second of `count` windows."""
    return Quantity(_ROWS[count], f"{count} {'binary' if binary else 'JSON'}", "requests/s")


def one_window(bench: Bench) -> None:
    """Measure requests for one window."""
    _measure(bench, 1)


def many_windows(bench: Bench) -> None:
    """Measure requests for 64 windows."""
    _measure(bench, 64)


def _measure(bench: Bench, count: int) -> None:
    batch = windows(count, bench.contract.window_frames)
    bodies = {False: json_body(batch), True: npy_body(batch)}
    model = accelerate(Artefact.load(bench.artefact), "auto")
    for number in range(bench.rounds):
        cost_us = _alone_us(lambda: model.run_windows(list(batch)), count, min(1.0, bench.seconds))
        bench.results.add(window(count, binary=True), MODEL, cost_us)
        for name in bench.peers.of(*_SERVERS):
            for binary, body in bodies.items():
                if bench.peers.takes(name, binary=binary):
                    bench.progress(f"POST {count}, round {number + 1}: {name}, {'binary' if binary else 'JSON'}")
                    _post(bench, name, count, binary, build_request("/v1/predict", _KINDS[binary], body))


def _post(bench: Bench, name: str, count: int, binary: bool, request: bytes) -> None:
    server = bench.peers[name]
    server.settle()
    with posts.Callers(server.address, request, _CONNECTIONS[count]) as callers:
        callers.begin()
        callers.run(min(1.0, bench.seconds))
        begin_s = server.cpu_s()
        posted = callers.run(bench.seconds)
        cpu_s = server.cpu_s() - begin_s
    if not posted.delays_s:
        bench.results.remark(f"POST {count}: {name} answered nothing within {bench.seconds:g} s")
        return
    bench.results.add(window(count, binary=binary), name, cpu_s / len(posted.delays_s) / count * 1e6)
    bench.results.add(requests(count, binary=binary), name, posted.per_second)
    if posted.client_share > CLIENT_BUSY:
        bench.results.remark(f"POST {count}, {name}: limited by the client, {posted.client_share:.0%} busy")


def _alone_us(run: Callable[[], object], count: int, seconds: float) -> float:
    """Return the CPU time of a window in this process, in microseconds."""
    run()
    runs, begin_s = 0, time.process_time()
    end_s = time.perf_counter() + seconds
    while not runs or time.perf_counter() < end_s:
        run()
        runs += 1
    return (time.process_time() - begin_s) / runs / count * 1e6
