"""The complementary filter against the same equation in float64, and against simulated hands with known angles."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_bridge.codec.sketch import orientation
from scaleglove.resampling import wrap_degrees
from tests.firmware.core import GyroBias, Orientation, floats

Vector = NDArray[np.float64]

STEP_S = 0.02
LEAN_S = 1.0


class Filter:
    """The C filter."""

    def __init__(self, core: ctypes.CDLL) -> None:
        self._core = core
        self._state = Orientation()
        core.sg_orientation_start(self._state)

    def update(self, acceleration: Vector, rate: Vector, seconds: float = STEP_S) -> Vector:
        self._core.sg_orientation_update(self._state, floats(*acceleration), floats(*rate), seconds)
        return self.angles()

    def angles(self) -> Vector:
        angles = floats(0, 0, 0)
        self._core.sg_orientation_angles(self._state, angles)
        return np.array(angles, dtype=np.float64)

    def zero_yaw(self) -> None:
        self._core.sg_orientation_zero_yaw(self._state)


def turn(vector: Vector) -> NDArray[np.float64]:
    """Return the matrix of a turn by a vector in radians (Rodrigues)."""
    angle = np.linalg.norm(vector)
    x, y, z = vector
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    if angle < 1e-12:
        return np.eye(3) + cross
    return np.eye(3) + np.sin(angle) / angle * cross + (1 - np.cos(angle)) / angle**2 * cross @ cross


def matrix_of(pitch: float, roll: float, yaw: float) -> NDArray[np.float64]:
    """Return the matrix from the hand's axes to the earth's for angles in degrees: about z, then y, then x."""
    radians = np.radians([pitch, roll, yaw])
    about_y, about_x, about_z = (np.eye(3)[axis] * angle for axis, angle in zip((1, 0, 2), radians, strict=True))
    return turn(about_z) @ turn(about_y) @ turn(about_x)


def angles_of(matrix: NDArray[np.float64]) -> Vector:
    pitch = np.arctan2(-matrix[2, 0], np.hypot(matrix[2, 1], matrix[2, 2]))
    return np.degrees([pitch, np.arctan2(matrix[2, 1], matrix[2, 2]), np.arctan2(matrix[1, 0], matrix[0, 0])])


class Reference:
    """The equation of core/orientation.c on matrices, in float64."""

    def __init__(self) -> None:
        self._matrix: NDArray[np.float64] | None = None

    def update(self, acceleration: Vector, rate: Vector, seconds: float = STEP_S) -> Vector:
        size = np.linalg.norm(acceleration)
        usable = 0.7 <= size <= 1.3
        if self._matrix is None:
            a = acceleration
            pitch, roll = np.arctan2(-a[0], np.hypot(a[1], a[2])), np.arctan2(a[1], a[2])
            self._matrix = matrix_of(*np.degrees([pitch, roll]), 0.0)
            return angles_of(self._matrix)
        turned = self._matrix @ turn(np.radians(rate) * seconds)
        error = np.cross(acceleration / size, turned[2]) if usable else np.zeros(3)
        self._matrix = turned @ turn(error * seconds / (LEAN_S + seconds))
        return angles_of(self._matrix)


def moving_hand(seed: int, count: int) -> Iterator[tuple[Vector, Vector, Vector]]:
    """Return angles, acceleration in g and turn rate in degrees/s (over the step that ends there) of a signing hand."""
    random = np.random.default_rng(seed)
    sizes, speeds, phases = random.uniform(5, 45, 3), random.uniform(0.2, 1.5, 3), random.uniform(0, 6, 3)
    before = None
    for n in range(count):
        pitch, roll, yaw = sizes * np.sin(2 * np.pi * speeds * n * STEP_S + phases)
        matrix = matrix_of(pitch, roll, yaw)
        rate = np.zeros(3)
        if before is not None:
            step = before.T @ matrix
            angle = np.arccos(np.clip((np.trace(step) - 1) / 2, -1, 1))
            axis = np.array([step[2, 1] - step[1, 2], step[0, 2] - step[2, 0], step[1, 0] - step[0, 1]])
            rate = np.degrees(axis / 2 * (angle / np.sin(angle) if angle > 1e-9 else 1)) / STEP_S
        before = matrix
        yield np.array([pitch, roll, yaw]), matrix[2], rate


def off(angles: Vector, expected: Vector) -> float:
    return float(np.max(np.abs(wrap_degrees(angles - expected))))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_it_is_the_equation_to_a_hundredth_of_a_degree(core: ctypes.CDLL, seed: int) -> None:
    """Compare float32 with float64 over 20 s of noisy sensors."""
    mine, reference, random = Filter(core), Reference(), np.random.default_rng(seed)
    for _, acceleration, rate in moving_hand(seed, 1000):
        noisy_a = np.float32(acceleration + random.normal(0, 0.05, 3)).astype(np.float64)
        noisy_r = np.float32(rate + random.normal(0, 2.0, 3)).astype(np.float64)
        assert off(mine.update(noisy_a, noisy_r), reference.update(noisy_a, noisy_r)) < 0.01


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5)
def test_a_signing_hand_is_followed(core: ctypes.CDLL, seed: int) -> None:
    """Follow 30 s with the noise of an MPU-6050: after the first readings pitch and roll are within half a degree.

    Yaw, which nothing corrects, stays within 3.
    """
    mine, random, first = Filter(core), np.random.default_rng(seed), None
    for n, (true, acceleration, rate) in enumerate(moving_hand(seed, 1500)):
        first = true if first is None else first
        angles = mine.update(acceleration + random.normal(0, 0.01, 3), rate + random.normal(0, 0.1, 3))
        assert off(angles[:2], true[:2]) < (0.5 if n * STEP_S > 5 * LEAN_S else 4.0)
        assert abs(wrap_degrees(angles[2] - (true[2] - first[2]))) < 3.0


@given(pitch=st.floats(-90, 90), roll=st.floats(-179.9, 179.9))
def test_the_first_reading_sets_pitch_and_roll(core: ctypes.CDLL, pitch: float, roll: float) -> None:
    matrix = matrix_of(pitch, roll, 0.0)
    angles = Filter(core).update(1.1 * matrix[2], np.zeros(3))
    assert abs(angles[0] - pitch) < 0.05
    if abs(pitch) < 89:
        assert abs(wrap_degrees(angles[1] - roll)) < 0.05
        assert abs(angles[2]) < 0.05


@pytest.mark.parametrize("acceleration", [(0.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.3, 0.3, 0.3)])
def test_without_a_usable_acceleration_the_gyroscope_goes_on_alone(
    core: ctypes.CDLL, acceleration: tuple[float, ...]
) -> None:
    mine = Filter(core)
    mine.update(np.array([0.0, 0.0, 1.0]), np.zeros(3))
    for _ in range(50):
        angles = mine.update(np.array(acceleration), np.array([30.0, 0.0, 0.0]))
    assert angles == pytest.approx([0.0, 30.0, 0.0], abs=0.01)


def test_a_wrong_attitude_is_pulled_straight(core: ctypes.CDLL) -> None:
    mine = Filter(core)
    mine.update(np.array([0.0, 0.0, 1.0]), np.zeros(3))
    tilted = matrix_of(40.0, -30.0, 0.0)[2]
    for _ in range(500):
        angles = mine.update(tilted, np.zeros(3))
    assert angles[:2] == pytest.approx([40.0, -30.0], abs=0.1)


def test_yaw_runs_on_over_180_degrees(core: ctypes.CDLL) -> None:
    mine, seen = Filter(core), []
    for _ in range(1000):
        seen.append(mine.update(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 50.0]))[2])
    assert all(-180.0 <= yaw < 180.0 for yaw in seen)
    assert np.allclose(wrap_degrees(np.diff(seen)), 1.0, atol=1e-3)
    assert max(seen) > 179.0
    assert min(seen) < -178.0


def test_roll_over_180_degrees_stays_in_range(core: ctypes.CDLL) -> None:
    mine = Filter(core)
    for n in range(500):
        roll = wrap_degrees(np.array(n * 1.0))
        angles = mine.update(matrix_of(0.0, float(roll), 0.0)[2], np.array([0.0 if n == 0 else 50.0, 0.0, 0.0]))
        assert -180.0 <= angles[1] < 180.0
        assert abs(wrap_degrees(angles[1] - roll)) < 0.1


def test_straight_up_is_an_angle_like_any_other(core: ctypes.CDLL) -> None:
    """Pass through a pitch of 90 degrees, where roll and yaw turn about the same line: the angles stay finite."""
    mine = Filter(core)
    for n in range(361):
        matrix = matrix_of(float(n), 0.0, 0.0)
        angles = mine.update(matrix[2], np.array([0.0, 0.0 if n == 0 else 50.0, 0.0]))
        assert np.isfinite(angles).all()
        assert abs(angles[0] - angles_of(matrix)[0]) < 0.1
    assert np.max(np.abs(wrap_degrees(angles))) < 0.1


@given(before=st.floats(-170, 170), after=st.floats(-170, 170))
def test_yawzero_makes_yaw_zero(core: ctypes.CDLL, before: float, after: float) -> None:
    mine, level = Filter(core), np.array([0.0, 0.0, 1.0])
    mine.update(level, np.zeros(3))
    mine.update(level, np.array([0.0, 0.0, before]), 1.0)
    mine.zero_yaw()
    assert mine.angles()[2] == 0.0
    yaw = mine.update(level, np.array([0.0, 0.0, after]), 1.0)[2]
    assert abs(wrap_degrees(yaw - after)) < 1e-3
    assert -180.0 <= yaw < 180.0


@given(seed=st.integers(0, 10_000), bias=st.tuples(*[st.floats(-15, 15)] * 3), still=st.integers(0, 120))
@settings(max_examples=8)
def test_the_bridge_computes_the_angles_of_the_firmware(
    core: ctypes.CDLL, seed: int, bias: tuple[float, float, float], still: int
) -> None:
    """Compare the filter of the sketch reader with the chain of core/hand.c: bias, then orientation, over 15 s."""
    mine, theirs, learned, random = orientation.Orientation(), Filter(core), GyroBias(), np.random.default_rng(seed)
    core.sg_gyro_bias_start(learned)
    first: tuple[Vector, Vector] | None = None
    for n, (_, acceleration, rate) in enumerate(moving_hand(seed, 1000)):
        first = first or (acceleration, rate)
        a, r = first if n < still else (acceleration, rate)
        a = np.float32(a + random.normal(0, 0.005, 3)).astype(np.float64)
        r = np.float32(r + bias + random.normal(0, 0.05, 3)).astype(np.float64)
        # A sum of these is exact in float32 too, so that both find the second of stillness at the same sample.
        seconds = 1 / 64 if n else 0.0
        core.sg_gyro_bias_update(learned, floats(*a), floats(*r), seconds)
        expected = theirs.update(a, r - np.array(learned.bias, dtype=np.float64), seconds)
        angles = np.array(mine.update((a[0], a[1], a[2]), (r[0], r[1], r[2]), seconds), dtype=np.float64)
        assert off(angles, expected) < 0.01
