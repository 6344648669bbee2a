"""Frames of a held shape in half the memory: a thousandth of what a held hand varies by is lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.channels import ANGLES, FLEX
from scaleglove.resampling import wrap_degrees
from service.streams.packed_frames import pack, unpack


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_frames_come_out_as_they_went_in(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.normal([850] * 5 + [179] * 3, [8] * 5 + [1] * 3, (count, 8)).astype(np.float32)
    frames[:, ANGLES] = wrap_degrees(frames[:, ANGLES])
    packed = pack(frames)
    assert len(packed) == 32 + 16 * count
    found = unpack(packed)
    assert np.abs(found - frames)[:, FLEX].max() < 0.05
    assert np.abs(wrap_degrees(found[:, ANGLES] - frames[:, ANGLES])).max() < 0.01


def test_a_sensor_that_is_missing_stays_missing() -> None:
    frames = np.full((4, 8), 3, np.float32)
    frames[1:, 2] = np.nan
    np.testing.assert_array_equal(unpack(pack(frames)), frames)


def test_a_shape_that_is_kept_twice_has_its_bytes_once() -> None:
    frames = np.arange(80, dtype=np.float32).reshape(10, 8)
    assert pack(frames) is pack(frames.copy())
