"""Training readings in an artefact's metadata: what the training's glove read for each letter and way of holding it.

They say what the model knows: `models.adaptation.sensor_fit` fits the front end of any other glove to them.

`metadata_props["scaleglove.readings"]` is JSON: `labels`, the index of each shape's letter among the artefact's labels,
and `shapes`, float16 [shapes, 8] row by row in raw units, little endian, in base64; a flex sensor without contact is 0.
`unit`, if there is one, is the gain and the offset that made counts of what the training's glove gave.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.training_readings import TrainingReadings
from models.runtime.packed import pack, read_labels, read_object, unpack
from scaleglove.channels import CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.vocabulary import Vocabulary

READINGS_KEY: Final = "scaleglove.readings"


def encode(
    shapes: NDArray[np.float32], labels: Sequence[int], unit: tuple[float, float] = TrainingReadings.unit
) -> str:
    """Encode shapes float32[n, 8], the letter of each, and the unit of the glove for the metadata."""
    other = {} if unit == TrainingReadings.unit else {"unit": unit}
    return json.dumps({"labels": list(labels), "shapes": pack(shapes)} | other)


def decode(text: str, vocabulary: Vocabulary) -> TrainingReadings:
    """Decode the metadata of an artefact with this vocabulary.

    Raises:
        ValueError: the text cannot be decoded; the error says why.
    """
    stored = read_object(text)
    labels, values = read_labels(stored, len(vocabulary.labels)), unpack(stored, "shapes")
    if not labels or values.size != len(labels) * len(CHANNELS):
        raise ValueError(f"{values.size} numbers for {len(labels)} shapes of {len(CHANNELS)}")
    gain, offset = _read_unit(stored)
    flex = values.reshape(len(labels), len(CHANNELS))[:, FLEX]
    if (flex < DROPPED_FLEX_BELOW).all(axis=0).any():
        raise ValueError("a finger has no range")
    readings = TrainingReadings.of(values.reshape(len(labels), len(CHANNELS)), labels, vocabulary.poses)
    if not (readings.high > readings.low).all():
        raise ValueError("a finger has no range")
    return replace(readings, unit=(gain, offset))


def _read_unit(stored: Mapping[str, Any]) -> tuple[float, float]:
    try:
        gain, offset = map(float, stored.get("unit", TrainingReadings.unit))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"not readable: unit: {error}") from None
    if not np.isfinite([gain, offset]).all() or gain <= 0:
        raise ValueError("the unit is not a gain above 0 and an offset")
    return gain, offset
