"""Additive classifier of the training's people (`models.adaptation.additive`) in an artefact's metadata.

`metadata_props["scaleglove.additive"]` is JSON: `weights`, float16 [embedding, labels] row by row, and `bias`, float16
[labels], little endian, in base64. It goes with the prototypes: together they are what a model knows of a hand that it
has no examples of.
"""

from __future__ import annotations

import json
from typing import Final

from models.adaptation.additive import AdditiveModel
from models.runtime.packed import pack, read_object, unpack

ADDITIVE_KEY: Final = "scaleglove.additive"


def encode(additive: AdditiveModel) -> str:
    """Encode a classifier for the metadata."""
    return json.dumps({"weights": pack(additive.weights), "bias": pack(additive.bias)})


def decode(text: str, width: int, classes: int) -> AdditiveModel:
    """Decode the metadata of an artefact of `classes` labels whose embeddings have length `width`.

    Raises:
        ValueError: the text cannot be decoded; the error says why.
    """
    stored = read_object(text)
    weights, bias = unpack(stored, "weights"), unpack(stored, "bias")
    if weights.size != width * classes:
        raise ValueError(f"{weights.size} weights for {width} numbers of an embedding and {classes} labels")
    if bias.size != classes:
        raise ValueError(f"{bias.size} numbers of the bias for {classes} labels")
    return AdditiveModel(weights.reshape(width, classes), bias)
