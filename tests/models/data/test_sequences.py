"""Training sequences: letters in a row, each frame with what the hand holds in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.dataset import Augmentation, Recording
from models.data.sequences import (
    NOTHING_HELD,
    UNKNOWN_FRAMES,
    Sequences,
    SequenceSampler,
)
from tests.models.data.test_dataset import (
    ALL,
    PLAIN,
    SEEDS,
    letters,
    recordings,
)

FRAMES = 160
LONG = (90,)


def drawn(seed: int, epoch: int = 0, augmentation: Augmentation = PLAIN, frames: tuple[int, ...] = LONG) -> Sequences:
    return SequenceSampler(recordings(*frames), FRAMES, 80, augmentation, seed).batch(ALL, epoch)


@given(SEEDS, st.sampled_from([(90,), (90, 20, 12), (200, 10)]))
def test_every_frame_that_has_a_label_is_of_a_recording_of_that_letter(seed: int, frames: tuple[int, ...]) -> None:
    batch = drawn(seed, frames=frames)
    assert batch.frames.shape == (len(ALL) * 80 // FRAMES, FRAMES, 8)
    assert batch.frames.dtype == np.float32
    held = batch.labels != NOTHING_HELD
    assert (letters(batch.frames[held][:, 0]) == batch.labels[held]).all()


@given(SEEDS)
def test_a_letter_is_asked_for_only_when_it_has_been_held_for_a_while(seed: int) -> None:
    batch = drawn(seed)
    for frames, labels in zip(batch.frames, batch.labels, strict=True):
        begins = np.flatnonzero((labels[1:] != NOTHING_HELD) & (labels[:-1] == NOTHING_HELD)) + 1
        for begin in begins[begins >= UNKNOWN_FRAMES]:
            assert (frames[begin - UNKNOWN_FRAMES : begin, 0] == frames[begin, 0]).all()


def test_the_way_from_letter_to_letter_takes_as_long_as_a_hand_does() -> None:
    sampler = SequenceSampler([recordings(90)[0], recordings(90)[-1]], FRAMES, 80, PLAIN, 0)
    ways = []
    for epoch in range(200):
        frames = sampler.batch([0, 1], epoch).frames[0, :, 0]
        on_the_way = ~np.isin(frames, [500, 702])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], on_the_way, [False]]).astype(int)))
        ways += [end - begin for begin, end in edges.reshape(-1, 2) if begin > 0 and end < FRAMES]
    low, high = PLAIN.movement_frames
    assert ways
    assert (min(ways), max(ways)) == (low, high - 1)


def test_the_same_place_of_a_training_gives_the_same_sequences_and_no_other_does() -> None:
    lively = replace(PLAIN, flex_offset=4.0, channel_swapped=0.2)
    first, again = drawn(3, 1, lively), drawn(3, 1, lively)
    np.testing.assert_array_equal(first.frames, again.frames)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert (first.frames != drawn(3, 2, lively).frames).any()
    assert (first.frames != drawn(4, 1, lively).frames).any()


@pytest.mark.parametrize("count", [1, 2])
def test_few_recordings_are_enough(count: int) -> None:
    few = [Recording(np.full((10, 8), 700, np.float32), 5, "x", "1")] * count
    batch = SequenceSampler(few, FRAMES, 80, PLAIN, 0).batch(range(count), 0)
    assert batch.frames.shape == (1, FRAMES, 8)
