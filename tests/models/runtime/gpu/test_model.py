"""A model on a GPU runs windows as its artefact does; a session on the processor stands in for the GPU."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.runtime.artefact import Artefact, ArtefactError, Outputs
from models.runtime.gpu import GpuCode, GpuError
from models.runtime.gpu import model as gpu_model
from models.runtime.gpu.model import GpuModel
from models.runtime.gpu.session import GpuSession
from models.runtime.parity import TOLERANCES, tried_windows

Open = Callable[..., GpuSession]


@pytest.fixture(scope="module")
def artefact(artefact_path: Path) -> Artefact:
    return Artefact.load(artefact_path)


@pytest.fixture
def model(artefact: Artefact, on_processor: Open) -> GpuModel:
    return GpuModel.load(artefact, "cuda", on_processor)


def test_it_is_its_artefact_elsewhere(model: GpuModel, artefact: Artefact) -> None:
    assert model.contract is artefact.contract
    assert model.digest == artefact.digest
    assert model.reference is artefact.reference
    assert model.readings is artefact.readings


@pytest.mark.parametrize("most", [1, 5, 7, 1024])
def test_a_batch_larger_than_a_run_is_answered_in_order(
    most: int, model: GpuModel, artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_model, "MAX_BATCH", most)
    windows = tried_windows(80)
    mine, reference = model.run_windows(windows), artefact.run_windows(windows)
    for name, tolerance in TOLERANCES.items():
        np.testing.assert_allclose(getattr(mine, name), getattr(reference, name), rtol=0, atol=tolerance)


def test_a_long_window_is_answered_for_its_newest_frames(model: GpuModel) -> None:
    long = np.random.default_rng(0).uniform(0, 900, (200, 8)).astype(np.float32)
    one, other = model.run_windows([long]), model.run_windows([long[-80:]])
    np.testing.assert_array_equal(one.probabilities, other.probabilities)


@pytest.mark.parametrize("windows", [[], [np.zeros((0, 8))], [np.zeros((5, 7))], [np.zeros(8)]])
def test_what_is_no_window_is_refused(windows: list[Any], model: GpuModel) -> None:
    with pytest.raises(ValueError, match="window"):
        model.run_windows(windows)


def refused(artefact: Artefact, open_session: Any) -> GpuError:
    with pytest.raises(GpuError) as error:
        GpuModel.load(artefact, "cuda", open_session)
    return error.value


def test_answers_that_differ_are_refused(
    artefact: Artefact, on_processor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_run = GpuModel.run_windows

    def shifted(self: GpuModel, windows: Any) -> Outputs:
        outputs = true_run(self, windows)
        outputs.embedding[-1, -1] += 1e-3
        return outputs

    monkeypatch.setattr(GpuModel, "run_windows", shifted)
    error = refused(artefact, on_processor)
    assert error.code is GpuCode.DISAGREES
    assert "cuda and the processor differ by 0.001 in embedding" in str(error)


def test_a_session_that_fails_when_it_runs_is_refused(artefact: Artefact) -> None:
    class Failing:
        def run(self, *_: object) -> None:
            raise RuntimeError("CUDA out of memory")

    error = refused(artefact, lambda *_: GpuSession(Failing(), {}))
    assert error.code is GpuCode.FAILED
    assert "CUDA out of memory" in str(error)


def test_a_graph_of_another_kind_is_refused(
    artefact: Artefact, on_processor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Artefact, "read_again", lambda self: b"")
    error = refused(artefact, on_processor)
    assert error.code is GpuCode.UNKNOWN_GRAPH
    assert str(artefact.path) in str(error)


def test_a_file_that_changed_meanwhile_is_refused(tmp_path: Path, artefact_path: Path, on_processor: Open) -> None:
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(artefact_path.read_bytes())
    artefact = Artefact.load(copy)
    copy.write_bytes(copy.read_bytes() + b"\n")
    with pytest.raises(ArtefactError, match="changed while it was loaded"):
        GpuModel.load(artefact, "cuda", on_processor)
