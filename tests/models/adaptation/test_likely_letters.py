"""The range of a hand by the letters that its shapes probably are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.adaptation.front_end import FINGERS, LEAN, Floats, FrontEnd, gravity
from models.adaptation.likely_letters import fit_to_likely_letters
from models.adaptation.sensor_fit import fit_range, range_shapes
from models.adaptation.training_readings import TrainingReadings
from scaleglove.channels import FLEX
from tests.models.adaptation.test_sensor_fit import TRAINING, Shapes, another_glove, hand, seen

OF_MANY = replace(TRAINING, of_many=True)


def uneven(seed: int, count: int = 100) -> Shapes:
    """Return shapes of a known hand in letters as uneven as in text: of some of them there is none."""
    shapes, labels = hand(0)
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(max(labels) + 1, 0.3))[labels]
    return shapes[rng.choice(len(shapes), count, p=shares / shares.sum())]


def fitted(flex: Floats, shapes: Shapes, training: TrainingReadings = OF_MANY) -> FrontEnd:
    """Return the fit on the range of flex float64[n, 5]."""
    gain, offset = fit_range(flex, training)
    return fit_to_likely_letters(FrontEnd(gain, offset), flex, gravity(shapes[:, LEAN]), training)


@pytest.mark.parametrize("seed", range(4))
def test_of_uneven_letters_a_known_hand_is_seen_as_it_is_which_the_ends_of_its_range_do_not_show(seed: int) -> None:
    shapes = uneven(seed)
    shown, _ = seen(range_shapes(shapes, OF_MANY).front_end, shapes)
    by_ends, _ = seen(range_shapes(shapes, TRAINING).front_end, shapes)
    off, off_by_ends = (np.sqrt(np.square(flex - shapes[:, FLEX]).mean()) for flex in (shown, by_ends))
    assert off < min(6, off_by_ends)


@given(st.integers(1, 10_000))
@settings(max_examples=10, deadline=None)
def test_whatever_glove_reads_the_hand_the_same_is_seen(seed: int) -> None:
    shapes = uneven(seed % 7, 48)
    other = another_glove(shapes, seed)[:, FLEX].astype(np.float64)
    other *= np.sign(np.sum((other - other.mean(0)) * (shapes - shapes.mean(0))[:, FLEX], axis=0))  # not turned round
    one, another = fitted(shapes[:, FLEX].astype(np.float64), shapes), fitted(other, shapes)
    as_recorded, as_other = (
        found.gain * flex + found.offset
        for found, flex in ((one, shapes[:, FLEX].astype(np.float64)), (another, other))
    )
    assert np.allclose(as_recorded, as_other, atol=0.5)


def test_a_few_shapes_change_little() -> None:
    shapes = uneven(1, 100)
    first, all_of_them = (fitted(some[:, FLEX].astype(np.float64), some) for some in (shapes[:1], shapes))
    start = FrontEnd(*fit_range(shapes[:1, FLEX].astype(np.float64), OF_MANY))
    assert np.all(np.abs(first.gain / start.gain - 1) < 0.5)
    assert np.isfinite(all_of_them.gain).all()


@pytest.mark.parametrize("finger", range(FINGERS))
def test_a_finger_without_a_reading_keeps_its_line_and_no_motion_sensor_is_no_matter(finger: int) -> None:
    shapes = uneven(2)
    flex = shapes[:, FLEX].astype(np.float64)
    flex[:, finger] = np.nan
    nowhere = np.full((len(shapes), 3), np.nan)
    start = FrontEnd(np.linspace(0.8, 1.2, FINGERS), np.linspace(-20, 20, FINGERS))
    found = fit_to_likely_letters(start, flex, nowhere, OF_MANY)
    assert found.gain[finger] == pytest.approx(start.gain[finger])
    assert found.offset[finger] == pytest.approx(start.offset[finger], abs=1e-6)
    assert np.isfinite([found.gain, found.offset]).all()


def test_a_letter_of_which_a_finger_was_never_read_says_nothing_of_that_finger() -> None:
    flex = OF_MANY.flex.copy()
    flex[OF_MANY.labels == 3, 1] = np.nan
    shapes = uneven(3)
    found = fitted(shapes[:, FLEX].astype(np.float64), shapes, replace(OF_MANY, flex=flex))
    assert np.isfinite([found.gain, found.offset]).all()


def test_shapes_like_no_letter_keep_a_range_that_is_finite_and_not_turned_round() -> None:
    shapes = np.random.default_rng(0).uniform(-5e3, 5e3, (30, 8)).astype(np.float32)
    found = range_shapes(shapes, OF_MANY)
    assert np.isfinite([found.front_end.gain, found.front_end.offset]).all()
    assert ((found.front_end.gain < 0) == np.isin(range(FINGERS), found.reversed_fingers)).all()


def test_of_few_people_the_ends_of_the_range_stand() -> None:
    shapes = uneven(4)
    flex = shapes[:, FLEX].astype(np.float64)
    gain, _ = fit_range(flex, TRAINING)
    assert np.allclose(range_shapes(shapes, TRAINING).front_end.gain, gain)
    assert not np.allclose(range_shapes(shapes, OF_MANY).front_end.gain, gain)
