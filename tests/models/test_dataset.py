from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dataset import Augmentation, Recording, WindowSampler, movement

PLAIN = Augmentation(full_window=0, letter_before=0, flex_dropped=0, flex_offset=0, angle_offset=0)


def recordings() -> list[Recording]:
    """Each letter holds still at its own reading, so that one sees in a window which letter it came from."""
    return [
        Recording(np.full((n, 8), 500 + 10 * label, np.float32), label, "x", "1")
        for label, n in enumerate((90, 120, 30))
    ]


def sampler(augmentation: Augmentation, seed: int = 0) -> WindowSampler:
    return WindowSampler(recordings(), 80, 10, augmentation, seed)


@given(st.integers(0, 10_000))
def test_windows_have_every_useful_length_and_zeros_beyond(seed: int) -> None:
    batch = sampler(PLAIN, seed).batch([0, 1, 2], epoch=0)
    assert batch.labels.tolist() == [0, 1, 2]
    assert ((batch.lengths >= 10) & (batch.lengths <= 80)).all()
    for row, length, label in zip(batch.frames, batch.lengths, batch.labels, strict=True):
        assert (row[:length] == 500 + 10 * label).all()
        assert (row[length:] == 0).all()


@given(st.integers(0, 10_000))
def test_after_another_letter_the_window_still_ends_with_its_own(seed: int) -> None:
    batch = sampler(Augmentation(1, 1, flex_dropped=0, flex_offset=0, angle_offset=0), seed).batch([0, 1, 2], epoch=0)
    for row, length, label in zip(batch.frames, batch.lengths, batch.labels, strict=True):
        assert (row[length - 10 : length] == 500 + 10 * label).all()
        assert length <= 80


def test_a_window_is_a_function_of_seed_epoch_and_recording() -> None:
    def drawn(seed: int, epoch: int) -> list[list[float]]:
        """The windows of the three recordings, each drawn alone and the last first."""
        one = sampler(Augmentation(), seed)
        return [one.batch([index], epoch).frames[0].ravel().tolist() for index in (2, 1, 0)][::-1]

    assert drawn(7, 3) == drawn(7, 3)
    together = sampler(Augmentation(), 7).batch([0, 1, 2], epoch=3)
    for row, length, alone in zip(together.frames, together.lengths, drawn(7, 3), strict=True):
        assert row[:length].ravel().tolist() == alone
    for other in (drawn(8, 3), drawn(7, 4)):
        assert all(one != two for one, two in zip(drawn(7, 3), other, strict=True))


def test_recordings_are_left_alone() -> None:
    made = sampler(Augmentation())
    for epoch in range(20):
        made.batch([0, 1, 2], epoch)
    assert all((r.samples == r.samples[0, 0]).all() for r in made._recordings)


def test_movement_is_smooth_and_takes_angles_the_short_way() -> None:
    start, end = np.zeros(8, np.float32), np.full(8, 100, np.float32)
    start[5:], end[5:] = 170, -170
    way = movement(start, end, 49)
    assert way[24, 0] == pytest.approx(50, abs=1e-3)
    assert way[24, 5] == pytest.approx(180, abs=1e-3)
    steps = np.diff(way[:, 0])
    assert (steps > 0).all()
    assert steps[0] < 0.1 * steps.max()  # at rest at both ends
