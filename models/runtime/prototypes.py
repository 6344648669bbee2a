"""Prototypes: mean embeddings of the training recordings by letter and way of holding it, in an artefact's metadata.

They are the reference for open-set rejection (`models.adaptation.open_set`) where nothing is known of the user.

`metadata_props["scaleglove.prototypes"]` is JSON: `labels`, the index of each prototype's letter among the artefact's
labels, `embeddings`, float16 [prototypes, embedding] row by row, little endian, in base64, and, where the training was
of few people, `people`: of each prototype the person and the way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.model_reference import Way
from models.adaptation.open_set import OpenSetReference
from models.runtime.packed import pack, read_labels, read_object, unpack

PROTOTYPES_KEY: Final = "scaleglove.prototypes"

MAX_PERSON: Final = 255
"""Characters of a person's name, and of a way: a folder's name has no more."""


def encode(embeddings: NDArray[np.float32], labels: Sequence[int], ways: Sequence[Way] = ()) -> str:
    """Encode prototypes float32[n, m], the letter of each and, where it is known, whose it is, for the metadata."""
    people = {"people": [[each.person, each.way] for each in ways]} if ways else {}
    return json.dumps({"labels": list(labels), "embeddings": pack(embeddings)} | people)


def decode(text: str, width: int, classes: int) -> tuple[OpenSetReference, tuple[Way, ...]]:
    """Decode the metadata of an artefact of `classes` labels whose embeddings have length `width`: the prototypes, and
    whose each is, nothing where that is not known.

    Raises:
        ValueError: the text cannot be decoded; the error says why.
    """
    stored = read_object(text)
    labels, values = read_labels(stored, classes), unpack(stored, "embeddings")
    if values.size != len(labels) * width:
        raise ValueError(f"{values.size} numbers for {len(labels)} prototypes of {width}")
    ways = _read_ways(stored, len(labels))
    return OpenSetReference.of(values.reshape(len(labels), width), labels, classes), ways


def _read_ways(stored: Mapping[str, Any], prototypes: int) -> tuple[Way, ...]:
    if "people" not in stored:
        return ()
    pairs = stored["people"]
    if not isinstance(pairs, list) or len(pairs) != prototypes or not all(map(_is_way, pairs)):
        raise ValueError(
            f"people: not a person and a way for each of the {prototypes} prototypes, both in at most {MAX_PERSON} "
            "printable characters"
        )
    return tuple(Way(*pair) for pair in pairs)


def _is_way(pair: object) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(name, str) for name in pair):
        return False
    return bool(pair[0]) and all(len(name) <= MAX_PERSON and name.isprintable() for name in pair)
