"""Networks as after training: batch norms that have seen data, so that folding has something to fold."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.runtime.contract import Channel, ModelContract, Provenance
from scaleglove.channels import CHANNELS, UNITS
from scaleglove.letters import LETTERS
from scaleglove.scales import SCALES


@pytest.fixture
def jobs_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the jobs of the benchmark in a thread: a process takes seconds to import everything.

    tests/models/evaluation/test_benchmark.py shows that processes find the same.
    """

    def one_thread(workers: int, **_: object) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1)

    monkeypatch.setattr("models.evaluation.benchmark.ProcessPoolExecutor", one_thread)


@pytest.fixture(scope="session")
def contract() -> ModelContract:
    return ModelContract(
        schema_version=1,
        name="test",
        version="1",
        channels=tuple(Channel(name=name, unit=unit) for name, unit in zip(CHANNELS, UNITS, strict=True)),
        sample_rate_hz=50,
        window_frames=80,
        min_frames=10,
        labels=LETTERS,
        scales=SCALES,
        parameters=1,
        provenance=Provenance(data="none", split="none", seed=0, revision="none"),
        report={},
        weight_importance={},
    )


@pytest.fixture(scope="session")
def readings() -> Callable[..., NDArray[np.float32]]:
    """Raw readings float32[*shape, 8]: dropped flex sensors and angles of any number of turns included."""

    def make(*shape: int, seed: int = 0) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        flex = rng.uniform(700, 1000, (*shape, 5)) * (rng.random((*shape, 5)) > 0.05)
        return np.concatenate([flex, rng.uniform(-400, 400, (*shape, 3))], axis=-1).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def settled(readings: Callable[..., NDArray[np.float32]]) -> Callable[..., object]:
    """Return a network by name and number of labels, in evaluation mode, with all of it changed: batch norms, biases,
    encoding, metric."""
    import torch

    from models.networks.catalogue import NETWORKS
    from models.networks.normaliser import Normaliser
    from models.training.metric import fit_metric

    raw = readings(2000)
    normaliser = Normaliser.fit([raw])
    inputs = [torch.from_numpy(part) for part in (normaliser.apply(raw), normaliser.gain, normaliser.offset)]

    def make(name: str, classes: int = len(LETTERS)) -> object:
        torch.manual_seed(1)
        network = NETWORKS[name](classes=classes)
        network.fit_inputs(*inputs)
        with torch.no_grad():
            for parameter in network.parameters():
                if parameter.ndim == 1:
                    parameter.add_(0.3 * torch.randn_like(parameter))
            for _ in range(20):
                network(2 * torch.randn(16, 20, 8) + 0.5)
            features = network.eval().features(torch.randn(120, 20, 8))
            network.metric.copy_(fit_metric(features, torch.arange(120) % min(classes, 60)))
        return network

    return make


@pytest.fixture(scope="session")
def exported(
    tmp_path_factory: pytest.TempPathFactory,
    settled: Callable[..., object],
    contract: ModelContract,
    readings: Callable[..., NDArray[np.float32]],
) -> Callable[[str], tuple[object, object, Path]]:
    """Network, normaliser and artefact by name; made once."""
    from models.export.onnx_export import export_network
    from models.networks.normaliser import Normaliser

    made: dict[str, tuple[object, object, Path]] = {}

    def make(name: str) -> tuple[object, object, Path]:
        if name not in made:
            path = tmp_path_factory.mktemp("artefacts") / f"{name}.onnx"
            network, normaliser = settled(name), Normaliser.fit([readings(2000)])
            export_network(network, normaliser, contract.model_copy(update={"name": name}), path)
            made[name] = network, normaliser, path
        return made[name]

    return make
