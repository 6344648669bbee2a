"""Prototypes: mean embeddings of the training recordings by letter and way of holding it, in an artefact's metadata.

They are the reference for open-set rejection (`models.adaptation.open_set`) where nothing is known of the user.

`metadata_props["scaleglove.prototypes"]` is JSON: `labels`, the index of each prototype's letter among the artefact's
labels, and `embeddings`, float16 [prototypes, embedding] row by row, little endian, in base64.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.open_set import OpenSetReference

PROTOTYPES_KEY: Final = "scaleglove.prototypes"


def encode(embeddings: NDArray[np.float32], labels: Sequence[int]) -> str:
    """Encode prototypes float32[n, m] and the letter of each for the metadata."""
    packed = base64.b64encode(embeddings.astype("<f2").tobytes()).decode("ascii")
    return json.dumps({"labels": list(labels), "embeddings": packed})


def decode(text: str, width: int, classes: int) -> OpenSetReference:
    """Decode the metadata of an artefact of `classes` labels whose embeddings have length `width`.

    Raises:
        ValueError: the text cannot be decoded; the error says why.
    """
    try:
        stored = json.loads(text)
        labels = [int(label) for label in stored["labels"]]
        values = np.frombuffer(base64.b64decode(stored["embeddings"], validate=True), "<f2").astype(np.float32)
    except (TypeError, KeyError, binascii.Error, json.JSONDecodeError) as error:
        raise ValueError(f"not readable: {error}") from None
    if values.size != len(labels) * width:
        raise ValueError(f"{values.size} numbers for {len(labels)} prototypes of {width}")
    if not np.isfinite(values).all():
        raise ValueError("a number is not finite")
    if any(not 0 <= label < classes for label in labels):
        raise ValueError(f"a label is not 0 to {classes - 1}")
    return OpenSetReference.of(values.reshape(len(labels), width), labels, classes)
