"""Time of one window for every network in every runtime, measured in turn in one run.

Absolute times vary between machines and runs; compare the ratios.
"""

from __future__ import annotations

import statistics
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnx
import torch

from models.export.onnx_export import fold
from models.export.quantise import quantise
from models.networks.catalogue import NETWORKS
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network
from models.runtime.artefact import open_session
from models.runtime.contract import ModelContract
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import Library, built, supported
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import read_weights
from models.training.training import one_thread
from scaleglove.letters import LETTERS

_WARM_UP = 5
_CALLS = 5
"""Timed calls of one runtime in a round, after an untimed one, since the last runtime has evicted the caches."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Measured time of a network in one runtime, `way`."""

    network: str
    way: str
    milliseconds: float
    """Time of one window, the median over the rounds."""
    nodes: int | None
    """Nodes of the graph, None for PyTorch and the kernel."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def time_networks(frames: int, rounds: int) -> list[Timing]:
    """Return the time of a window of `frames` frames; every round times all runtimes, so a slow moment affects all."""
    with one_thread():
        return _time_in_turn(_ways(frames), rounds)


def _ways(frames: int) -> dict[tuple[str, str], tuple[Callable[[], object], int | None]]:
    """Return the call to time and the number of graph nodes, by network and runtime."""
    ways: dict[tuple[str, str], tuple[Callable[[], object], int | None]] = {}
    for name, network_type in NETWORKS.items():
        torch.manual_seed(0)
        network = network_type(classes=len(LETTERS)).eval()
        ways[name, "PyTorch eager"] = (_eager(network, frames), None)
        ways[name, "plain tracing export"] = _session(_traced(network, frames), {"x": _normalised(frames)})
        folded = fold(network, _normaliser())
        ways[name, "folded export"] = _session(folded, _raw(frames))
        ways[name, "folded export, INT8 weights"] = _session(quantise(folded), _raw(frames))
        if built():
            ways[name, "kernel"] = (_kernel(folded, frames), None)
    return ways


def _time_in_turn(ways: dict[tuple[str, str], tuple[Callable[[], object], int | None]], rounds: int) -> list[Timing]:
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in ways}
    for round_number in range(-_WARM_UP, rounds):
        for key, (call, _) in ways.items():
            call()
            start = perf_counter()
            for _ in range(_CALLS):
                call()
            if round_number >= 0:
                seconds[key].append((perf_counter() - start) / _CALLS)
    return [
        Timing(*key, milliseconds=1000 * statistics.median(seconds[key]), nodes=nodes)
        for key, (_, nodes) in ways.items()
    ]


def _eager(network: Network, frames: int) -> Callable[[], object]:
    x = torch.from_numpy(_normalised(frames))

    def call() -> object:
        with torch.inference_mode():
            return network(x)

    return call


def _traced(network: Network, frames: int) -> onnx.ModelProto:
    """Return the tracing export: time steps unrolled, batch and length fixed, logits only."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        path = Path(folder) / "traced.onnx"
        warnings.simplefilter("ignore")  # about tracing, and about the exporter's age
        torch.onnx.export(
            # The wrapper too: the exporter resets every part to the mode of the whole.
            _LogitsOnly(network).eval(),
            (torch.from_numpy(_normalised(frames)),),
            path,
            input_names=["x"],
            dynamo=False,
        )
        return onnx.load(path)


class _LogitsOnly(torch.nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(x)[0]
        return logits


def _session(model: onnx.ModelProto, inputs: dict[str, Any]) -> tuple[Callable[[], object], int]:
    session = open_session(model.SerializeToString())
    return lambda: session.run(None, inputs), len(model.graph.node)


def _kernel(folded: onnx.ModelProto, frames: int) -> Callable[[], object]:
    """Return a call of the fastest kernel variant that this machine supports."""
    weights = read_weights(read_graph(folded.SerializeToString()))
    contract = ModelContract.model_construct(window_frames=frames)
    kernel = Kernel(weights, contract, Library(supported()[0]))
    window = _readings(frames)
    return lambda: kernel.run_windows([window])


def _normalised(frames: int) -> Any:
    return np.random.default_rng(0).normal(size=(1, frames, 8)).astype(np.float32)


def _raw(frames: int) -> dict[str, Any]:
    return {"frames": _readings(frames)[np.newaxis], "lengths": np.array([frames])}


def _normaliser() -> Normaliser:
    return Normaliser.fit([_readings(1000)])


def _readings(frames: int) -> Any:
    """Return plausible raw readings; the speed does not depend on them."""
    rng = np.random.default_rng(0)
    return np.hstack([rng.uniform(760, 980, (frames, 5)), rng.uniform(-180, 180, (frames, 3))]).astype(np.float32)
