"""The fit of a glove's front end. Its property: whatever glove reads the same hand, the same is seen behind it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.front_end import ANY_READING, FINGERS, LEAN, Floats, FrontEnd, gravity, lean
from models.adaptation.sensor_fit import (
    LETTERS_TO_FIT,
    TrainingReadings,
    fit_to_examples,
    range_shapes,
    without_drop_outs,
)
from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from tests.models.adaptation.test_front_end import turn

Shapes = NDArray[np.float32]
LETTERS = 24


def hand(seed: int, ways: int = 3) -> tuple[Shapes, list[int]]:
    """Return shapes of 24 letters, each held in some ways."""
    rng = np.random.default_rng(seed)
    of_letter = np.hstack([rng.choice([780.0, 830.0, 880.0], (LETTERS, 5)), rng.uniform(-60, 60, (LETTERS, 2))])
    shapes = np.repeat(of_letter, ways, axis=0) + rng.normal(0, [6.0] * 5 + [5.0] * 2, (LETTERS * ways, 7))
    labels = np.repeat(np.arange(LETTERS), ways).tolist()
    return np.hstack([shapes, np.zeros((len(shapes), 1))]).astype(np.float32), labels


TRAINING = TrainingReadings.of(*hand(0))


def another_glove(shapes: Shapes, seed: int, usual_axes: bool = False) -> Shapes:
    """Return what another glove reads of the same shapes: other gains, signs, offsets and another mounting."""
    rng = np.random.default_rng(seed)
    gain, offset = rng.uniform(0.4, 6, FINGERS) * rng.choice([-1, 1], FINGERS), rng.uniform(-300, 3000, FINGERS)
    axes = turn(seed, bool(seed % 2))
    if usual_axes:
        axes = np.eye(3)[rng.permutation(3)] * rng.choice([-1, 1], (3, 1))
    out = shapes.astype(np.float64)
    out[:, FLEX] = out[:, FLEX] * gain + offset
    out[:, LEAN] = lean(gravity(out[:, LEAN]) @ axes)
    return out.astype(np.float32)


def seen(front_end: FrontEnd | None, shapes: Shapes) -> tuple[Floats, Floats]:
    assert front_end is not None
    out = front_end.apply(shapes)
    return out[:, FLEX].astype(np.float64), gravity(out[:, LEAN])


@given(st.integers(1, 10_000))
@settings(max_examples=25, deadline=None)
def test_examples_on_any_glove_look_the_same(seed: int) -> None:
    shapes, labels = hand(seed)
    as_recorded = seen(fit_to_examples(shapes, labels, TRAINING), shapes)
    other = another_glove(shapes, seed)
    as_other = seen(fit_to_examples(other, labels, TRAINING), other)
    assert np.allclose(as_recorded[0], as_other[0], atol=0.5)
    assert np.allclose(as_recorded[1], as_other[1], atol=0.01)


@given(st.integers(1, 10_000))
@settings(max_examples=10, deadline=None)
def test_shapes_without_labels_look_the_same_on_any_glove_of_usual_axes(seed: int) -> None:
    shapes, _ = hand(0)  # the hand is known, the glove is not
    shapes = shapes[np.random.default_rng(seed).permutation(len(shapes))[:48]]
    other = another_glove(shapes, seed, usual_axes=True)
    as_recorded = seen(range_shapes(shapes, TRAINING).front_end, shapes)
    found = range_shapes(other, TRAINING)
    as_other = seen(found.front_end, other)
    assert np.allclose(as_recorded[0], as_other[0], atol=0.5)
    assert np.allclose(as_recorded[1], as_other[1], atol=0.01)
    assert found.gained > 0.5


def test_a_glove_that_needs_no_change_gains_nothing_by_one() -> None:
    shapes, _ = hand(0)
    found = range_shapes(shapes[::2], TRAINING)
    assert found.reversed_fingers == ()
    assert not found.turned
    assert found.gained < 0.1


def test_few_letters_do_not_determine_a_front_end() -> None:
    shapes, labels = hand(0, ways=1)
    assert fit_to_examples(shapes[: LETTERS_TO_FIT - 1], labels[: LETTERS_TO_FIT - 1], TRAINING) is None
    assert fit_to_examples(shapes[:LETTERS_TO_FIT], labels[:LETTERS_TO_FIT], TRAINING) is not None


def test_one_wrong_letter_does_not_spoil_the_fit() -> None:
    shapes, labels = hand(0)
    wrong = shapes.copy()
    wrong[:3, FLEX] = 2000 - wrong[:3, FLEX]
    clean, spoiled = (seen(fit_to_examples(each, labels, TRAINING), shapes)[0] for each in (shapes, wrong))
    assert np.abs(clean - spoiled).max() < 5


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


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_axes_are_not_turned_because_fingers_are_reversed(seed: int) -> None:
    """What reversed fingers gain must not carry axes that gain next to nothing."""
    shapes, _ = hand(seed)
    shapes = shapes[np.random.default_rng(seed).permutation(len(shapes))[:48]]
    other = shapes.copy()
    other[:, FLEX] = 1750 - other[:, FLEX]
    assert range_shapes(other, TRAINING).turned == range_shapes(shapes, TRAINING).turned


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


def test_a_dead_finger_and_no_motion_sensor_leave_the_others_as_they_are() -> None:
    shapes, labels = hand(5)
    poor = shapes.copy()
    poor[:, 2] = 512.0
    poor[:, 5:] = np.nan
    whole, fitted = fit_to_examples(shapes, labels, TRAINING), fit_to_examples(poor, labels, TRAINING)
    assert whole is not None
    assert fitted is not None
    others = [0, 1, 3, 4]
    assert np.allclose(whole.gain[others], fitted.gain[others])
    assert (fitted.rotation == np.eye(3)).all()
    assert np.isfinite(range_shapes(poor, TRAINING).gained)


def test_a_dead_finger_is_found_beside_missing_ones() -> None:
    shapes, labels = hand(5)
    shapes[:, 2] = 500 + np.random.default_rng(0).normal(0, 0.3, len(shapes))
    shapes[:, [0, 1, 3]] = np.nan
    fitted = fit_to_examples(shapes, labels, TRAINING)
    assert fitted is not None
    assert fitted.dead.tolist() == [False, False, True, False, False]
