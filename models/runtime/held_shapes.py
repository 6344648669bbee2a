"""Shapes that a hand holds, one frame each, through a model; and how well a model knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.adaptation.decision import log_scores
from models.adaptation.few_shot import softmax
from models.adaptation.model_reference import ModelReference
from models.adaptation.sensor_fit import Judge
from models.runtime.artefact import Outputs

SHAPE_FRAMES: Final = 10
"""Frames of a held shape: as many as the shortest window that is answered."""


class ShapeModel(Protocol):
    """What is needed of a model, such as `models.runtime.artefact.Artefact`."""

    @property
    def reference(self) -> ModelReference | None: ...

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs: ...


def run_shapes(model: ShapeModel, shapes: NDArray[np.float32]) -> Outputs:
    """Return the outputs for shapes float32[n, 8] in raw units, each held for SHAPE_FRAMES."""
    return model.run_windows([np.tile(shape, (SHAPE_FRAMES, 1)) for shape in shapes])


def judge_of(model: ShapeModel) -> Judge | None:
    """Return how well a model knows shapes: the mean probability with which its prototypes, as strict as a user's
    examples, do not reject them; None for a model that rejects nothing."""
    if model.reference is None:
        return None
    prototypes = model.reference.prototypes

    def judge(shapes: NDArray[np.float32]) -> float:
        outputs = run_shapes(model, shapes)
        scores = log_scores(prototypes, outputs.probabilities, outputs.embedding)
        return 1.0 - float(softmax(scores)[:, -1].mean())  # the last is rejection

    return judge
