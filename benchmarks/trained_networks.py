"""Networks that are trained for a measurement, without what they are judged on, and kept in a folder, apart for each
device that trained them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from models.data.dataset import HoldOut, Recording
from models.export.measured_metadata import write_prototypes
from models.export.onnx_export import export_network
from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact
from models.training.checkpoint import Checkpoint
from models.training.device import PROCESSOR, device_name
from models.training.recipe import Recipe
from models.training.training import fingerprint, fit
from service.inference.engine import Model


def trained(left_out: HoldOut, recordings: Sequence[Recording], recipe: Recipe, folder: Path) -> Path:
    """Return the artefact of a network trained without `left_out`; it is trained where the folder does not have it."""
    kept = left_out.kept(recordings)
    device = device_name()
    key = json.dumps(recipe.as_dict(), sort_keys=True) + fingerprint(kept) + ("" if device == PROCESSOR else device)
    path = folder / f"{recipe.model}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.onnx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        network, normaliser = fit(kept, recipe)
        contract = Checkpoint.of((network, normaliser), recipe, kept, left_out).contract("0", report={})
        draft = path.with_suffix(".draft")
        export_network(network, normaliser, contract, draft)
        write_prototypes(draft, kept)
        draft.rename(path)
    return path


def load(path: Path) -> Model:
    """Load an artefact with the fastest engine of this machine."""
    return accelerate(Artefact.load(path), "auto")
