"""What runs here is measured; what does not is listed with its reason, and an error where it was asked for."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.model import accelerators
from benchmarks.model.accelerators import (
    UNROLLED,
    Measured,
    NotUsableError,
    check,
    main,
    mixed_windows,
    table_of,
)
from models.runtime.artefact import WindowModel
from models.runtime.gpu import GpuCode, GpuError
from models.runtime.parity import TOLERANCES
from tests.commands import Run

BATCHES = (1, 3, 7)
TIMES = dict.fromkeys(BATCHES, 0.5)
AGREES = dict.fromkeys(TOLERANCES, 1e-7)
MISSING = Measured("a network", "cuda", reason="no_gpu: it needs one[cuda]")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "BATCHES", BATCHES)


def test_windows_are_of_mixed_lengths() -> None:
    lengths = [len(window) for window in mixed_windows(200, 80)]
    assert lengths[0] == max(lengths) == 80
    assert min(lengths) < 8


def test_what_runs_is_measured_in_every_batch(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(model="MSCGRU_ScaleAware", unrolled=True, seconds=0, as_json=True)
    found = {one["way"]: one for one in json.loads(capsys.readouterr().out)}
    assert list(found) == ["kernel", "onnx", UNROLLED, "cuda", "tensorrt"]
    for way in ("kernel", "onnx", UNROLLED):
        assert {int(batch) for batch in found[way]["milliseconds"]} == set(BATCHES)
        assert all(found[way]["differences"][name] <= allowed for name, allowed in TOLERANCES.items())
    for way in ("cuda", "tensorrt"):
        assert found[way]["milliseconds"] is None
        assert found[way]["reason"].startswith("no_provider: ")


def test_a_gpu_that_is_there_is_measured_beside_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    def stand_in(artefact: WindowModel, way: str) -> WindowModel:
        if way == "kernel":
            raise GpuError(GpuCode.FAILED, "of no interest here")
        return artefact

    monkeypatch.setattr(accelerators, "accelerate", stand_in)
    found = accelerators.measure("MSCGRU_ScaleAware", accelerators.ways_of("cuda"), 0)
    assert [(one.way, one.reason is None) for one in found] == [("onnx", True), ("cuda", True), ("kernel", False)]
    check(found, "cuda")


def test_a_gpu_that_was_asked_for_and_does_not_run_is_an_error() -> None:
    check([MISSING], None)
    check([MISSING], "tensorrt")
    with pytest.raises(NotUsableError, match="cuda does not run here: no_gpu"):
        check([MISSING], "cuda")


@pytest.mark.parametrize("name", TOLERANCES)
@pytest.mark.parametrize("difference", [2e-4, float("nan")])
def test_answers_that_differ_are_an_error(name: str, difference: float) -> None:
    check([Measured("a network", "cuda", 1.0, TIMES, AGREES)], None)
    with pytest.raises(NotUsableError, match="cuda differs from the processor"):
        check([Measured("a network", "cuda", 1.0, TIMES, AGREES | {name: difference})], None)


def test_the_table_has_the_reason_as_it_is() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table_of([Measured("a network", "kernel", 1.0, TIMES, AGREES), MISSING]))
    assert "cuda does not run here: no_gpu: it needs one[cuda]" in console.export_text()


def test_the_command_ends_with_what_is_missing(run: Run) -> None:
    done = run("bench", "model", "--accelerator", "cuda", "--seconds", 0)
    assert done.returncode == 1
    assert re.search(r"cuda does not run here: no_provider: .*pip install onnxruntime-gpu\[cuda,cudnn\]", done.stderr)
