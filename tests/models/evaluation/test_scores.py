from __future__ import annotations

import json
import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.scores import BINS, Bins, Tally, mean_and_sd


def sure(named: list[int], confidence: list[float]) -> np.ndarray:
    """Return probabilities that name these letters with this confidence; the rest is spread evenly."""
    rows = np.repeat((1 - np.array(confidence)[:, None]) / 23, 24, axis=1)
    rows[np.arange(len(named)), named] = confidence
    return rows.astype(np.float32)


def test_accuracy_and_confusion_of_four_answers() -> None:
    tally = Tally.of(sure([0, 1, 1, 5], [0.9] * 4), [0, 1, 2, 2])
    assert tally.accuracy == 50
    assert {(int(a), int(b)): int(tally.confusion[a, b]) for a, b in np.argwhere(tally.confusion)} == {
        (0, 0): 1,
        (1, 1): 1,
        (2, 1): 1,
        (2, 5): 1,
    }


def test_calibration_error_by_hand() -> None:
    # Bin of 0.9: two answers, one right: |0.9 - 0.5|. Bin of 0.5: two answers, both right: |0.5 - 1|.
    tally = Tally.of(sure([0, 0, 3, 3], [0.9, 0.9, 0.5, 0.5]), [0, 1, 3, 3])
    assert tally.calibration_error == pytest.approx(100 * (0.5 * 0.4 + 0.5 * 0.5), abs=1e-4)


def test_calibration_error_is_none_where_confidence_is_honest_and_all_where_it_is_sure_and_wrong() -> None:
    assert Tally.of(sure([0] * 4, [0.75] * 4), [0, 0, 0, 1]).calibration_error == pytest.approx(0, abs=1e-4)
    assert Tally.of(sure([0] * 4, [1.0] * 4), [1] * 4).calibration_error == 100


def answers(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(24, 0.1), count).astype(np.float32), rng.integers(0, 24, count)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_parts_add_up_to_the_whole_and_survive_json(seed: int, count: int) -> None:
    probabilities, letters = answers(seed, count)
    whole = Tally.of(probabilities, letters)
    cut = count // 2
    parts = [Tally.of(probabilities[:cut], letters[:cut]), Tally.of(probabilities[cut:], letters[cut:])]
    total = Tally.total(Tally.from_dict(json.loads(json.dumps(part.as_dict()))) for part in parts)
    np.testing.assert_array_equal(total.confusion, whole.confusion)
    np.testing.assert_array_equal(total.bins.count, whole.bins.count)
    assert total.calibration_error == pytest.approx(whole.calibration_error, abs=1e-3)
    assert whole.accuracy == pytest.approx(100 * np.mean(probabilities.argmax(1) == letters))
    assert whole.answers == count


def test_every_confidence_falls_into_the_bin_that_holds_it() -> None:
    confidence = [*np.linspace(0.05, 1, 200)]
    counted = Tally.of(sure([0] * 200, confidence), [0] * 200).bins.count
    edges = np.linspace(0, 1, BINS + 1)
    expected = [sum(low < np.float32(c) <= high for c in confidence) for low, high in pairwise(edges)]
    np.testing.assert_allclose(counted, expected, atol=1)  # an edge itself may round either way
    assert counted.sum() == 200


def test_bins_of_no_answers_add_nothing() -> None:
    none, some = Bins.of(np.zeros(0), np.zeros(0, bool)), Bins.of(np.array([0.9, 0.5]), np.array([True, False]))
    assert (none.answers, Bins.total([none, some]).as_dict()) == (0, some.as_dict())


def test_what_is_no_probability_is_refused() -> None:
    rows = sure([0], [0.9])
    for broken in (rows * np.nan, rows * 2, -rows, rows[:, :23]):
        with pytest.raises(ValueError, match="probabilit"):
            Tally.of(broken, [0])
    with pytest.raises(ValueError, match="do not answer for 0 letters"):
        Tally.of(rows[:0], [])


def test_spread_is_that_of_a_sample_and_none_of_one() -> None:
    figures = [45.7, 48.6, 50.1]
    assert mean_and_sd(figures) == {"mean": 48.13, "sd": round(statistics.stdev(figures), 2)}
    assert mean_and_sd([45.7]) == {"mean": 45.7, "sd": None}
