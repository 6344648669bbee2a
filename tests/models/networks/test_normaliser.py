from __future__ import annotations

import numpy as np
import pytest

from models.networks.normaliser import Normaliser


@pytest.fixture(scope="module")
def raw() -> np.ndarray:
    rng = np.random.default_rng(0)
    flex = rng.normal(850, 30, (4000, 5))
    angles = np.stack([rng.normal(20, 10, 4000), rng.normal(179, 8, 4000), rng.normal(-100, 30, 4000)], axis=1)
    return np.hstack([flex, (angles + 180) % 360 - 180]).astype(np.float32)


def test_training_data_comes_out_with_mean_0_and_spread_1(raw: np.ndarray) -> None:
    normalised = Normaliser.fit([raw]).apply(raw)
    np.testing.assert_allclose(normalised.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(normalised.std(axis=0), 1, atol=1e-3)


def test_roll_at_the_wrap_is_no_jump_and_a_whole_turn_no_difference(raw: np.ndarray) -> None:
    normaliser = Normaliser.fit([raw])
    frames = np.tile(raw[:1], (3, 1))
    frames[:, 6] = [179.9, -179.9, 540.1]
    roll = normaliser.apply(frames)[:, 6]
    assert abs(roll[0] - roll[1]) < 0.05
    assert roll[1] == pytest.approx(roll[2], abs=1e-4)


def test_a_dropped_flex_sensor_becomes_the_training_median_and_does_not_move_the_fit(raw: np.ndarray) -> None:
    dropped = raw.copy()
    dropped[::3, 1] = np.arange(len(dropped[::3])) % 50  # 0 to 49 counts: lost contact
    clean, dirty = Normaliser.fit([np.delete(raw, np.s_[::3], axis=0)]), Normaliser.fit([dropped])
    np.testing.assert_allclose(dirty.gain[1], clean.gain[1], rtol=1e-6)
    frame = raw[:1].copy()
    frame[0, 1] = 0
    median = frame.copy()
    median[0, 1] = np.median(raw[np.arange(len(raw)) % 3 != 0, 1])
    np.testing.assert_allclose(dirty.apply(frame), dirty.apply(median), atol=1e-6)


def test_survives_being_stored(raw: np.ndarray) -> None:
    normaliser = Normaliser.fit([raw])
    np.testing.assert_array_equal(Normaliser.from_dict(normaliser.as_dict()).apply(raw), normaliser.apply(raw))
