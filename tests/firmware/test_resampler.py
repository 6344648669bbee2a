"""The resampler in C against the service's in Python."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.resampling import MAX_GAP_MS, Arrival, Resampler
from tests.firmware.core import Frame, floats, size_of

PERIOD_US = 20_000
READINGS = st.lists(st.floats(0, 1023, width=32), min_size=5, max_size=5)
ANGLES = st.lists(st.floats(-180, 179.9375, width=32), min_size=3, max_size=3)
STEPS = st.one_of(
    st.integers(1, 249_999), st.sampled_from([1000, 19_990, 20_000, 20_011, 40_000, 249_999, 250_001, 10**6])
)


class CoreResampler:
    def __init__(self, core: ctypes.CDLL) -> None:
        self._core = core
        self._state = ctypes.create_string_buffer(size_of(core, "resampler"))
        core.sg_resampler_start(self._state, PERIOD_US)

    def push(self, time_us: int, values: list[float]) -> tuple[bool, list[list[float]]]:
        frame = Frame(time_us % 2**32, 0, floats(*values[:5]), floats(*values[5:]), floats(0, 0, 0), False)
        begins, sample, samples = self._core.sg_resampler_push(self._state, frame), floats(*[0] * 8), []
        while self._core.sg_resampler_next(self._state, sample):
            samples.append(list(sample))
        return begins, samples


@given(
    start_us=st.sampled_from([0, 2**32 - 100_000]),
    frames=st.lists(st.tuples(STEPS, READINGS, ANGLES), min_size=1, max_size=12),
)
def test_samples_are_those_of_the_time_line(
    core: ctypes.CDLL, start_us: int, frames: list[tuple[int, list[float], list[float]]]
) -> None:
    mine, theirs, time_us = CoreResampler(core), Resampler(1e6 / PERIOD_US), start_us
    for place, (step_us, readings, angles) in enumerate(frames):
        time_us += step_us
        begins, samples = mine.push(time_us, readings + angles)
        arrival = theirs.push(time_us / 1000, readings + angles)
        assert begins == (place == 0 or arrival is Arrival.GAP)
        expected = theirs.draw()
        assert len(samples) == len(expected)
        off = np.abs(np.array(samples).reshape(-1, 8) - expected)
        off[:, 5:] = np.minimum(off[:, 5:], 360 - off[:, 5:])
        assert off.max(initial=0) < 1e-3


@pytest.mark.parametrize("interval_us", [1000, 16_667, 20_000, 33_333, 100_000])
def test_it_does_not_drift(core: ctypes.CDLL, interval_us: int) -> None:
    resampler, count = CoreResampler(core), 0
    for n in range(2000):
        count += len(resampler.push(2**32 - 10**6 + n * interval_us, [0.0] * 8)[1])
    assert count == 1999 * interval_us // PERIOD_US + 1


def test_the_bound_of_a_gap_is_the_service_s(core: ctypes.CDLL) -> None:
    for beyond_us, begins in ((0, False), (1, True)):
        resampler = CoreResampler(core)
        resampler.push(0, [0.0] * 8)
        assert resampler.push(round(MAX_GAP_MS * 1000) + beyond_us, [1.0] * 8)[0] == begins
