"""All networks through the ways of running them, timed side by side in one run.

Absolute times vary from machine to machine and from run to run; the ratios are what counts.
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

_WARM_UP = 5
_CALLS = 5
"""Timed calls of one way in one round, after one untimed call: the way before it has emptied the caches."""


@dataclass(frozen=True, slots=True)
class Timing:
    network: str
    way: str
    milliseconds: float
    """Median over the rounds."""
    nodes: int | None
    """Nodes of the graph; none for PyTorch and the kernel."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def time_networks(frames: int, rounds: int) -> list[Timing]:
    """One window of `frames` frames; in every round each way has its turn, so that a slow moment hits all alike."""
    with one_thread():
        return _time_in_turn(_ways(frames), rounds)


def _ways(frames: int) -> dict[tuple[str, str], tuple[Callable[[], object], int | None]]:
    """By network and way: the call to time, and the nodes of its graph."""
    ways: dict[tuple[str, str], tuple[Callable[[], object], int | None]] = {}
    for name, network_type in NETWORKS.items():
        torch.manual_seed(0)
        network = network_type().eval()
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
    """What `torch.onnx.export` makes by tracing: the time steps unrolled, batch and length fixed, logits only."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        path = Path(folder) / "traced.onnx"
        warnings.simplefilter("ignore")  # the tracer's own remarks, and that it is the older of the two exporters
        torch.onnx.export(
            # In evaluation mode itself: the exporter gives every part back the mode of the whole.
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
    """By the fastest variant that runs here."""
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
    """Plausible raw readings; a network's speed does not depend on them."""
    rng = np.random.default_rng(0)
    return np.hstack([rng.uniform(760, 980, (frames, 5)), rng.uniform(-180, 180, (frames, 3))]).astype(np.float32)
