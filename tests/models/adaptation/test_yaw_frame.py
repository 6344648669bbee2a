"""The zero of yaw is found from held shapes, without labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.yaw_frame import STEP, YawFrame, yaw_of
from scaleglove.resampling import wrap_degrees

LETTERS = 12
LABELS = np.repeat(np.arange(LETTERS), 2)
YAWS = np.random.default_rng(0).uniform(-180, 180, LETTERS).repeat(2)


def beliefs(letter: int, sure: float) -> np.ndarray:
    """Return probabilities float64[LETTERS + 1] with `sure` for one letter."""
    shares = np.full(LETTERS + 1, (1 - sure) / LETTERS)
    shares[letter] = sure
    return shares


@given(st.floats(-180, 180), st.integers(0, 99))
def test_the_turn_of_a_session_is_found_from_twelve_shapes(turn: float, seed: int) -> None:
    """Four in five are taken for the letter that they are."""
    rng, frame = np.random.default_rng(seed), YawFrame(YAWS, LABELS)
    for number, letter in enumerate(rng.permutation(LETTERS)):
        seen = letter if number % 5 else (letter + 1) % LETTERS
        frame.add(YAWS[2 * letter] + turn + rng.normal(0, 4), beliefs(int(seen), 0.8))
    assert frame.turn is not None
    assert abs(wrap_degrees(np.array(frame.turn - turn))) < STEP


def test_shapes_that_fit_no_turn_tell_none() -> None:
    rng, frame = np.random.default_rng(2), YawFrame(YAWS, LABELS)
    for _ in range(12):
        frame.add(float(rng.uniform(-180, 180)), beliefs(int(rng.integers(LETTERS)), 0.8))
    assert frame.turn is None


def test_a_turn_that_changes_is_followed() -> None:
    rng, frame = np.random.default_rng(3), YawFrame(YAWS, LABELS)
    for turn in (40.0, -100.0):
        for _ in range(60):
            letter = int(rng.integers(LETTERS))
            frame.add(YAWS[2 * letter] + turn, beliefs(letter, 0.9))
        assert frame.turn == pytest.approx(turn, abs=STEP)


def test_no_letter_and_no_motion_sensor_tell_nothing() -> None:
    frame = YawFrame(np.array([10.0, 20.0]), np.array([-1, -1]))
    frame.add(10.0, beliefs(0, 1.0))
    assert frame.turn is None
    assert np.isnan(yaw_of(np.full((20, 8), np.nan, np.float32)))


def test_the_yaw_of_a_window_is_that_of_its_newest_frames_across_the_seam() -> None:
    window = np.zeros((40, 8), np.float32)
    window[-10:, 7] = [179, -179] * 5
    assert abs(yaw_of(window)) == pytest.approx(180, abs=1)
