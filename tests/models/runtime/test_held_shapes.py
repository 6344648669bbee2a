"""How well a model knows shapes: those of its own glove better than any that no hand shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from models.adaptation.front_end import DROPPED, LEAN, lean
from models.adaptation.open_set import OpenSetReference
from models.runtime.artefact import Artefact, Outputs
from models.runtime.held_shapes import PARTS, SHAPE_FRAMES, judge_of, mean_embeddings, parts_of, run_shapes
from scaleglove.channels import FLEX
from tests.models.runtime.test_prototypes import SHIPPED


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return Artefact.load(SHIPPED)


def test_a_shape_is_a_window_in_which_nothing_moves(artefact: Artefact) -> None:
    shapes = own_shapes(artefact)[:3]
    of_windows = artefact.run_windows([np.repeat(shape[np.newaxis], SHAPE_FRAMES, axis=0) for shape in shapes])
    assert np.array_equal(run_shapes(artefact, shapes).embedding, of_windows.embedding)


@pytest.mark.parametrize("count", [1, 4, SHAPE_FRAMES, SHAPE_FRAMES + 1, 20, 80])
def test_parts_are_as_long_as_a_shape_and_cover_a_window_from_its_begin_to_its_end(count: int) -> None:
    window = np.arange(8 * count, dtype=np.float32).reshape(count, 8)
    parts = parts_of(window)
    assert 1 <= len(parts) <= PARTS
    assert {len(part) for part in parts} == {min(count, SHAPE_FRAMES)}
    assert np.array_equal(parts[0][0], window[0])
    assert np.array_equal(parts[-1][-1], window[-1])


def test_means_are_of_as_many_rows_as_is_said() -> None:
    embeddings = np.array([[1, 0], [3, 4], [5, 5]], np.float32)
    assert mean_embeddings(embeddings, [2, 1]).tolist() == [[2, 2], [5, 5]]
    assert mean_embeddings(embeddings[:0], []).shape == (0, 2)


def test_parts_of_a_held_shape_are_as_the_windows_of_its_hold_and_its_median_is_not(artefact: Artefact) -> None:
    """What is kept of a hold must look as the hold did: a shape without noise does not."""
    rng = np.random.default_rng(0)
    shapes = own_shapes(artefact)[:24]
    holds = [shape + rng.normal(0, [6] * 5 + [0.3] * 3, (60, 8)).astype(np.float32) for shape in shapes]
    windows = [hold[end - SHAPE_FRAMES : end] for hold in holds for end in range(SHAPE_FRAMES, 61, 5)]
    of_holds = mean_embeddings(artefact.run_windows(windows).embedding, [len(windows) // 24] * 24)
    parts = [parts_of(hold[-20:]) for hold in holds]
    of_parts = mean_embeddings(artefact.run_windows([part for each in parts for part in each]).embedding, [PARTS] * 24)
    of_medians = run_shapes(artefact, np.stack([np.median(hold[-20:], axis=0) for hold in holds])).embedding

    def apart(embeddings: np.ndarray) -> float:
        return float(np.square(embeddings - of_holds).sum(axis=1).mean())

    assert apart(of_parts) < apart(of_medians) / 2


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
