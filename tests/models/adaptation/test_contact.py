"""Contact of flex sensors: drop-outs and dead sensors, in any unit."""

from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.contact import without_drop_outs
from models.adaptation.front_end import ANY_READING, FINGERS
from models.adaptation.sensor_fit import fit_to_examples, range_shapes
from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from tests.models.adaptation.test_sensor_fit import TRAINING, hand


@pytest.mark.parametrize("rail", [0.0, 4095.0])
def test_readings_of_a_sensor_without_contact_are_left_out(rail: float) -> None:
    shapes, labels = hand(4)
    broken = shapes.copy()
    broken[::7, 1] = rail
    kept, bounds = without_drop_outs(broken[:, FLEX].astype(np.float64))
    assert (np.isnan(kept) == (broken[:, FLEX] == rail)).all()
    narrowed = np.stack([bounds[:, 0] > DROPPED_FLEX_BELOW, bounds[:, 1] < ANY_READING], axis=1)
    assert narrowed.any(axis=1).tolist() == [False, True, False, False, False]
    assert narrowed[1].tolist() == [rail == 0.0, rail != 0.0]
    whole, fitted = fit_to_examples(shapes, labels, TRAINING), fit_to_examples(broken, labels, TRAINING)
    assert whole is not None
    assert fitted is not None
    assert np.allclose(whole.gain, fitted.gain, rtol=0.1)


def test_a_finger_that_is_bent_in_few_letters_has_lost_no_contact() -> None:
    flex = np.random.default_rng(0).normal(780, 5, (40, FINGERS))
    flex[:8, 1] = np.random.default_rng(1).uniform(835, 890, 8)
    kept, bounds = without_drop_outs(flex)
    assert (kept == flex).all()
    assert (bounds[:, 0] == DROPPED_FLEX_BELOW).all()  # none of these readings is less; a later one may be
    assert (bounds[:, 1] == ANY_READING).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_sensor_without_contact_is_found_behind_a_resistor_that_bends_the_scale(seed: int) -> None:
    """With a tenth of the resistor the readings begin at a fifth of the converter's scale and spread over a third."""
    flex = np.random.default_rng(seed).uniform(220, 530, (40, FINGERS))
    flex[::9, 1] = np.random.default_rng(seed).uniform(0, 1, 5)
    kept, bounds = without_drop_outs(flex)
    assert np.isnan(kept).sum(axis=0).tolist() == [0, 5, 0, 0, 0]
    assert 1 < bounds[1, 0] < 220


def test_readings_that_are_all_small_are_no_drop_outs() -> None:
    """In volts, percent or degrees."""
    flex = np.random.default_rng(0).uniform(0, 3.3, (40, FINGERS))
    kept, bounds = without_drop_outs(flex)
    assert (kept == flex).all()
    assert (bounds[:, 0] <= 0).all()


def test_a_finger_that_most_letters_bend_to_its_end_has_lost_no_contact_within_the_trainings_range() -> None:
    """As with the ring finger in American letters; elsewhere, or at a rail, such readings are of no contact."""
    rng = np.random.default_rng(0)
    flex = np.stack([rng.uniform(low, high, 40) for low, high in TRAINING.ends.T], axis=1)
    flex[:, 3] = TRAINING.high[3] + rng.normal(0, 2, 40)
    flex[:9, 3] = TRAINING.low[3] + rng.normal(0, 2, 9)
    assert np.isnan(without_drop_outs(flex)[0][:9, 3]).all()
    kept, bounds = without_drop_outs(flex, TRAINING.ends)
    assert (kept == flex).all()
    assert bounds[3].tolist() == [DROPPED_FLEX_BELOW, ANY_READING]
    for other in (flex + 2000, np.where(np.arange(40)[:, np.newaxis] < 9, flex * [1, 1, 1, 0, 1], flex)):
        assert np.isnan(without_drop_outs(other, TRAINING.ends)[0][:9, 3]).all()
    shapes = np.hstack([flex, rng.uniform(-60, 60, (40, 3))]).astype(np.float32)
    assert np.isfinite(range_shapes(shapes, TRAINING).front_end.apply(shapes)).all()
    assert (range_shapes(shapes, TRAINING).front_end.contact[:, 0] == DROPPED_FLEX_BELOW).all()


@pytest.mark.parametrize("level", [0.0, 512.0, 1023.0])
def test_a_finger_that_does_not_move_is_dead(level: float) -> None:
    shapes, labels = hand(5)
    shapes[:, 2] = level + np.random.default_rng(0).normal(0, 1, len(shapes))
    fitted = fit_to_examples(shapes, labels, TRAINING)
    assert fitted is not None
    for front_end in (range_shapes(shapes, TRAINING).front_end, fitted):
        assert front_end.dead.tolist() == [False, False, True, False, False]
        assert (front_end.apply(shapes)[:, 2] == 0).all()
    missing = shapes.copy()
    missing[:, 2] = np.nan
    assert not range_shapes(missing, TRAINING).front_end.dead.any()


def test_a_dead_finger_is_found_beside_missing_ones() -> None:
    shapes, labels = hand(5)
    shapes[:, 2] = 500 + np.random.default_rng(0).normal(0, 0.3, len(shapes))
    shapes[:, [0, 1, 3]] = np.nan
    fitted = fit_to_examples(shapes, labels, TRAINING)
    assert fitted is not None
    assert fitted.dead.tolist() == [False, False, True, False, False]
