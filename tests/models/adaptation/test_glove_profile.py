"""The profile of a glove. Its property: whatever glove shows a straight and a bent hand and the poses, the same is seen
behind its front end."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.adaptation.front_end import FINGERS, LEAN, FrontEnd, gravity, lean
from models.adaptation.glove_profile import (
    MIRRORED,
    POSES,
    FingerReadings,
    GloveProfile,
    front_end_of,
    profile_of,
    without_missing,
)
from models.adaptation.training_readings import TrainingReadings
from scaleglove.channels import FLEX
from tests.models.adaptation.test_front_end import turn
from tests.models.adaptation.test_sensor_fit import TRAINING, Shapes, hand

WANTED = TRAINING.directions_of(POSES)
AXES = WANTED / np.linalg.norm(WANTED, axis=1, keepdims=True)


def profile_of_glove(gain: np.ndarray, offset: np.ndarray, axes: np.ndarray, **changes: Any) -> GloveProfile:
    """Return the profile of a glove that reads gain * (training) + offset, and directions turned by `axes`."""
    straight, bent = gain * TRAINING.low + offset, gain * TRAINING.high + offset
    fingers = tuple(FingerReadings(*map(float, ends)) for ends in zip(straight, bent, strict=True))
    directions = {pose: tuple(map(float, row @ axes)) for pose, row in zip(POSES, AXES, strict=True)}
    return GloveProfile(**{"fingers": fingers, "directions": directions, **changes})


def read_by(gain: np.ndarray, offset: np.ndarray, axes: np.ndarray, shapes: Shapes) -> Shapes:
    out = shapes.astype(np.float64)
    out[:, FLEX] = out[:, FLEX] * gain + offset
    out[:, LEAN] = lean(gravity(out[:, LEAN]) @ axes)
    return out.astype(np.float32)


def random_glove(seed: int, mirrored: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    gain = rng.uniform(0.4, 6, FINGERS) * rng.choice([-1, 1], FINGERS)
    return gain, rng.uniform(-300, 3000, FINGERS), turn(seed, mirrored)


@given(st.integers(1, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_any_glove_reads_as_the_trainings(seed: int, mirrored: bool) -> None:
    shapes, _ = hand(0)
    glove = random_glove(seed, mirrored)
    seen = front_end_of(profile_of_glove(*glove), TRAINING).apply(read_by(*glove, shapes))
    assert np.allclose(seen[:, FLEX], shapes[:, FLEX], atol=0.05)
    assert np.allclose(gravity(seen[:, LEAN]), gravity(shapes[:, LEAN]), atol=2e-3)


@given(st.integers(1, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_with_two_poses_the_hand_tells_a_glove_from_its_mirror_image(seed: int, mirrored: bool) -> None:
    gain, offset, axes = random_glove(seed, mirrored)
    whole = profile_of_glove(gain, offset, axes)
    two = GloveProfile(
        "left" if np.linalg.det(axes) < 0 else "right",
        fingers=whole.fingers,
        directions={pose: whole.directions[pose] for pose in ("up", "down")},
    )
    assert np.allclose(front_end_of(two, TRAINING).rotation, axes, atol=1e-2)


@given(st.integers(1, 10_000), st.booleans())
@settings(max_examples=10, deadline=None)
def test_of_a_vocabulary_without_the_poses_the_fingers_are_known_and_how_the_glove_is_turned_is_not(
    seed: int, mirrored: bool
) -> None:
    shapes, labels = hand(0)
    training = TrainingReadings.of(shapes, labels, {"up": 14})
    gain, offset, axes = random_glove(seed, mirrored)
    front_end = front_end_of(profile_of_glove(gain, offset, axes), training)
    seen = front_end.apply(read_by(gain, offset, axes, shapes))
    assert np.allclose(seen[:, FLEX], shapes[:, FLEX], atol=0.05)
    assert (front_end.rotation == np.eye(3)).all()
    assert set(profile_of(front_end, training).directions) == {"up"}


def test_without_poses_the_other_hand_is_mirrored() -> None:
    assert (front_end_of(GloveProfile("right"), TRAINING).rotation == np.eye(3)).all()
    assert (front_end_of(GloveProfile("left"), TRAINING).rotation == MIRRORED).all()


def test_of_a_glove_of_which_nothing_is_known_the_readings_are_kept() -> None:
    assert front_end_of(GloveProfile(), TRAINING).is_plain


def test_a_finger_beyond_its_contact_is_dropped() -> None:
    glove = profile_of_glove(np.full(5, 4.0), np.zeros(5), np.eye(3))
    fingers = (FingerReadings(glove.fingers[0].straight, glove.fingers[0].bent, (1000.0, 4000.0)), *glove.fingers[1:])
    front_end = front_end_of(GloveProfile(fingers=fingers), TRAINING)
    frame = np.append(TRAINING.high * 4, [0, 0, 0]).astype(np.float32)[np.newaxis]
    assert front_end.apply(frame)[0, 0] == pytest.approx(TRAINING.high[0], abs=0.01)
    for rail in (0.0, 4095.0):
        frame[0, 0] = rail
        assert front_end.apply(frame)[0, 0] == 0


@given(st.integers(1, 10_000), st.booleans(), st.sets(st.sampled_from(["flex2", "pitch", "roll"])))
@settings(max_examples=25, deadline=None)
def test_a_profile_survives_json(seed: int, mirrored: bool, missing: set[str]) -> None:
    changes = {"missing": tuple(sorted(missing)), "hand": "left", "full_scale": 4095.0 if seed % 2 else None}
    profile = profile_of_glove(*random_glove(seed, mirrored), **changes)
    assert GloveProfile.from_dict(json.loads(json.dumps(profile.as_dict()))) == profile


def test_an_older_profile_without_a_full_scale_is_read() -> None:
    stored = GloveProfile().as_dict()
    del stored["full_scale"]
    assert GloveProfile.from_dict(stored) == GloveProfile()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hand": "both"}, "hand"),
        ({"missing": ["flex9"]}, "missing"),
        ({"missing": "flex1"}, "missing"),
        ({"fingers": []}, "fingers"),
        ({"fingers": [{"straight": 1, "bent": 2}] * 5}, "contact is missing in fingers.0"),
        ({"fingers": [{"straight": 1, "bent": 1, "contact": [0, 9]}] * 5}, "fingers.0.bent"),
        ({"fingers": [{"straight": "1", "bent": 1, "contact": [0, 9]}] * 5}, "fingers.0.straight"),
        ({"fingers": [{"straight": 0, "bent": 1e300, "contact": [0, 9]}] * 5}, "fingers.0.bent"),
        ({"fingers": [{"straight": 0, "bent": 1, "contact": [9, 0]}] * 5}, "fingers.0.contact"),
        ({"directions": {"left": [0, 0, 1]}}, "directions"),
        ({"directions": {"up": [0, 0]}}, "directions.up"),
        ({"directions": {"up": [0, 0, 0.5]}}, "directions.up"),
        ({"full_scale": 0}, "full_scale"),
        ({"full_scale": "10 bits"}, "full_scale"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        GloveProfile.from_dict(GloveProfile().as_dict() | change)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="profile"):
        GloveProfile.from_dict([])


@given(st.integers(1, 10_000), st.booleans())
@settings(max_examples=10, deadline=None)
def test_a_front_end_that_was_fitted_otherwise_becomes_a_profile(seed: int, mirrored: bool) -> None:
    wanted = front_end_of(profile_of_glove(*random_glove(seed, mirrored)), TRAINING)
    stored = GloveProfile.from_dict(profile_of(wanted, TRAINING).as_dict())
    made = front_end_of(stored, TRAINING)
    for name, value in wanted.as_dict().items():
        assert np.allclose(getattr(made, name), value, rtol=1e-6, atol=1e-6), name


def test_a_channel_that_is_missing_is_unknown_in_a_profile_and_nan_in_frames() -> None:
    profile = profile_of(FrontEnd(), TRAINING, ("flex3", "pitch"))
    assert profile.fingers[2].ends is None
    assert profile.directions == {}
    frames = np.ones((4, 8), np.float32)
    assert np.isnan(without_missing(profile, frames))[0].tolist() == [
        False,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert not np.isnan(frames).any()
    assert without_missing(GloveProfile(), frames) is frames
