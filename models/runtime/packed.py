"""Numbers in an artefact's metadata: a JSON object with arrays of float16, row by row, little endian, in base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_ROWS: Final = 4096
"""Prototypes or shapes of an artefact; the shipped ones have at most 800. Every window is compared with each prototype,
and they with each other."""


def pack(values: NDArray[np.float32]) -> str:
    """Encode an array of any shape."""
    return base64.b64encode(values.astype("<f2").tobytes()).decode("ascii")


def read_object(text: str) -> Mapping[str, Any]:
    """Read the JSON object.

    Raises:
        ValueError: the text is none.
    """
    try:
        stored = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not readable: {error}") from None
    if not isinstance(stored, dict):
        raise ValueError("not readable: it is not an object")
    return stored


def unpack(stored: Mapping[str, Any], name: str) -> NDArray[np.float32]:
    """Decode the array of this name, float32[n].

    Raises:
        ValueError: there is none, it cannot be decoded, or a number is not finite.
    """
    try:
        values = np.frombuffer(base64.b64decode(stored[name], validate=True), "<f2").astype(np.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not readable: {name}: {error}") from None
    if not np.isfinite(values).all():
        raise ValueError(f"a number of {name} is not finite")
    return values


def read_labels(stored: Mapping[str, Any], classes: int) -> list[int]:
    """Return `labels`, which are indices into `classes` labels, at most MAX_ROWS of them.

    Raises:
        ValueError: they are not.
    """
    labels = stored.get("labels")
    if not isinstance(labels, list) or any(type(label) is not int for label in labels):
        raise ValueError("not readable: labels: not a list of whole numbers")
    if len(labels) > MAX_ROWS:
        raise ValueError(f"{len(labels)} labels; an artefact has at most {MAX_ROWS}")
    if any(not 0 <= label < classes for label in labels):
        raise ValueError(f"a label is not 0 to {classes - 1}")
    return labels
