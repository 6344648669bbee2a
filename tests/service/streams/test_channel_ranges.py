from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.channels import ANGLES, CHANNELS, FLEX
from service.streams.channel_ranges import channel_ranges


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_ranges_are_numpys_percentiles(count: int, seed: int) -> None:
    frames = np.random.default_rng(seed).normal(500, 100, (count, 8)).astype(np.float32)
    frames[:, ANGLES] *= np.float32(0.1)
    found = channel_ranges(frames)
    assert [each.channel for each in found] == list(CHANNELS)
    figures = np.array([(each.low, each.middle, each.high) for each in found])
    np.testing.assert_allclose(figures, np.percentile(frames, (5, 50, 95), axis=0).T, atol=0.06)


def test_angles_are_ranged_around_their_median_and_a_missing_sensor_reads_nothing() -> None:
    frames = np.zeros((21, 8), np.float32)
    frames[:, ANGLES] = np.where(np.arange(21) % 2, 179, -179)[:, np.newaxis]
    frames[:, FLEX.start] = np.nan
    missing, *_, yaw = channel_ranges(frames)
    assert (missing.low, missing.high) == (0, 0)
    assert yaw.high - yaw.low == 2
