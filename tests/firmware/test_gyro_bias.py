"""The gyroscope's bias is found in a still hand, and in no other."""

from __future__ import annotations

import ctypes

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.firmware.core import GyroBias, floats

STEP_S = 0.02
REST = np.array([0.0, 0.0, 1.0])
BIASES = st.tuples(*[st.floats(-15, 15)] * 3).map(np.array)


class Finder:
    def __init__(self, core: ctypes.CDLL) -> None:
        self._core = core
        self._state = GyroBias()
        core.sg_gyro_bias_start(self._state)

    def update(
        self, rate: NDArray[np.float64], acceleration: NDArray[np.float64] = REST, step_s: float = STEP_S
    ) -> bool:
        return bool(self._core.sg_gyro_bias_update(self._state, floats(*acceleration), floats(*rate), step_s))

    def renew(self) -> None:
        self._core.sg_gyro_bias_renew(self._state)

    @property
    def bias(self) -> NDArray[np.float64]:
        return np.array(self._state.bias, dtype=np.float64)

    @property
    def found(self) -> bool:
        return bool(self._state.found)


def rest(finder: Finder, bias: NDArray[np.float64], seconds: float, noise: float = 0.0) -> int:
    random = np.random.default_rng(0)
    return sum(finder.update(bias + random.normal(0, noise, 3)) for _ in range(round(seconds / STEP_S)))


@given(bias=BIASES)
def test_a_second_of_rest_is_enough(core: ctypes.CDLL, bias: NDArray[np.float64]) -> None:
    finder = Finder(core)
    assert rest(finder, bias, 0.98, noise=0.1) == 0
    assert not finder.found
    assert not finder.bias.any()
    assert rest(finder, bias, 0.1, noise=0.1) == 1
    assert np.abs(finder.bias - bias).max() < 0.1


@given(bias=BIASES, seed=st.integers(0, 1000))
def test_a_moving_hand_has_none(core: ctypes.CDLL, bias: NDArray[np.float64], seed: int) -> None:
    finder, random = Finder(core), np.random.default_rng(seed)
    for n in range(500):
        finder.update(bias + 40 * np.sin(n * STEP_S * 6 + random.uniform(0, 0.1, 3)))
    assert not finder.found


def test_a_hand_that_turns_slowly_on_a_table_is_no_bias_once_it_is_known(core: ctypes.CDLL) -> None:
    finder = Finder(core)
    rest(finder, np.zeros(3), 1.1)
    assert finder.found
    assert rest(finder, np.array([0.0, 0.0, 5.0]), 10.0) == 0
    assert not finder.bias.any()


def test_it_is_followed_as_it_creeps(core: ctypes.CDLL) -> None:
    finder = Finder(core)
    for n in range(3000):
        finder.update(np.array([0.05 * n * STEP_S, 0.0, 0.0]))
    assert abs(finder.bias[0] - 3.0) < 0.1


def test_what_no_gyroscope_has_is_no_bias(core: ctypes.CDLL) -> None:
    finder = Finder(core)
    assert rest(finder, np.array([0.0, 25.0, 0.0]), 5.0) == 0


def test_turning_with_gravity_is_not_rest(core: ctypes.CDLL) -> None:
    finder = Finder(core)
    for n in range(500):
        roll = np.radians(8.0 * n * STEP_S)
        assert not finder.update(np.array([8.0, 0.0, 0.0]), np.array([0.0, np.sin(roll), np.cos(roll)]))


def test_renewed_it_is_found_whatever_its_size(core: ctypes.CDLL) -> None:
    finder = Finder(core)
    rest(finder, np.zeros(3), 1.1)
    finder.renew()
    assert not finder.found
    rest(finder, np.array([6.0, 0.0, 0.0]), 1.1)
    assert finder.found
    assert abs(finder.bias[0] - 6.0) < 1e-3


def test_a_second_with_two_samples_is_too_few(core: ctypes.CDLL) -> None:
    finder = Finder(core)
    taken = [finder.update(np.ones(3), step_s=0.5) for _ in range(10)]
    assert taken == [False] * 9 + [True]
