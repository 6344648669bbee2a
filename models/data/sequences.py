"""Training sequences for a network whose state is carried on: letters one after another, as a hand signs them.

Where `models.data.dataset.WindowSampler` gives a window and what it shows, this gives several letters in a row,
joined by
movements, and what the hand holds in each frame.
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
    movement,
)
from scaleglove.channels import CHANNELS

NOTHING_HELD: Final = -1
"""Label of a frame in a movement, or of a hold so young that nobody could know its letter."""

UNKNOWN_FRAMES: Final = 6
"""Of each hold: a tenth of a second, and what the towers look ahead."""

_SHORTEST_HOLD: Final = 15


@dataclass(frozen=True, slots=True)
class Sequences:
    """`frames` float32[B, time, 8] raw; `labels` int64[B, time]: the letter held in each frame, or NOTHING_HELD."""

    frames: NDArray[np.float32]
    labels: NDArray[np.int64]


class SequenceSampler:
    """Draws augmented training sequences from recordings.

    What is drawn is a function of seed, epoch and the batch's recordings alone, as of `WindowSampler`.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        sequence_frames: int,
        longest_hold: int,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self._recordings = recordings
        self._sequence_frames = sequence_frames
        self._longest_hold = longest_hold
        self._augmentation = augmentation
        self._augmenter = WindowAugmenter(recordings, augmentation)
        self._seed = seed

    def batch(self, indices: Sequence[int], epoch: int) -> Sequences:
        """As many sequences as the longest holds of these recordings would fill, each beginning with some of them."""
        rng = np.random.default_rng((self._seed, epoch, *indices))
        count = max(1, len(indices) * self._longest_hold // self._sequence_frames)
        drawn = [self._sequence(indices[number::count], rng) for number in range(count)]
        frames, labels = zip(*drawn, strict=True)
        return Sequences(np.stack(frames), np.stack(labels))

    def _sequence(
        self, indices: Sequence[int], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """A piece of a longer row of letters: a stream, too, is joined anywhere."""
        frames, labels = np.empty((0, len(CHANNELS)), np.float32), np.empty(0, np.int64)
        for index in chain(indices, self._any(rng)):
            hold = self._hold(index, rng)
            if len(frames):
                way = movement(frames[-1], hold[0], int(rng.integers(*self._augmentation.movement_frames)))
                frames = np.concatenate([frames, way])
                labels = np.concatenate([labels, np.full(len(way), NOTHING_HELD)])
            frames = np.concatenate([frames, hold])
            labels = np.concatenate([labels, _labels(hold, self._recordings[index].label)])
            if len(frames) >= self._sequence_frames:
                break
        begin = int(rng.integers(0, len(frames) - self._sequence_frames + 1))
        piece = slice(begin, begin + self._sequence_frames)
        return self._augmenter.disturb(frames[piece], rng), labels[piece]

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
