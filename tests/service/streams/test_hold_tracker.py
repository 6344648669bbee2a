from __future__ import annotations

import numpy as np
import pytest

from scaleglove.letters import LETTERS
from service.streams.hold_tracker import HoldTracker

PROBABILITIES = np.full(len(LETTERS) + 1, 1 / (len(LETTERS) + 1))


def test_a_hold_is_returned_at_its_end_without_its_first_window() -> None:
    tracker = HoldTracker()
    for value in (9.0, 1.0, 2.0, 3.0):
        assert tracker.push(np.full(4, value, np.float32), PROBABILITIES, 100.0) is None
    hold = tracker.push(np.zeros(4, np.float32), PROBABILITIES, 0.0)
    assert hold is not None
    assert hold.embedding == pytest.approx(np.full(4, 2.0))
    assert np.exp(hold.log_scores) == pytest.approx(PROBABILITIES, abs=1e-5)
    assert tracker.push(np.zeros(4, np.float32), PROBABILITIES, 0.0) is None


def test_a_brief_shape_is_no_hold() -> None:
    tracker = HoldTracker()
    for _ in range(2):
        tracker.push(np.ones(4, np.float32), PROBABILITIES, 100.0)
    assert tracker.finish() is None


def test_where_the_data_broke_off_nothing_is_carried_over() -> None:
    tracker = HoldTracker()
    for _ in range(3):
        tracker.push(np.ones(4, np.float32), PROBABILITIES, 100.0)
    assert tracker.finish() is not None
    for _ in range(3):
        tracker.push(np.full(4, 5.0, np.float32), PROBABILITIES, 100.0)
    hold = tracker.finish()
    assert hold is not None
    assert hold.embedding == pytest.approx(np.full(4, 5.0))


@pytest.mark.parametrize("apart", [2.0, np.inf])
def test_another_shape_begins_another_hold_where_it_is_far_from_the_one_before(apart: float) -> None:
    tracker = HoldTracker(apart)
    values = [9.0, *[1.0] * 6, *[3.0] * 6]
    found = [tracker.push(np.full(4, value, np.float32), PROBABILITIES, 100.0) for value in values]
    last = tracker.finish()
    assert last is not None
    if apart == np.inf:
        assert not any(found)
        assert last.embedding == pytest.approx(np.full(4, 2.0))
        return
    (one,) = [hold for hold in found if hold is not None]
    assert found.index(one) == 8  # when the newest windows are of the other on the whole
    assert one.embedding == pytest.approx(np.full(4, 1.0))
    assert last.embedding == pytest.approx(np.full(4, 3.0))
    assert np.exp(one.log_scores) == pytest.approx(PROBABILITIES, abs=1e-5)


def test_what_it_gives_is_not_changed_by_what_comes_later() -> None:
    """Embeddings are rows of a batch's output: the mean is a copy."""
    tracker, batch = HoldTracker(), np.arange(12, dtype=np.float32).reshape(3, 4)
    for row in batch:
        tracker.push(row, PROBABILITIES, 100.0)
    before = batch.copy()
    hold = tracker.finish()
    assert hold is not None
    assert np.array_equal(batch, before)
