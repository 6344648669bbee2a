from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.device_clock import DeviceClock


def watch(offset_ms: float, drift_ppm: float, seconds: int, jitter_ms: float, seed: int = 0) -> DeviceClock:
    """Observe a device at 100 Hz whose messages take 2 ms and up to `jitter_ms` more."""
    rng, clock = np.random.default_rng(seed), DeviceClock()
    for host_ms in np.arange(0, seconds * 1000, 10.0):
        t_ms = (host_ms - offset_ms) / (1 + drift_ppm * 1e-6)
        clock.observe(t_ms, host_ms + 2 + rng.exponential(jitter_ms) if jitter_ms else host_ms + 2)
    return clock


def test_nothing_is_known_before_a_frame() -> None:
    assert DeviceClock().mapping is None


@given(st.floats(-1e6, 1e6), st.sampled_from([0.0, 20.0, -80.0]), st.floats(0, 20))
def test_offset_lies_within_the_uncertainty(offset_ms: float, drift_ppm: float, jitter_ms: float) -> None:
    mapping = watch(offset_ms, drift_ppm, 30, jitter_ms).mapping
    assert mapping is not None
    true_ms = offset_ms + 29_000 * drift_ppm * 1e-6  # by the end of the watching
    slack_ms = 0.3 + abs(offset_ms) * abs(drift_ppm) * 1e-6
    assert true_ms <= mapping.offset_ms + slack_ms  # the way only adds
    assert mapping.offset_ms - 2 <= true_ms + mapping.uncertainty_ms + slack_ms


def test_drift_is_estimated_after_a_while_and_subtracted_from_the_uncertainty() -> None:
    assert (short := watch(0, 100, 5, 0).mapping) is not None
    assert short.drift_ppm is None
    assert (long := watch(0, 100, 60, 0).mapping) is not None
    assert long.drift_ppm == pytest.approx(100, abs=1)
    assert long.uncertainty_ms < 0.01


def test_a_worse_way_is_more_uncertain() -> None:
    calm, wild = watch(0, 0, 60, 1).mapping, watch(0, 0, 60, 50).mapping
    assert calm is not None
    assert wild is not None
    assert calm.uncertainty_ms < wild.uncertainty_ms / 5


def test_a_new_clock_is_a_new_mapping() -> None:
    clock = watch(0, 0, 20, 1)
    clock.reset()
    assert clock.mapping is None
    clock.observe(5.0, 1005.0)
    assert clock.mapping is not None
    assert clock.mapping.offset_ms == 1000
