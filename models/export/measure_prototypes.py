"""Measurement of an artefact's prototypes and training readings on recordings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from sklearn.cluster import KMeans

from models.adaptation.front_end import DROPPED, FINGERS, LEAN, gravity, lean
from models.data.dataset import Recording, are_many_people, common_ranges
from models.export.onnx_export import export_network
from models.runtime.artefact import Artefact
from models.runtime.contract import METADATA_KEY, READINGS_SINCE
from models.runtime.prototypes import PROTOTYPES_KEY, encode
from models.runtime.readings import READINGS_KEY
from models.runtime.readings import encode as encode_readings
from models.training.checkpoint import Checkpoint
from scaleglove.atomic_file import atomic_write
from scaleglove.channels import CHANNELS, DROPPED_FLEX_BELOW

_BATCH = 64

CENTRES: Final = 6
"""Prototypes of one letter where there are many people: a file with those of each person would be twice as large."""


def measure(artefact: Artefact, recordings: Sequence[Recording]) -> tuple[NDArray[np.float32], list[int]]:
    """Return the prototypes of an artefact by these recordings, see `prototypes_of`."""
    embeddings = [
        embedding
        for begin in range(0, len(recordings), _BATCH)
        for embedding in artefact.run_windows([one.samples for one in recordings[begin : begin + _BATCH]]).embedding
    ]
    return prototypes_of(embeddings, recordings)


def prototypes_of(
    embeddings: Sequence[NDArray[np.float32]], recordings: Sequence[Recording]
) -> tuple[NDArray[np.float32], list[int]]:
    """Return the mean embedding float32[n, m] of each letter's recordings by collection and bend type, and its
    letter; of many people the centres of them (k-means).

    Args:
        embeddings: float32[m] of each recording.
        recordings: that a network was trained on, as it knows them.
    """
    groups = _groups(recordings)
    ways: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for (label, _, _), members in groups.items():
        ways[label].append(np.mean([embeddings[index] for index in members], axis=0))
    many = are_many_people(recordings)
    found = [(mean, label) for label, means in ways.items() for mean in (_centres(means) if many else means)]
    return np.array([centre for centre, _ in found], np.float32), [label for _, label in found]


def _centres(means: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
    distinct = np.unique(np.stack(means), axis=0)
    if len(distinct) <= CENTRES:
        return list(distinct)
    return list(KMeans(CENTRES, n_init=4, random_state=0).fit(distinct).cluster_centers_)


def measure_shapes(recordings: Sequence[Recording]) -> tuple[NDArray[np.float32], list[int]]:
    """Return the shape float32[n, 8] of each letter's recordings by collection and bend type, and its letter.

    A shape is the median of the recordings' median readings, with a flex sensor's readings without contact left out (0
    where there are no others), and the mean direction of gravity. Yaw has no fixed zero; it is 0.
    """
    medians = np.stack([np.median(recording.samples, axis=0) for recording in recordings]).astype(np.float64)
    groups = _groups(recordings)
    shapes = [_shape_of(medians[members]) for members in groups.values()]
    return np.array(shapes, np.float32), [group[0] for group in groups]


def measure_metadata(artefact: Artefact, recordings: Sequence[Recording]) -> dict[str, str]:
    """Return the metadata of an artefact that is measured on the recordings that it was trained on: its prototypes and
    what its training's glove read. What was trained on the ranges of many people knows them in the common one."""
    unit = recordings[0].unit
    if artefact.contract.provenance.recipe.get("augmentation", {}).get("other_range"):
        recordings, _ = common_ranges(recordings)
    return {
        PROTOTYPES_KEY: encode(*measure(artefact, recordings)),
        READINGS_KEY: encode_readings(*measure_shapes(recordings), (unit.gain, unit.offset)),
    }


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
    """Write prototypes and training readings, measured on the recordings that an artefact was trained on, into it in
    place of any it has; return the number of prototypes.

    Raises:
        ArtefactError: the file is not an artefact.
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


def _groups(recordings: Sequence[Recording]) -> dict[tuple[int, str, str], list[int]]:
    """Return the indices of the recordings of each letter, collection and bend type, in a stable order."""
    found: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for index, recording in enumerate(recordings):
        found[recording.label, recording.collection, recording.bend].append(index)
    return {group: found[group] for group in sorted(found)}


def _shape_of(medians: NDArray[np.float64]) -> NDArray[np.float64]:
    shape = np.zeros(len(CHANNELS))
    for finger in range(FINGERS):
        touching = medians[medians[:, finger] >= DROPPED_FLEX_BELOW, finger]
        shape[finger] = np.median(touching) if len(touching) else DROPPED
    shape[LEAN] = lean(gravity(medians[:, LEAN]).mean(axis=0))
    return shape
