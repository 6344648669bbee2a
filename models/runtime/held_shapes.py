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


PARTS: Final = 3
"""Parts of a window that are run apart, where a hand holds one shape throughout: the mean of their embeddings is nearly
that of all windows of a hold, of which a stream learns (docs/reports/words.md)."""


def parts_of(window: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return PARTS parts of a window float32[n, 8], of SHAPE_FRAMES each; fewer where it has hardly more frames."""
    ends = np.linspace(min(SHAPE_FRAMES, len(window)), len(window), PARTS).round().astype(int)
    return [window[max(0, end - SHAPE_FRAMES) : end] for end in dict.fromkeys(ends.tolist())]


def mean_embeddings(embeddings: NDArray[np.float32], counts: Sequence[int]) -> NDArray[np.float32]:
    """Return the means float32[k, m] of consecutive rows of float32[n, m], as many of them as `counts` says."""
    if not counts:
        return embeddings[:0]
    starts = np.cumsum([0, *counts[:-1]])
    sums: NDArray[np.float32] = np.add.reduceat(embeddings, starts, axis=0)
    return sums / np.array(counts, np.float32)[:, np.newaxis]


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
