"""Measurement of an artefact's prototypes on recordings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from models.data.dataset import Recording
from models.runtime.artefact import Artefact
from models.runtime.prototypes import PROTOTYPES_KEY, encode
from scaleglove.atomic_file import atomic_write

_BATCH = 64


def measure(artefact: Artefact, recordings: Sequence[Recording]) -> tuple[NDArray[np.float32], list[int]]:
    """Return the mean embedding float32[n, m] of each letter's recordings by collection and bend type, and its
    letter."""
    found: dict[tuple[int, str, str], list[NDArray[np.float32]]] = defaultdict(list)
    for begin in range(0, len(recordings), _BATCH):
        batch = recordings[begin : begin + _BATCH]
        embeddings = artefact.run_windows([recording.samples for recording in batch]).embedding
        for recording, embedding in zip(batch, embeddings, strict=True):
            found[recording.label, recording.collection, recording.bend].append(embedding)
    groups = sorted(found)
    return np.array([np.mean(found[group], axis=0) for group in groups], np.float32), [group[0] for group in groups]


def write_prototypes(path: Path, recordings: Sequence[Recording]) -> int:
    """Write the prototypes of the recordings that an artefact was trained on into it, in place of any it has; return
    their number.

    Raises:
        ArtefactError: the file is not an artefact.
        OSError: the file cannot be written.
    """
    embeddings, labels = measure(Artefact.load(path), recordings)
    model = onnx.load(path)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, metadata | {PROTOTYPES_KEY: encode(embeddings, labels)})
    with atomic_write(path) as draft:
        draft.write_bytes(model.SerializeToString(deterministic=True))
        Artefact.load(draft)
    return len(labels)
