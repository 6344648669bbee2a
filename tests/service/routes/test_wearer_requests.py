"""Shapes that were held, as examples for models of other rates."""

from __future__ import annotations

import numpy as np
import pytest

from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from service.problems import ProblemError
from service.routes.wearer_requests import held_example
from service.streams.shape_memory import HeldShape


@pytest.fixture(scope="module")
def contract(artefact_path: object) -> ModelContract:
    return Artefact.load(artefact_path).contract  # type: ignore[arg-type]


@pytest.mark.parametrize(("frames", "is_enough"), [(19, True), (18, False)])
def test_a_shape_is_as_long_as_the_model_needs_at_its_own_rate(
    contract: ModelContract, frames: int, is_enough: bool
) -> None:
    """19 frames at twice the model's rate, from first to last, are 10 for it."""
    assert contract.min_frames == 10
    shape = HeldShape(3, 0.0, "ㄱ", np.full((frames, 8), 500, np.float32))
    if is_enough:
        example = held_example("ㄴ", shape, 2 * contract.sample_rate_hz, contract)
        assert (example.label, len(example.window), example.sample_rate_hz) == ("ㄴ", frames, 100.0)
        return
    with pytest.raises(ProblemError) as refused:
        held_example("ㄴ", shape, 2 * contract.sample_rate_hz, contract)
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, "invalid_request", "shape")
