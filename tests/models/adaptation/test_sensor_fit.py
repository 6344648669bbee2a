"""The fit of a glove's front end. Its property: whatever glove reads the same hand, the same is seen behind it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.front_end import FINGERS, LEAN, Floats, FrontEnd, gravity, lean
from models.adaptation.sensor_fit import LETTERS_TO_FIT, fit_to_examples, front_end_for, range_shapes
from models.adaptation.training_readings import TrainingReadings, in_counts, own_front_end
from scaleglove.channels import FLEX
from scaleglove.vocabulary import load_vocabulary
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


TRAINING = TrainingReadings.of(*hand(0), load_vocabulary("korean").poses)


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


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_axes_are_not_turned_because_fingers_are_reversed(seed: int) -> None:
    """What reversed fingers gain must not carry axes that gain next to nothing."""
    shapes, _ = hand(seed)
    shapes = shapes[np.random.default_rng(seed).permutation(len(shapes))[:48]]
    other = shapes.copy()
    other[:, FLEX] = 1750 - other[:, FLEX]
    assert range_shapes(other, TRAINING).turned == range_shapes(shapes, TRAINING).turned


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


def test_of_axes_that_are_as_dense_the_model_takes_those_it_knows_best() -> None:
    """A hand that never rolls does not show which way a roll is read."""
    shapes, labels = hand(0)
    shapes[:, 6] = 0.0
    training = TrainingReadings.of(shapes, labels)
    other = shapes.copy()
    other[:, 5] *= -1
    wanted = [np.diag([-1.0, sign, 1.0]).tolist() for sign in (1.0, -1.0)]
    calls = itertools.count()
    first = range_shapes(other, training, lambda _: -next(calls))
    last = range_shapes(other, training, lambda _: next(calls))
    assert first.turned
    assert last.turned
    assert sorted([first.front_end.rotation.tolist(), last.front_end.rotation.tolist()]) == sorted(wanted)


def test_the_model_is_not_asked_where_the_axes_are_sure() -> None:
    shapes, _ = hand(0)

    def judge(_: Shapes) -> float:
        raise AssertionError("asked")

    assert not range_shapes(shapes, TRAINING, judge).turned
    other = shapes.copy()
    other[:, 6] *= -1
    assert range_shapes(other, TRAINING, judge).front_end.rotation.tolist() == np.diag([1.0, -1.0, 1.0]).tolist()


def test_a_stated_scale_that_the_readings_exceed_does_not_count() -> None:
    shapes, _ = hand(0)
    assert range_shapes(shapes, TRAINING, full_scale=4095.0).full_scale == 4095
    assert range_shapes(shapes, TRAINING, full_scale=255.0).full_scale == 1023


UNITS = [(2.0, 800.0), (0.125, 500.0), (512.0, 500.0)]


def in_unit(shapes: Shapes, unit: tuple[float, float]) -> Shapes:
    out = shapes.copy()
    out[:, FLEX] = (out[:, FLEX] - unit[1]) / unit[0]
    return out


@pytest.mark.parametrize("unit", UNITS)
def test_by_what_is_read_it_is_the_trainings_own_unit_or_counts(unit: tuple[float, float]) -> None:
    training = replace(TRAINING, unit=unit)
    for counts in hand(3)[0]:
        one = counts[np.newaxis]
        read = in_unit(one, unit)
        assert np.allclose(in_counts(read, training), one, atol=0.01)
        assert in_counts(one, training) is one
        assert in_counts(read, TRAINING) is read
        read[0, 2] = np.nan
        assert np.allclose(in_counts(read, training)[0, :2], one[0, :2], atol=0.01)


@pytest.mark.parametrize("unit", UNITS)
def test_own_signs_alone_or_few_letters_of_the_trainings_own_glove_are_seen_in_its_unit(
    unit: tuple[float, float],
) -> None:
    training = replace(TRAINING, unit=unit)
    shapes, labels = hand(0, ways=1)
    shapes, labels = shapes[:5], labels[:5]
    windows = [np.repeat(shape[np.newaxis], 4, axis=0) for shape in in_unit(shapes, unit)]
    for marks in ([-1] * 5, labels):
        assert np.allclose(front_end_for(windows, marks, training).apply(in_unit(shapes, unit)), shapes, atol=0.01)
    as_counts = [np.repeat(shape[np.newaxis], 4, axis=0) for shape in shapes]
    assert front_end_for(as_counts, [-1] * 5, training).is_plain


def test_the_trainings_own_glove_in_another_unit_is_brought_to_counts() -> None:
    training = replace(TRAINING, unit=(2.0, 800.0))
    frames = np.tile([-30, 0, 20, 60, 90, 5, -10, 30], (3, 1)).astype(np.float32)
    seen = own_front_end(training).apply(frames)
    assert seen[0].tolist() == [740, 800, 840, 920, 980, 5, -10, 30]
    assert own_front_end(TRAINING).apply(frames) is frames
    assert own_front_end(None).apply(frames) is frames
