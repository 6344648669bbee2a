"""What all rows of one run of `bench serve` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import Cores
from benchmarks.serve.ceiling import WARM_UP_S
from benchmarks.serve.peers.catalogue import Peers
from benchmarks.serve.results import Results
from benchmarks.serve.sampling import Shares
from models.runtime.contract import ModelContract


@dataclass(slots=True)
class Bench:
    """Servers, options, progress callback, and what was found."""

    peers: Peers
    cores: Cores
    artefact: Path
    contract: ModelContract
    seconds: float
    rounds: int
    gloves: int
    """Gloves of the loads whose CPU time is measured."""
    most_gloves: int
    progress: Callable[[str], None]
    results: Results = field(default_factory=Results)
    shares: list[Shares] = field(default_factory=list)
    """Where each sampled server spends its time."""

    @property
    def warm_up_s(self) -> float:
        """In which windows fill, but for a short trial."""
        return min(WARM_UP_S, 2 * self.seconds)
