"""Reference of a model's letters for a glove that lacks sensors: where they lie when those say nothing."""

from __future__ import annotations

import numpy as np

from models.adaptation.model_reference import ModelReference
from models.adaptation.open_set import OpenSetReference
from models.adaptation.training_readings import TrainingReadings, plain_front_end
from models.runtime.held_shapes import run_shapes
from service.inference.engine import Model


def reference_without(model: Model, readings: TrainingReadings, missing: tuple[bool, ...]) -> ModelReference | None:
    """Return the reference of the model's training shapes as a glove without the `missing` channels would give them.

    The distances between what is seen and what the model knows are then of the other sensors alone.
    """
    if model.reference is None or not any(missing):
        return model.reference
    shapes = readings.shapes
    shapes[:, np.array(missing)] = np.nan
    seen = plain_front_end(readings).apply(shapes)
    outputs = run_shapes(model, seen)
    own = model.reference
    seen_without = OpenSetReference.of(outputs.embedding, readings.labels.tolist(), own.classes, own.class_spacing)
    return own.lacking(seen_without)
