from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.trajectory import minimum_jerk
from service.streams.native.build import load
from service.streams.stillness import BENT_COUNTS, TURNED_DEG, still_ms

PERIOD_MS = 20.0
SHAPE = np.array([800, 820, 840, 860, 880, 10, -178, 40], np.float32)
OTHER = np.array([850, 780, 900, 860, 820, 40, 150, 40], np.float32)


def held(frames: int, shape: np.ndarray = SHAPE, seed: int = 0) -> np.ndarray:
    """Return a held hand with the noise of the recordings."""
    noise = np.random.default_rng(seed).normal(0, [3.5] * 5 + [0.05] * 3, (frames, 8))
    return (shape + noise).astype(np.float32)


def moved(frames: int, start: np.ndarray = SHAPE, end: np.ndarray = OTHER) -> np.ndarray:
    part = minimum_jerk(np.linspace(0, 1, frames, dtype=np.float32))[:, np.newaxis]
    change = end - start
    change[6] = (change[6] + 180) % 360 - 180
    return (start + part * change).astype(np.float32)


@given(st.integers(0, 1000))
def test_a_held_hand_is_still_for_as_long_as_it_was_seen(seed: int) -> None:
    assert still_ms(held(64, seed=seed), PERIOD_MS) == (64 - 5) * PERIOD_MS


@given(st.integers(0, 1000), st.integers(10, 40))
def test_after_a_movement_it_is_still_since_about_its_end(seed: int, frames: int) -> None:
    window = np.concatenate([held(20, seed=seed), moved(20), held(frames, OTHER, seed)])
    assert still_ms(window, PERIOD_MS) == pytest.approx(frames * PERIOD_MS, abs=80)


@given(st.integers(0, 1000), st.integers(12, 30))
def test_on_its_way_it_is_not_still(seed: int, frames: int) -> None:
    whole = np.concatenate([held(20, seed=seed), moved(frames)])
    assert still_ms(whole[: 20 + frames * 6 // 10], PERIOD_MS) < 60


def test_wrapped_angles_and_slow_rotation_are_still() -> None:
    window = held(40)
    window[20:, 6] += 358.5
    window[:, 7] = np.linspace(-170, 170, 40)
    assert still_ms(window, PERIOD_MS) == 35 * PERIOD_MS


@pytest.mark.parametrize("lost", [slice(10, 14), slice(35, 40), slice(0, 40)], ids=["once", "at the end", "always"])
def test_a_sensor_that_loses_contact_is_no_movement(lost: slice) -> None:
    window = held(40)
    window[lost, 1] = 0
    assert still_ms(window, PERIOD_MS) == 35 * PERIOD_MS


def test_how_much_is_a_movement() -> None:
    step = np.repeat(SHAPE[np.newaxis], 40, axis=0)
    for channel, most in ((5, TURNED_DEG), (0, BENT_COUNTS * np.sqrt(5))):
        for factor, still in ((0.9, True), (1.1, False)):
            window = step.copy()
            window[:20, channel] -= np.float32(factor * most)
            assert (still_ms(window, PERIOD_MS) == 35 * PERIOD_MS) == still


@pytest.mark.parametrize("frames", [1, 4, 5, 6])
def test_few_frames_are_no_evidence(frames: int) -> None:
    assert still_ms(held(frames), PERIOD_MS) == max(0, frames - 5) * PERIOD_MS


@pytest.mark.parametrize("frames", [held(64).astype(np.float64), held(64)[:, :7]])
def test_frames_of_other_sizes_never_reach_c(frames: np.ndarray) -> None:
    if load() is None:
        pytest.skip("nothing is compiled")
    for seen, raw in ((frames, None), (held(64), frames), (held(64), held(63))):
        with pytest.raises(ValueError, match="float32"):
            still_ms(seen, PERIOD_MS, raw)
