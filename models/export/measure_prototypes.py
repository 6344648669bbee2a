"""Prototypes measured on recordings and written into an artefact."""

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
    """The mean embedding float32[n, m] of each letter's recordings by collection and bend type, and their letters."""
    found: dict[tuple[int, str, str], list[NDArray[np.float32]]] = defaultdict(list)
    for begin in range(0, len(recordings), _BATCH):
        batch = recordings[begin : begin + _BATCH]
        embeddings = artefact.run_windows([recording.samples for recording in batch]).embedding
        for recording, embedding in zip(batch, embeddings, strict=True):
            found[recording.label, recording.collection, recording.bend].append(embedding)
    places = sorted(found)
    return np.array([np.mean(found[place], axis=0) for place in places], np.float32), [place[0] for place in places]


def write_prototypes(path: Path, recordings: Sequence[Recording]) -> int:
    """Put the prototypes of the recordings that an artefact was trained on into it; those of before are replaced. Gives
    how many there are.

    Raises:
        ArtefactError: it is no artefact.
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
