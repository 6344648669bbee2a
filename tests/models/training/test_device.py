"""The device is a GPU where PyTorch finds one; what is kept of one device is not used for another."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks import trained_networks  # noqa: E402
from models.data.dataset import HoldOut, Recording  # noqa: E402
from models.evaluation import networks as evaluated  # noqa: E402
from models.evaluation.baselines import NearestNeighbour  # noqa: E402
from models.evaluation.benchmark import Runs, plan  # noqa: E402
from models.evaluation.networks import Recogniser  # noqa: E402
from models.networks.catalogue import NETWORKS  # noqa: E402
from models.networks.normaliser import Normaliser  # noqa: E402
from models.training import steps, training  # noqa: E402
from models.training.device import compute_device, device_name  # noqa: E402
from models.training.recipe import Recipe, TrainingError  # noqa: E402
from scaleglove.letters import LETTERS  # noqa: E402

RECIPE = Recipe(model="MSCGRU_ScaleAware", epochs=2, batch_size=8)


def pretend(monkeypatch: pytest.MonkeyPatch, kind: str | None, name: str = "") -> None:
    """Have PyTorch say that it finds a device of this kind; it computes nothing there."""
    found = None if kind is None else torch.device(kind)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available=False: found)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: name)


@pytest.fixture
def recordings() -> list[Recording]:
    rng = np.random.default_rng(0)
    return [
        Recording(rng.uniform(700, 900, (60 + i, 8)).astype(np.float32), label, "a", bend)
        for label in (0, 1)
        for i in range(5)
        for bend in ("1", "2")
    ]


@pytest.mark.parametrize(
    ("kind", "device", "name"),
    [(None, "cpu", "cpu"), ("cuda", "cuda", "NVIDIA H200"), ("mps", "mps", "mps"), ("xpu", "cpu", "cpu")],
)
def test_the_device_and_its_name(kind: str | None, device: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, kind, "NVIDIA H200")
    assert (compute_device().type, device_name()) == (device, name)


def test_a_trainer_trains_on_that_device(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("lightning.Trainer", lambda **options: asked.append(options["accelerator"]))
    for kind in (None, "cuda"):
        pretend(monkeypatch, kind)
        steps.trainer_of(RECIPE, None, None)
    assert asked == ["cpu", "cuda"]


def test_results_of_one_device_are_none_of_another(
    recordings: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = plan([NearestNeighbour(labels=LETTERS)], recordings, [0])[0]
    found: dict[str, Any] = {}
    for kind, name in ((None, "cpu"), ("cuda", "NVIDIA H200"), ("cuda", "NVIDIA L4")):
        pretend(monkeypatch, kind, name)
        runs = Runs(tmp_path, recordings, {"torch": "1"})
        assert runs.load(job) is None
        runs.save(job, {"on": name})
        found[name] = runs.load(job)
    assert found == {name: {"on": name} for name in found}
    assert len(list(tmp_path.iterdir())) == 3


def test_networks_that_are_kept_for_measurements_are_of_one_device(
    recordings: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def stop(*_: object) -> None:
        made.append(device_name())
        raise TrainingError("this is as far as the test goes")

    def kept() -> Path:
        return trained_networks.trained(HoldOut(), recordings, RECIPE, tmp_path)

    monkeypatch.setattr(trained_networks, "fit", stop)
    paths = {}
    monkeypatch.setattr(Path, "exists", lambda path: True)
    for name in ("cpu", "NVIDIA H200", "NVIDIA L4"):
        pretend(monkeypatch, None if name == "cpu" else "cuda", name)
        paths[name] = kept()
    assert len(set(paths.values())) == 3
    assert made == []
    monkeypatch.setattr(Path, "exists", lambda path: path == paths["cpu"])
    with pytest.raises(TrainingError):
        kept()
    assert made == ["NVIDIA L4"]


def test_a_training_is_not_resumed_on_another_device(
    recordings: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "c.pt.state"
    training.fit(recordings, RECIPE, state=state)
    stored = json.loads(torch.load(state, weights_only=True)[steps.IDENTITY])
    assert sorted(stored) == ["recipe", "recordings", "torch"]  # as earlier versions wrote it
    pretend(monkeypatch, "cuda", "NVIDIA H200")
    with pytest.raises(TrainingError, match="or another device"):
        training.fit(recordings, RECIPE, state=state)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_computes_wherever_its_weights_are(name: str) -> None:
    """The device `meta` computes shapes alone, and refuses a tensor of the processor as a GPU does."""
    network = NETWORKS[name](classes=31).eval().to("meta")
    x, x_padding = torch.zeros(2, 40, 8, device="meta"), torch.zeros(2, 40, dtype=torch.bool, device="meta")
    found = [*network.recognise(x, x_padding), network(x, x_padding)[0], network.features(x, x_padding)]
    found.append(network.explain(x, x_padding)[1])
    if hasattr(network, "unroll"):
        found.append(network.unroll(x))
    assert {tensor.device.type for tensor in found} == {"meta"}


def test_an_evaluation_moves_a_copy_of_the_network_and_its_windows_there(
    monkeypatch: pytest.MonkeyPatch, readings: Callable[..., Any]
) -> None:
    class Elsewhere(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(3))

        def recognise(self, x: Any, x_padding: Any) -> tuple[Any, Any]:
            assert {x.device.type, x_padding.device.type, self.weight.device.type} == {"meta"}
            return torch.full((len(x), 3), 1 / 3), torch.zeros(len(x), 2)

    monkeypatch.setattr(evaluated, "compute_device", lambda: torch.device("meta"))
    network: Any = Elsewhere()
    recogniser = Recogniser(network, Normaliser.fit([readings(200)]), 80)
    probabilities, embeddings = recogniser.recognise([readings(30), readings(60)])
    assert (probabilities.shape, embeddings.shape) == ((2, 3), (2, 2))
    assert recogniser.network.weight.device.type == "cpu"  # as the export takes it
