"""Prototypes: mean embeddings of the training recordings by letter and way of holding it, in an artefact's metadata.

They are the reference for open-set rejection (`models.adaptation.open_set`) where nothing is known of the user.

`metadata_props["scaleglove.prototypes"]` is JSON: `labels`, the index of each prototype's letter among the artefact's
labels, and `embeddings`, float16 [prototypes, embedding] row by row, little endian, in base64.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.open_set import OpenSetReference
from models.runtime.packed import pack, read_labels, read_object, unpack

PROTOTYPES_KEY: Final = "scaleglove.prototypes"


def encode(embeddings: NDArray[np.float32], labels: Sequence[int]) -> str:
    """Encode prototypes float32[n, m] and the letter of each for the metadata."""
    return json.dumps({"labels": list(labels), "embeddings": pack(embeddings)})


def decode(text: str, width: int, classes: int) -> OpenSetReference:
    """Decode the metadata of an artefact of `classes` labels whose embeddings have length `width`.

    Raises:
        ValueError: the text cannot be decoded; the error says why.
    """
    stored = read_object(text)
    labels, values = read_labels(stored, classes), unpack(stored, "embeddings")
    if values.size != len(labels) * width:
        raise ValueError(f"{values.size} numbers for {len(labels)} prototypes of {width}")
    return OpenSetReference.of(values.reshape(len(labels), width), labels, classes)
