"""How well a model knows shapes: those of its own glove better than any that no hand shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from models.adaptation.front_end import DROPPED, LEAN, lean
from models.adaptation.open_set import OpenSetReference
from models.runtime.artefact import Artefact, Outputs
from models.runtime.held_shapes import SHAPE_FRAMES, judge_of, run_shapes
from scaleglove.channels import FLEX
from tests.models.runtime.test_prototypes import SHIPPED


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return Artefact.load(SHIPPED)


def test_a_shape_is_a_window_in_which_nothing_moves(artefact: Artefact) -> None:
    shapes = own_shapes(artefact)[:3]
    of_windows = artefact.run_windows([np.repeat(shape[np.newaxis], SHAPE_FRAMES, axis=0) for shape in shapes])
    assert np.array_equal(run_shapes(artefact, shapes).embedding, of_windows.embedding)


def test_its_own_gloves_shapes_are_known_best(artefact: Artefact) -> None:
    judge = judge_of(artefact)
    assert judge is not None
    shapes = own_shapes(artefact)
    mirrored = shapes.copy()
    mirrored[:, LEAN] *= -1
    assert 0 <= judge(mirrored) < judge(shapes) <= 1


def test_a_model_that_rejects_nothing_knows_everything_alike() -> None:
    assert judge_of(WithoutReference()) is None


@dataclass
class WithoutReference:
    reference: OpenSetReference | None = None

    def run_windows(self, windows: object) -> Outputs:
        raise AssertionError("there is nothing to judge by")


def own_shapes(artefact: Artefact) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    readings = artefact.readings
    assert readings is not None
    shapes = np.zeros((len(readings.labels), 8), np.float32)
    shapes[:, FLEX] = np.where(np.isnan(readings.flex), DROPPED, readings.flex)
    shapes[:, LEAN] = lean(readings.directions)
    return shapes
