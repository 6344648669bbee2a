from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.cli.options import left_out_of
from models.data.dataset import (
    YAW,
    Augmentation,
    Batch,
    HoldOut,
    HoldOutError,
    Recording,
    WindowSampler,
    to_recordings,
    trajectory,
)
from scaleglove.recordings import Episode
from scaleglove.vocabulary import load_vocabulary

PLAIN = Augmentation(full_window=0, letter_before=0, flex_dropped=0, flex_offset=0, angle_offset=0)
SEEDS = st.integers(0, 10_000)
ALL = range(9)


def recordings(*frames: int) -> list[Recording]:
    """Make three of each letter, none of which moves: a reading tells its letter (hundreds) and which of its three
    (ones) it is from. `frames` long in turn."""
    return [
        Recording(np.full((frames[n % len(frames)], 8), 100 * (5 + n // 3) + n % 3, np.float32), n // 3, "x", "1")
        for n in ALL
    ]


def drawn(augmentation: Augmentation, seed: int = 0, epoch: int = 0, frames: tuple[int, ...] = (90, 120)) -> Batch:
    return WindowSampler(recordings(*frames), 80, 10, augmentation, seed).batch(ALL, epoch)


def letters(frames: object) -> object:
    """Return the letter that each reading is from."""
    return frames // 100 - 5


@given(SEEDS)
def test_a_batch_of_short_windows_has_one_useful_length_and_each_its_own_letter(seed: int) -> None:
    batch = drawn(PLAIN, seed)
    assert batch.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert len(set(batch.lengths)) == 1
    assert 10 <= batch.lengths[0] <= PLAIN.short_frames
    assert batch.frames.shape == (9, batch.lengths[0], 8)
    assert (batch.frames == batch.frames[:, :1, :1]).all()
    assert (letters(batch.frames[:, 0, 0]) == batch.labels).all()


def test_every_useful_length_comes() -> None:
    lengths = {int(drawn(PLAIN, epoch=epoch).lengths[0]) for epoch in range(400)}
    assert lengths == set(range(10, PLAIN.short_frames + 1))


def test_full_windows_are_as_many_as_asked() -> None:
    assert {*drawn(replace(PLAIN, full_window=1)).lengths} == {80}
    full = [drawn(replace(PLAIN, full_window=0.3), epoch=epoch).lengths[0] == 80 for epoch in range(400)]
    assert np.mean(full) == pytest.approx(0.3, abs=0.08)


@given(SEEDS)
def test_a_recording_that_is_too_short_gives_all_it_has_and_zeros_beyond(seed: int) -> None:
    batch = drawn(replace(PLAIN, full_window=1, channel_swapped=0.5), seed, frames=(90, 20, 35))
    assert batch.lengths.tolist() == [80, 20, 35] * 3
    for row, length in zip(batch.frames, batch.lengths, strict=True):
        assert (row[:length] >= 500).all()
        assert (row[length:] == 0).all()


@given(SEEDS)
def test_after_another_letter_the_window_still_ends_with_its_own(seed: int) -> None:
    batch = drawn(replace(PLAIN, full_window=1, letter_before=1), seed)
    assert (batch.lengths <= 80).all()
    for row, length, label in zip(batch.frames, batch.lengths, batch.labels, strict=True):
        assert (letters(row[length - 10 : length]) == label).all()


def test_before_its_own_letter_stands_another() -> None:
    batch = drawn(replace(PLAIN, full_window=1, letter_before=1))
    assert len(set(letters(batch.frames[:, 0, 0]).tolist())) > 1
    short = drawn(replace(PLAIN, letter_before=1))
    assert (letters(short.frames[:, 0, 0]) == short.labels).all()  # a short window does not contain it


@given(SEEDS)
def test_swapped_channels_come_from_the_same_letter(seed: int) -> None:
    batch = drawn(replace(PLAIN, channel_swapped=0.5), seed)
    assert (letters(batch.frames) == batch.labels[:, np.newaxis, np.newaxis]).all()
    assert (batch.frames == batch.frames[:, :1]).all()  # a channel is swapped throughout


def test_channels_are_swapped_as_often_as_asked() -> None:
    own = np.array([r.samples[0, 0] for r in recordings(90)])[:, np.newaxis]
    for asked in (0.0, 0.3, 1.0):
        epochs = [drawn(replace(PLAIN, channel_swapped=asked), epoch=epoch).frames[:, 0] for epoch in range(40)]
        # The other recording of the letter is one in three times the same.
        assert np.mean([frames != own for frames in epochs]) == pytest.approx(asked * 2 / 3, abs=0.05 * bool(asked))
    assert any(len(set(row)) > 1 for row in drawn(replace(PLAIN, channel_swapped=0.3)).frames[:, 0])


def test_yaw_is_turned_only_when_asked_and_alone() -> None:
    plain, turned = drawn(PLAIN), drawn(replace(PLAIN, yaw_turned=1))
    turn = turned.frames - plain.frames
    assert (np.delete(turn, YAW, axis=2) == 0).all()
    assert (turn[:, :, YAW] == turn[:, :1, YAW]).all()  # by one angle throughout a window
    turns = np.stack([drawn(replace(PLAIN, yaw_turned=1), epoch=epoch).frames[:, 0, YAW] for epoch in range(40)])
    turns -= plain.frames[:, 0, YAW]
    assert (np.abs(turns) <= 180 + 1e-3).all()
    assert np.histogram(turns, 4, (-180, 180))[0].min() > 50  # of 360


def test_flex_sensors_lose_contact_and_everything_is_offset_as_asked() -> None:
    lost = drawn(replace(PLAIN, flex_dropped=1)).frames == 0
    assert (lost.all(axis=1).sum(axis=1) == 1).all()
    assert not lost[:, :, 5:].any()
    moved = drawn(replace(PLAIN, flex_offset=4)).frames - drawn(PLAIN).frames
    assert (moved[:, :, 5:] == 0).all()
    assert (moved[:, 0, :5] != 0).all()


def test_windows_are_a_function_of_seed_epoch_and_batch() -> None:
    def windows(seed: int, epoch: int, indices: list[int]) -> bytes:
        everything = Augmentation(channel_swapped=0.2, yaw_turned=0.3)
        sampler = WindowSampler(recordings(90, 120), 80, 10, everything, seed)
        sampler.batch([1, 2], 0)  # what was drawn before makes no difference
        return sampler.batch(indices, epoch).frames.tobytes()

    assert windows(7, 3, [0, 4, 8]) == windows(7, 3, [0, 4, 8])
    others = [windows(8, 3, [0, 4, 8]), windows(7, 4, [0, 4, 8]), windows(7, 3, [0, 4, 7])]
    assert windows(7, 3, [0, 4, 8]) not in others


def test_recordings_are_left_alone() -> None:
    given_ = recordings(90, 30)
    for seed in range(20):
        WindowSampler(given_, 80, 10, Augmentation(1, channel_swapped=0.5, yaw_turned=1), seed).batch(ALL, 0)
    for one, untouched in zip(given_, recordings(90, 30), strict=True):
        np.testing.assert_array_equal(one.samples, untouched.samples)


def test_movement_is_smooth_and_takes_angles_the_shorter_arc() -> None:
    start, end = np.zeros(8, np.float32), np.full(8, 100, np.float32)
    start[5:], end[5:] = 170, -170
    way = trajectory(start, end, 49)
    assert way[24, 0] == pytest.approx(50, abs=1e-3)
    assert way[24, 5] == pytest.approx(180, abs=1e-3)
    steps = np.diff(way[:, 0])
    assert (steps > 0).all()
    assert steps[0] < 0.1 * steps.max()  # at rest at both ends


HELD_OUT_FROM = [
    Recording(np.zeros((10, 8), np.float32), 0, collection, bend)
    for collection in ("collection_a", "collection_b")
    for bend in "123"
]


@pytest.mark.parametrize(
    ("left_out", "kept", "names"),
    [
        (HoldOut(), 6, ""),
        (HoldOut(bends=("3",)), 4, "bend 3"),
        (HoldOut(collections=("collection_b",)), 3, "collection_b"),
        (HoldOut(("1", "2"), ("collection_a",)), 1, "bend 1, bend 2, collection_a"),
    ],
)
def test_what_is_left_out_is_not_there(left_out: HoldOut, kept: int, names: str) -> None:
    remaining = left_out.kept(HELD_OUT_FROM)
    assert len(remaining) == kept
    assert not {r.bend for r in remaining} & set(left_out.bends)
    assert not {r.collection for r in remaining} & set(left_out.collections)
    assert left_out.names() == names


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        (HoldOut(bends=("9",)), "no bend 9 to leave out; there are: 1, 2, 3"),
        (HoldOut(collections=("b",)), "no collection b to leave out"),
        (HoldOut(bends=("1", "2", "3")), "nothing is left to train on without bend 1, bend 2, bend 3"),
    ],
)
def test_what_cannot_be_left_out_is_reported(left_out: HoldOut, words: str) -> None:
    with pytest.raises(HoldOutError, match=words):
        left_out.kept(HELD_OUT_FROM)


def test_episodes_without_a_label_or_a_sensor_are_left_out_and_the_reasons_are_said() -> None:
    values = np.full((60, 8), 800, np.float32)
    without = values.copy()
    without[:, 1] = np.nan

    def episode(values: NDArray[np.float32], label: str) -> Episode:
        return Episode(Path(), "x", label, "1", 20.0 * np.arange(len(values)), values, Counter())

    episodes = [
        episode(values, "ㄱ"),
        episode(without, "ㄱ"),
        episode(values, "hello"),
        episode(values, ""),
        episode(values[:3], "ㄴ"),
    ]
    usable, left_out = to_recordings(episodes, 50, 10)
    assert [recording.label for recording in usable] == [0]
    assert left_out == 4
    assert left_out_of(episodes, left_out, 10, load_vocabulary("korean")) == [
        "1 episodes without readings of flex2",
        "1 episodes of labels that vocabulary korean does not have: hello",
        "1 episodes without a label (folders COLLECTION/LABEL/BEND name it)",
        "1 episodes shorter than 10 frames",
    ]
