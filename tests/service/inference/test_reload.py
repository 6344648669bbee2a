from __future__ import annotations

import asyncio
import shutil
import threading
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.runtime.artefact import Artefact
from service.inference.registry import ModelRegistry
from service.inference.reload import Reload, ReloadError
from service.telemetry.metrics import Metrics
from tests.deadlines import EVENT_S
from tests.service.conftest import running
from tests.service.sockets import binary_frames, even, read


def outcomes(metrics: Metrics) -> tuple[float | None, float | None]:
    sample = "scaleglove_model_reloads_total"
    return tuple(metrics.registry.get_sample_value(sample, {"outcome": outcome}) for outcome in ("done", "failed"))


def renewing(folder: Path, default: str) -> tuple[ModelRegistry, Reload, Metrics]:
    metrics, load = Metrics(), partial(ModelRegistry.load, folder, default, "onnx")
    registry = load()
    return registry, Reload(registry, load, folder, metrics), metrics


async def test_swapped_in_one_step(artefact_path: Path, artefact: Artefact, tmp_path: Path) -> None:
    shutil.copy(artefact_path, tmp_path)
    registry, reload, metrics = renewing(tmp_path, artefact.contract.name)
    previous = registry.get()
    shutil.copy(artefact_path.with_name("MSCSGRU.onnx"), tmp_path)
    await reload.run()
    assert registry.names == ["MSCSGRU", artefact.contract.name]
    assert registry.get() is not previous
    assert outcomes(metrics) == (1, 0)


@pytest.mark.parametrize("fault", ["broken", "default gone", "empty"])
def test_refused_models_change_nothing(artefact_path: Path, artefact: Artefact, tmp_path: Path, fault: str) -> None:
    name = artefact.contract.name
    shutil.copy(artefact_path, tmp_path)
    registry, reload, metrics = renewing(tmp_path, name)
    previous = registry.get()
    if fault == "broken":
        (tmp_path / "broken.onnx").write_bytes(artefact_path.read_bytes()[:1000])
    else:
        (tmp_path / artefact_path.name).unlink()
    if fault == "default gone":
        shutil.copy(artefact_path.with_name("MSCSGRU.onnx"), tmp_path)
    expected = {
        "broken": r"^broken\.onnx: not a readable ONNX model",
        "default gone": f"^the models' folder: no model is called {name}",
        "empty": "^the models' folder: no model artefact",
    }
    with pytest.raises(ReloadError, match=expected[fault]) as caught:
        asyncio.run(reload.run())
    assert str(tmp_path) not in str(caught.value)
    assert (registry.names, registry.get()) == ([name], previous)
    assert outcomes(metrics) == (0, 1)


class HeldLoads:
    """Loads that wait, in their thread, until the event loop lets them go on; each finds a registry of its number."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.begun = asyncio.Event()
        self.goes_on = threading.Event()
        self._loop = asyncio.get_running_loop()

    def load(self) -> ModelRegistry:
        self.numbers.append(len(self.numbers))
        self._loop.call_soon_threadsafe(self.begun.set)
        assert self.goes_on.wait(EVENT_S)
        return ModelRegistry({}, str(self.numbers[-1]))


async def test_a_second_call_waits_for_the_first_and_nobody_else_does() -> None:
    loads, registry = HeldLoads(), ModelRegistry({}, "before")
    reload = Reload(registry, loads.load, Path(), Metrics())
    calls = [asyncio.create_task(reload.run()) for _ in range(2)]
    await loads.begun.wait()  # the loop goes on meanwhile
    assert (loads.numbers, registry.default) == ([0], "before")
    loads.goes_on.set()
    await asyncio.gather(*calls)
    assert (loads.numbers, registry.default) == ([0, 1], "1")


async def test_any_number_of_calls_are_two_reloads() -> None:
    """The second one reads what changed after the first had begun."""
    loads = HeldLoads()
    reload = Reload(ModelRegistry({}, "before"), loads.load, Path(), Metrics())
    for _ in range(300):
        reload.begin()
    await loads.begun.wait()
    calls = [asyncio.create_task(reload.run()) for _ in range(300)]
    await asyncio.sleep(0)
    loads.goes_on.set()
    await asyncio.gather(*calls)
    assert loads.numbers == [0, 1]
    await reload.run()
    assert loads.numbers == [0, 1, 2]


def test_a_stream_keeps_its_model(artefact_path: Path, tmp_path: Path, glove: Any) -> None:
    shutil.copy(artefact_path, tmp_path)
    other = shutil.copy(artefact_path.with_name("MSCSGRU.onnx"), tmp_path)
    with running(models_dir=tmp_path) as service, service.stream(model="MSCSGRU") as (socket, _):
        Path(other).unlink()
        answer = httpx.post(f"{service.url}/v1/models/reload")
        assert [model["name"] for model in answer.json()["models"]] == [artefact_path.stem]
        socket.send(binary_frames(0, even(0, 50), glove(50)))
        assert read(socket)["state"] == "warming"
        assert read(socket)["state"] == "ok"
        with service.stream(model="MSCSGRU") as (_, refused):
            assert refused["code"] == "unknown_model"


def test_a_page_from_elsewhere_reloads_nothing(service: Any) -> None:
    answer = httpx.post(f"{service.url}/v1/models/reload", headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
