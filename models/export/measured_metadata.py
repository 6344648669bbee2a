"""Metadata of an artefact that is measured on what it was trained on: prototypes, additive classifier, readings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from pydantic import ValidationError

from models.adaptation.few_shot import Embeddings
from models.data.dataset import Recording, common_ranges
from models.export.measure_prototypes import measure_shapes, prototypes_of
from models.export.onnx_export import export_network
from models.runtime.additive import ADDITIVE_KEY
from models.runtime.additive import encode as encode_additive
from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.contract import METADATA_KEY, READINGS_SINCE
from models.runtime.prototypes import PROTOTYPES_KEY
from models.runtime.prototypes import encode as encode_prototypes
from models.runtime.readings import READINGS_KEY
from models.runtime.readings import encode as encode_readings
from models.training.additive import fit_additive
from models.training.checkpoint import Checkpoint
from models.training.recipe import Recipe
from scaleglove.atomic_file import atomic_write

_BATCH: Final = 64


def measure_metadata(artefact: Artefact, recordings: Sequence[Recording]) -> dict[str, str]:
    """Return the metadata of an artefact that is measured on the recordings that it was trained on: its prototypes, its
    additive classifier, and what its training's glove read. What was trained on the ranges of many people knows them in
    the common one.

    Raises:
        ArtefactError: the artefact does not say by which recipe it was trained.
    """
    recipe = _recipe_of(artefact)
    known = common_ranges(recordings)[0] if recipe.augmentation.other_range else recordings

    def embed(windows: Sequence[NDArray[np.float32]]) -> Embeddings:
        starts = range(0, len(windows), _BATCH)
        return np.concatenate([artefact.run_windows(windows[start : start + _BATCH]).embedding for start in starts])

    prototypes = prototypes_of(list(embed([recording.samples for recording in known])), known)
    unit = recordings[0].unit
    return {
        PROTOTYPES_KEY: encode_prototypes(*prototypes),
        ADDITIVE_KEY: encode_additive(fit_additive(embed, recordings, recipe)),
        READINGS_KEY: encode_readings(*measure_shapes(known), (unit.gain, unit.offset)),
    }


def _recipe_of(artefact: Artefact) -> Recipe:
    try:
        return Recipe.of(artefact.contract.provenance.recipe)
    except (KeyError, TypeError, ValidationError):
        raise ArtefactError(f"{artefact.path}: provenance.recipe is not the recipe of a training") from None


def write_metadata(path: Path, measured: Mapping[str, str]) -> Artefact:
    """Write what `measure_metadata` returned into an artefact, in place of any it has; return the artefact.

    Raises:
        ArtefactError: the file is not an artefact, or would be none with this; it is unchanged.
        OSError: the file cannot be written.
    """
    contract = Artefact.load(path).contract
    version = max(READINGS_SINCE, contract.schema_version)
    contract = contract.model_copy(update={"schema_version": version})
    model = onnx.load(path)
    metadata = {entry.key: entry.value for entry in model.metadata_props} | {METADATA_KEY: contract.model_dump_json()}
    helper.set_model_props(model, metadata | dict(measured))
    with atomic_write(path) as draft:
        draft.write_bytes(model.SerializeToString(deterministic=True))
        return Artefact.load(draft)


def write_prototypes(path: Path, recordings: Sequence[Recording]) -> int:
    """Write what `measure_metadata` finds into an artefact; return the number of prototypes.

    Raises:
        ArtefactError: the file is not an artefact, or does not say by which recipe it was trained.
        OSError: the file cannot be written.
    """
    measured = measure_metadata(Artefact.load(path), recordings)
    write_metadata(path, measured)
    return len(json.loads(measured[PROTOTYPES_KEY])["labels"])


def with_measured(checkpoint: Checkpoint, recordings: Sequence[Recording]) -> Checkpoint:
    """Return a checkpoint with what its artefact will say of the recordings that it was trained on."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "measured.onnx"
        export_network(checkpoint.network, checkpoint.normaliser, checkpoint.contract("0", {}), path)
        return replace(checkpoint, measured=measure_metadata(Artefact.load(path), recordings))
