"""Another resistor in the dividers. Its property: whatever resistor and converter, the hand is seen the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.other_gloves import GLOVES, Frames, flex
from models.adaptation.divider import TRAINING_FULL_SCALE, full_scale_of, straightened
from models.adaptation.front_end import FINGERS, Floats, FrontEnd
from models.adaptation.glove_check import GloveCheck
from models.adaptation.glove_profile import front_end_of, profile_of
from models.adaptation.sensor_fit import range_shapes
from scaleglove.channels import FLEX
from tests.models.adaptation.test_glove_check import session
from tests.models.adaptation.test_sensor_fit import TRAINING, Shapes, hand

ALL = np.ones(FINGERS, bool)
RATIOS = st.floats(0.05, 20).filter(lambda ratio: abs(np.log(ratio)) > np.log(1.6))
FULL_SCALES = st.sampled_from([1.0, 1023.0, 4095.0, 65535.0])


def read(counts: Floats, ratio: float, full_scale: float, is_turned: bool = False) -> Floats:
    """Return what a divider with `ratio` times the training's resistor reads where the training's reads `counts`;
    turned: with sensor and resistor in each other's place."""
    odds = counts / (TRAINING_FULL_SCALE - counts) / ratio
    share = odds / (1 + odds)
    return full_scale * (1 - share if is_turned else share)


def line(straight: Floats, bent: Floats) -> FrontEnd:
    """Return the front end that brings the ends to the training's on a straight scale."""
    gain = (TRAINING.high - TRAINING.low) / (bent - straight)
    return FrontEnd(gain, TRAINING.low - gain * straight, contact=np.tile([-1e30, 1e30], (FINGERS, 1)))


@given(RATIOS, FULL_SCALES, st.booleans())
@settings(deadline=None)
def test_between_the_ends_the_training_reading_comes_back(ratio: float, full_scale: float, is_turned: bool) -> None:
    ends = [read(end, ratio, full_scale, is_turned) for end in (TRAINING.low, TRAINING.high)]
    front_end = straightened(line(*ends), ALL, full_scale, TRAINING.low, TRAINING.high)
    shares = np.linspace(-0.3, 1.2, 16)[:, np.newaxis]
    counts = TRAINING.low + shares * (TRAINING.high - TRAINING.low)
    frames = np.hstack([read(counts, ratio, full_scale, is_turned), np.zeros((len(counts), 3))])
    assert front_end.slope.any()
    assert np.allclose(front_end.apply(frames.astype(np.float32))[:, FLEX], counts, atol=0.5)


@pytest.mark.parametrize("name", ["12 bits", "0 to 1", "other dividers", "reversed", "offsets"])
def test_a_scale_that_is_straight_stays_so(name: str) -> None:
    shapes, _ = hand(0)
    assert not range_shapes(GLOVES[name](shapes), TRAINING).front_end.slope.any()


def test_a_finger_of_which_the_ends_are_unknown_is_left_alone() -> None:
    ends = [read(end, 0.1, 1023.0) for end in (TRAINING.low, TRAINING.high)]
    known = np.arange(FINGERS) != 2
    before = line(*ends)
    after = straightened(before, known, 1023.0, TRAINING.low, TRAINING.high)
    assert after.slope.astype(bool).tolist() == known.tolist()
    assert (after.gain[2], after.offset[2]) == (before.gain[2], before.offset[2])


def test_two_fingers_do_not_tell_the_resistor() -> None:
    ends = [read(end, 0.1, 1023.0) for end in (TRAINING.low, TRAINING.high)]
    before = line(*ends)
    assert straightened(before, np.arange(FINGERS) < 2, 1023.0, TRAINING.low, TRAINING.high) is before


@pytest.mark.parametrize(
    ("readings", "full_scale"),
    [([300.0, 1020.0], 1023.0), ([0.1, 0.9], 1.0), ([5.0, 90.0], None), ([-3.0, 700.0], None), ([np.nan], None)],
)
def test_the_full_scale_is_that_of_a_converter(readings: list[float], full_scale: float | None) -> None:
    assert full_scale_of(np.array(readings)[:, np.newaxis]) == full_scale


@pytest.mark.parametrize("ratio", [0.1, 0.3, 3.0])
@pytest.mark.parametrize("is_turned", [False, True])
def test_shapes_without_labels_tell_the_resistor(ratio: float, is_turned: bool) -> None:
    """To a twentieth of the range: its ends, percentiles, lie between readings."""
    shapes, _ = hand(0)
    given_shapes = other(shapes, ratio, is_turned)
    seen = range_shapes(given_shapes, TRAINING).front_end.apply(given_shapes)[:, FLEX]
    as_recorded = range_shapes(shapes, TRAINING).front_end.apply(shapes)[:, FLEX]
    assert np.allclose(seen, as_recorded, atol=5)


@pytest.mark.parametrize("ratio", [0.1, 0.3, 3.0])
def test_a_check_tells_the_resistor(ratio: float) -> None:
    steps = session()
    frames = np.vstack(list(steps.values()))
    as_recorded = front_end_of(GloveCheck.of(steps).profile, TRAINING).apply(frames)[:, FLEX]
    check = GloveCheck.of({step: other(shown, ratio) for step, shown in steps.items()})
    seen = front_end_of(check.profile, TRAINING).apply(other(frames, ratio))[:, FLEX]
    assert np.abs(seen - as_recorded).max() < 10
    assert np.median(np.abs(seen - as_recorded)) < 2


@pytest.mark.parametrize("ratio", [0.3, 3.0])
def test_a_training_in_another_unit_than_counts_tells_no_resistor(ratio: float) -> None:
    """Its readings are no converter's: what they say of odds is chance."""
    training, steps = replace(TRAINING, unit=(2.0, 800.0)), session()
    shapes = other(hand(0)[0], ratio)
    assert range_shapes(shapes, TRAINING).front_end.slope.all()
    assert not range_shapes(shapes, training).front_end.slope.any()
    profile = GloveCheck.of({step: other(shown, ratio) for step, shown in steps.items()}).profile
    assert front_end_of(profile, TRAINING).slope.all()
    assert not front_end_of(profile, training).slope.any()


def test_a_range_that_was_straightened_becomes_a_profile() -> None:
    shapes, _ = hand(0)
    found = range_shapes(other(shapes, 0.1), TRAINING)
    again = front_end_of(profile_of(found.front_end, TRAINING, (), found.full_scale), TRAINING)
    for name in ("gain", "offset", "slope", "contact"):
        assert np.allclose(getattr(again, name), getattr(found.front_end, name), rtol=1e-6)


def other(shapes: Shapes, ratio: float, is_turned: bool = False) -> Frames:
    return flex(lambda counts: read(counts, ratio, 1023.0, is_turned))(shapes)
