"""A run of the benchmark with few servers, one glove and short measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from benchmarks.machine import assign_cores
from benchmarks.serve.bench import Bench
from benchmarks.serve.peers.catalogue import Peers, peers
from models.cli.options import DEFAULT_MODEL
from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from service.settings import shipped_models

ARTEFACT = shipped_models() / f"{DEFAULT_MODEL}.onnx"


@cache
def contract() -> ModelContract:
    return Artefact.load(ARTEFACT).contract


@contextmanager
def small_bench(*names: str, rounds: int = 1) -> Iterator[Bench]:
    """Yield a run with these servers, which end with the block."""
    cores = assign_cores(range(1))
    found, _ = peers(ARTEFACT, contract(), cores.server, None)
    with ExitStack() as stack:
        servers = Peers({name: found[name] for name in names}, stack)
        yield Bench(servers, cores, ARTEFACT, contract(), 0.2, rounds, 1, 1, lambda _: None)
