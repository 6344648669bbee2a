"""An artefact whose training's glove gave another unit than counts, made of one whose glove gave counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.runtime.readings import READINGS_KEY


def write_in_unit(artefact: Path, unit: tuple[float, float], out: Path) -> Path:
    """Write the artefact to `out` with the gain and the offset that make counts of what its training's glove gave."""
    pytest.importorskip("torch", reason="the train extra is not installed")
    import onnx

    from models.export.measured_metadata import write_metadata

    out.write_bytes(artefact.read_bytes())
    stored = {entry.key: entry.value for entry in onnx.load(out).metadata_props}
    write_metadata(out, {READINGS_KEY: json.dumps(json.loads(stored[READINGS_KEY]) | {"unit": unit})})
    return out
