"""The front end of a glove: what it does to frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.adaptation.front_end import ANY_READING, FINGERS, LEAN, Floats, FrontEnd, gravity, lean, median_frame
from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from scaleglove.resampling import wrap_degrees

ANGLES = arrays.arrays(
    np.float64, (5, 2), elements=st.floats(-179, 179), unique=False
).map(lambda pairs: pairs * np.array([0.49, 1.0]))  # pitch within a right angle  # fmt: skip

ALL = np.tile([-ANY_READING, ANY_READING], (FINGERS, 1))
"""Every reading is of a sensor with contact."""


def frames(count: int = 4, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(seed)
    return np.hstack([rng.uniform(700, 1000, (count, 5)), rng.uniform(-80, 80, (count, 3))]).astype(np.float32)


def turn(seed: int, reflects: bool = False) -> Floats:
    """Return an orthogonal matrix."""
    matrix = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    if (np.linalg.det(matrix) < 0) is not reflects:
        matrix[:, 0] *= -1
    return matrix


@given(ANGLES)
def test_angles_are_those_of_their_direction(angles: Floats) -> None:
    directions = gravity(angles)
    assert np.allclose(np.linalg.norm(directions, axis=1), 1)
    assert np.allclose(gravity(lean(3 * directions)), directions)


def test_a_plain_front_end_returns_the_very_frames() -> None:
    given_frames = frames()
    assert FrontEnd().apply(given_frames) is given_frames


@given(st.integers(0, 1000), st.booleans())
def test_a_front_end_undoes_what_another_glove_does(seed: int, reflects: bool) -> None:
    rng = np.random.default_rng(seed)
    gain, offset = rng.uniform(0.001, 6, FINGERS) * rng.choice([-1, 1], FINGERS), rng.uniform(-900, 900, FINGERS)
    rotation = turn(seed, reflects)
    own = frames(6, seed)
    other = own.astype(np.float64)
    other[:, FLEX] = (other[:, FLEX] - offset) / gain
    other[:, LEAN] = lean(gravity(other[:, LEAN]) @ rotation)
    front_end = FrontEnd(gain, offset, rotation, ALL)
    seen = front_end.apply(other.astype(np.float32))
    assert np.allclose(seen[:, FLEX], own[:, FLEX], atol=0.01)
    assert np.allclose(gravity(seen[:, LEAN]), gravity(own[:, LEAN]), atol=1e-4)
    assert (seen[:, 7] == own[:, 7]).all()


def test_one_after_the_other_is_one() -> None:
    first = FrontEnd(np.full(FINGERS, 2.0), np.full(FINGERS, -3.0), turn(1), ALL)
    second = FrontEnd(np.full(FINGERS, -0.5), np.full(FINGERS, 1900.0), turn(2), ALL)
    both = second.after(first)
    assert np.allclose(both.apply(frames()), second.apply(first.apply(frames())), atol=1e-3)


def test_a_bent_scale_after_another_glove_is_one() -> None:
    first = FrontEnd(np.full(FINGERS, 0.25), np.full(FINGERS, 3.0), contact=ALL)
    second = FrontEnd(np.full(FINGERS, 2.0), np.full(FINGERS, 90.0), contact=ALL, slope=np.full(FINGERS, 8 / 1023))
    both = second.after(first)
    assert np.allclose(both.apply(frames()), second.apply(first.apply(frames())), atol=1e-3)
    assert not both.keeps_flex


def test_bounds_of_contact_are_of_the_gloves_own_readings() -> None:
    """Of the second front end they are in the readings that the first one gives."""
    first = FrontEnd(np.full(FINGERS, 4.0), np.full(FINGERS, -3.0), contact=np.tile([1.0, 300.0], (FINGERS, 1)))
    second = FrontEnd(np.full(FINGERS, -0.5), np.full(FINGERS, 1900.0), contact=np.tile([397.0, 2e3], (FINGERS, 1)))
    assert second.after(first).contact.tolist() == [[100.0, 300.0]] * FINGERS
    assert second.after(FrontEnd()).contact.tolist() == second.contact.tolist()
    dead = np.arange(FINGERS) == 2
    assert second.without(dead).after(first).dead.tolist() == dead.tolist()
    assert second.without(~dead & dead) is second


def test_a_sensor_without_contact_stays_one_and_no_other_becomes_one() -> None:
    given_frames = frames()
    given_frames[0, 2] = 40.0
    front_end = FrontEnd(np.full(FINGERS, -1.0), np.full(FINGERS, 1000.0))  # most readings become small ones
    seen = front_end.apply(given_frames)
    assert seen[0, 2] == 0
    assert (np.delete(seen[:, FLEX].ravel(), 2) >= DROPPED_FLEX_BELOW).all()


def test_what_a_glove_does_not_have_says_nothing() -> None:
    given_frames = frames()
    given_frames[:, 1] = np.nan
    given_frames[:, 5:] = np.nan
    seen = FrontEnd(neutral=np.array([10.0, -60.0, 0.0])).apply(given_frames)
    assert (seen[:, 1] == 0).all()
    assert (seen[:, 5:] == [10.0, -60.0, 0.0]).all()
    assert (seen[:, [0, 2, 3, 4]] == given_frames[:, [0, 2, 3, 4]]).all()


def test_it_is_stored_as_json() -> None:
    bounds = np.tile([0.0, 1023.0], (FINGERS, 1))
    front_end = FrontEnd(np.arange(5) + 0.5, np.arange(5.0), turn(3), bounds, np.ones(3), np.arange(5.0) / 1023)
    again = FrontEnd.from_dict(front_end.as_dict())
    assert again.as_dict() == front_end.as_dict()


def test_one_that_was_stored_before_there_were_slopes_has_none() -> None:
    stored = FrontEnd(np.full(5, 2.0)).as_dict()
    del stored["slope"]
    assert FrontEnd.from_dict(stored).as_dict() == FrontEnd(np.full(5, 2.0)).as_dict()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gain", [1.0] * 4),
        ("offset", [1.0] * 4 + [float("nan")]),
        ("rotation", [[1.0, 0, 0], [0, 1, 0], [0, 0, 2]]),
        ("neutral", "north"),
        ("slope", [0.0] * 4),
        ("slope", [-0.01] * 5),
        ("contact", None),
    ],
)
def test_what_is_no_front_end_is_refused_by_its_parameter(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        FrontEnd.from_dict(FrontEnd().as_dict() | {name: value})


@given(st.floats(-180, 179), st.integers(0, 1000))
def test_the_median_of_a_shape_does_not_depend_on_where_its_angles_lie(turned: float, seed: int) -> None:
    shape = np.array([800, 810, 820, 830, 840, 10, 20, 30]) + np.random.default_rng(seed).normal(0, 1, (10, 8))
    other = shape.copy()
    other[:, 5:] = wrap_degrees(other[:, 5:] + turned)
    apart = median_frame(other.astype(np.float32)) - median_frame(shape.astype(np.float32))
    assert np.abs(apart[FLEX]).max() == 0
    assert np.abs(wrap_degrees(apart[5:] - turned)).max() < 1e-3
