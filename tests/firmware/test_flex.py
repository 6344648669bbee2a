"""The flex filter: it passes fingers, removes spikes and noise, and does not hide zeros."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.firmware.core import Flex

CUTOFF_HZ = 8.0
COUNTS = st.integers(1, 4095)


def filtered(core: ctypes.CDLL, readings: Sequence[int], step_s: float = 0.02) -> list[float]:
    state = Flex()
    core.sg_flex_start(state)
    return [core.sg_flex_update(state, reading, step_s) for reading in readings]


@given(readings=st.lists(COUNTS, min_size=1, max_size=50))
def test_the_equation(core: ctypes.CDLL, readings: list[int]) -> None:
    tau_s = 1 / (2 * np.pi * CUTOFF_HZ)
    smoothed = expected = float(readings[0])
    for n, value in enumerate(filtered(core, readings)):
        if n > 0:
            middle = readings[0] if n == 1 else float(np.median(readings[n - 2 : n + 1]))
            smoothed += 0.02 / (tau_s + 0.02) * (middle - smoothed)
            expected = smoothed
        assert value == pytest.approx(expected, rel=1e-5)


@given(level=COUNTS, spike=COUNTS, place=st.integers(1, 20))
def test_a_single_spike_leaves_no_trace(core: ctypes.CDLL, level: int, spike: int, place: int) -> None:
    readings = [level] * 30
    readings[place] = spike
    assert filtered(core, readings) == [level] * 30


@given(before=COUNTS, after=COUNTS, zeros=st.integers(1, 3))
def test_a_zero_is_passed_on_and_does_not_colour_what_follows(
    core: ctypes.CDLL, before: int, after: int, zeros: int
) -> None:
    readings = [before] * 5 + [0] * zeros + [after] * 5
    assert filtered(core, readings) == [before] * 5 + [0.0] * zeros + [after] * 5


def test_a_bend_has_arrived_after_a_tenth_of_a_second(core: ctypes.CDLL) -> None:
    bent = filtered(core, [200] * 10 + [800] * 10)
    assert bent[14] > 200 + 0.9 * 600
    assert max(bent) <= 800


def test_noise_above_the_cut_off_is_damped(core: ctypes.CDLL) -> None:
    """Check at 1 kHz, where the median of 3 changes little: a wave of 8 Hz keeps 71 %, one of 80 Hz a tenth."""
    times = np.arange(4000) * 0.001
    for hertz, gain in ((CUTOFF_HZ, 0.707), (10 * CUTOFF_HZ, 0.1)):
        wave = np.round(2000 + 1000 * np.sin(2 * np.pi * hertz * times)).astype(int)
        out = np.array(filtered(core, wave.tolist(), 0.001))[2000:]
        assert (out.max() - out.min()) / 2000 == pytest.approx(gain, abs=0.03)
