"""An artefact whose training's glove gave another unit than counts, made of one whose glove gave counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.runtime.readings import READINGS_KEY


def write_in_unit(artefact: Path, unit: tuple[float, float], out: Path) -> Path:
    """Write the artefact to `out` with the gain and the offset that make counts of what its training's glove gave."""
    onnx = pytest.importorskip("onnx", reason="the train extra is not installed")
    # Not by models.export, which imports torch: the processes that test the service stay half as large without it.
    model = onnx.load(artefact)
    for entry in model.metadata_props:
        if entry.key == READINGS_KEY:
            entry.value = json.dumps(json.loads(entry.value) | {"unit": unit})
    onnx.save(model, out)
    return out
