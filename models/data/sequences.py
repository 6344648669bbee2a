"""Training sequences for a network whose state continues: consecutive letters, as a hand signs them.

Where `models.data.dataset.WindowSampler` draws a window with one label, this draws several letters joined by
transitions, with a label for each frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import (
    Augmentation,
    Recording,
    WindowAugmenter,
    crop,
    trajectory,
)
from scaleglove.channels import CHANNELS

NOTHING_HELD: Final = -1
"""Label of a frame in a transition, or in the first UNKNOWN_FRAMES of a hold."""

UNKNOWN_FRAMES: Final = 6
"""Frames of a hold before its letter can be known: a tenth of a second, and the lookahead of the towers."""

_SHORTEST_HOLD: Final = 15


@dataclass(frozen=True, slots=True)
class Sequences:
    """Batch of sequences: `frames` float32[B, time, 8] raw; `labels` int64[B, time]: the letter held, or
    NOTHING_HELD."""

    frames: NDArray[np.float32]
    labels: NDArray[np.int64]


class SequenceSampler:
    """Draws augmented training sequences from recordings.

    A batch is a function of seed, epoch and its recordings alone, as with `WindowSampler`.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        sequence_frames: int,
        longest_hold: int,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self._augmenter = WindowAugmenter(recordings, augmentation)
        self._recordings = self._augmenter.recordings
        self._sequence_frames = sequence_frames
        self._longest_hold = longest_hold
        self._augmentation = augmentation
        self._seed = seed

    def batch(self, indices: Sequence[int], epoch: int) -> Sequences:
        """Draw as many sequences as the longest holds of these recordings would fill, each beginning with some of
        them."""
        rng = np.random.default_rng((self._seed, epoch, *indices))
        count = max(1, len(indices) * self._longest_hold // self._sequence_frames)
        drawn = [self._sequence(indices[number::count], rng) for number in range(count)]
        frames, labels = zip(*drawn, strict=True)
        return Sequences(np.stack(frames), np.stack(labels))

    def _sequence(
        self, indices: Sequence[int], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Draw a random piece of a longer row of letters, since a stream may begin anywhere."""
        frames, labels = np.empty((0, len(CHANNELS)), np.float32), np.empty(0, np.int64)
        for index in chain(indices, self._any(rng)):
            hold = self._hold(index, rng)
            if len(frames):
                transition = trajectory(frames[-1], hold[0], int(rng.integers(*self._augmentation.movement_frames)))
                frames = np.concatenate([frames, transition])
                labels = np.concatenate([labels, np.full(len(transition), NOTHING_HELD)])
            frames = np.concatenate([frames, hold])
            labels = np.concatenate([labels, _labels(hold, self._recordings[index].label)])
            if len(frames) >= self._sequence_frames:
                break
        begin = int(rng.integers(0, len(frames) - self._sequence_frames + 1))
        piece = slice(begin, begin + self._sequence_frames)
        return self._augmenter.disturb(self._augmenter.ranged(frames[piece], rng), rng), labels[piece]

    def _hold(self, index: int, rng: np.random.Generator) -> NDArray[np.float32]:
        recording = self._recordings[index]
        held = int(rng.integers(_SHORTEST_HOLD, self._longest_hold + 1))
        return self._augmenter.swapped(crop(recording.samples, held, rng), recording.label, rng)

    def _any(self, rng: np.random.Generator) -> Iterator[int]:
        while True:
            yield int(rng.integers(len(self._recordings)))


def _labels(hold: NDArray[np.float32], label: int) -> NDArray[np.int64]:
    labels = np.full(len(hold), label, np.int64)
    labels[:UNKNOWN_FRAMES] = NOTHING_HELD
    return labels
