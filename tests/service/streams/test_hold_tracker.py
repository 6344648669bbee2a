from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.open_set import REJECT
from service.streams.hold_tracker import HoldTracker

SHARES = np.full(REJECT + 1, 1 / (REJECT + 1))


def test_a_shape_is_told_when_the_hand_has_left_it_without_its_first_window() -> None:
    shapes = HoldTracker()
    for value in (9.0, 1.0, 2.0, 3.0):
        assert shapes.push(np.full(4, value, np.float32), SHARES, 100.0) is None
    held = shapes.push(np.zeros(4, np.float32), SHARES, 0.0)
    assert held is not None
    assert held.embedding == pytest.approx(np.full(4, 2.0))
    assert np.exp(held.log_scores) == pytest.approx(SHARES, abs=1e-5)
    assert shapes.push(np.zeros(4, np.float32), SHARES, 0.0) is None


def test_a_glance_is_no_shape() -> None:
    shapes = HoldTracker()
    for _ in range(2):
        shapes.push(np.ones(4, np.float32), SHARES, 100.0)
    assert shapes.leave() is None


def test_where_the_data_broke_off_nothing_is_carried_over() -> None:
    shapes = HoldTracker()
    for _ in range(3):
        shapes.push(np.ones(4, np.float32), SHARES, 100.0)
    assert shapes.leave() is not None
    for _ in range(3):
        shapes.push(np.full(4, 5.0, np.float32), SHARES, 100.0)
    held = shapes.leave()
    assert held is not None
    assert held.embedding == pytest.approx(np.full(4, 5.0))


def test_what_it_gives_is_not_changed_by_what_comes_later() -> None:
    """Embeddings are rows of a batch's output: the mean is a copy."""
    shapes, batch = HoldTracker(), np.arange(12, dtype=np.float32).reshape(3, 4)
    for row in batch:
        shapes.push(row, SHARES, 100.0)
    before = batch.copy()
    held = shapes.leave()
    assert held is not None
    assert np.array_equal(batch, before)
