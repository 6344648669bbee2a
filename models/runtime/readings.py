"""Training readings in an artefact's metadata: what the training's glove read for each letter and way of holding it.

They say what the model knows: `models.adaptation.sensor_fit` fits the front end of any other glove to them.

`metadata_props["scaleglove.readings"]` is JSON: `labels`, the index of each shape's letter among the artefact's labels,
and `shapes`, float16 [shapes, 8] row by row in raw units, little endian, in base64; a flex sensor without contact is 0.
`unit`, if there is one, is the gain and the offset that made counts of what the training's glove gave.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.training_readings import TrainingReadings
from scaleglove.channels import CHANNELS
from scaleglove.vocabulary import Vocabulary

READINGS_KEY: Final = "scaleglove.readings"


def encode(
    shapes: NDArray[np.float32], labels: Sequence[int], unit: tuple[float, float] = TrainingReadings.unit
) -> str:
    """Encode shapes float32[n, 8], the letter of each, and the unit of the glove for the metadata."""
    packed = base64.b64encode(shapes.astype("<f2").tobytes()).decode("ascii")
    other = {} if unit == TrainingReadings.unit else {"unit": unit}
    return json.dumps({"labels": list(labels), "shapes": packed} | other)


def decode(text: str, vocabulary: Vocabulary) -> TrainingReadings:
    """Decode the metadata of an artefact with this vocabulary.

    Raises:
        ValueError: the text cannot be decoded; the error says why.
    """
    try:
        stored = json.loads(text)
        labels = [int(label) for label in stored["labels"]]
        gain, offset = map(float, stored.get("unit", TrainingReadings.unit))
        values = np.frombuffer(base64.b64decode(stored["shapes"], validate=True), "<f2").astype(np.float32)
    except (TypeError, KeyError, ValueError, binascii.Error) as error:
        raise ValueError(f"not readable: {error}") from None
    if not labels or values.size != len(labels) * len(CHANNELS):
        raise ValueError(f"{values.size} numbers for {len(labels)} shapes of {len(CHANNELS)}")
    if not np.isfinite([gain, offset]).all() or gain <= 0:
        raise ValueError("the unit is not a gain above 0 and an offset")
    if not np.isfinite(values).all():
        raise ValueError("a number is not finite")
    classes = len(vocabulary.labels)
    if any(not 0 <= label < classes for label in labels):
        raise ValueError(f"a label is not 0 to {classes - 1}")
    readings = TrainingReadings.of(values.reshape(len(labels), len(CHANNELS)), labels, vocabulary.poses)
    if not (readings.high > readings.low).all():
        raise ValueError("a finger has no range")
    return replace(readings, unit=(gain, offset))
