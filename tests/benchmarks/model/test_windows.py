"""The benchmark compares things that compute the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.model.numpy_windows import numpy_windows
from benchmarks.model.windows import (
    BATCHES,
    main,
    new_frames,
    random_walks,
)
from models.runtime.artefact import Artefact
from models.runtime.kernel.onnx_file import read_graph


@pytest.mark.parametrize("name", ["MSCSGRU_ScaleAware_Encoded", "MSCSGRU_ScaleAware", "MSCGRU_ScaleAware"])
def test_numpy_answers_as_the_artefact(name: str, artefact_path: Path) -> None:
    artefact = Artefact.load(artefact_path.with_name(f"{name}.onnx"))
    windows = random_walks(5, 43)
    probabilities, importance = numpy_windows(read_graph(artefact.path.read_bytes()).tensors, windows)
    expected = artefact.run_windows(windows)
    np.testing.assert_allclose(probabilities, expected.probabilities, rtol=0, atol=1e-5)
    np.testing.assert_allclose(importance, expected.scale_importance, rtol=0, atol=1e-4)


def test_every_way_is_timed(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(rounds=1, as_json=True)
    timings = json.loads(capsys.readouterr().out)
    assert len(timings) == 3 * len(BATCHES) + 4
    assert all(milliseconds > 0 for milliseconds in timings.values())
    assert f"kernel's branches, {new_frames(10)} frames" in timings
