"""Training windows from recordings: crops of every useful length, like the windows of a glove in use.

A recording is one letter held still; a window in use may also contain the end of the letter before and the transition,
a sensor may have lost contact, and the glove sits a little differently every day. `WindowSampler` makes such windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.data.ranges import COUNTS, MANY_PEOPLE, Ranges, Unit
from models.data.sessions import sessions_of
from models.runtime.contract import pad
from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.errors import ScaleGloveError
from scaleglove.recordings import Episode
from scaleglove.resampling import resample, wrap_degrees
from scaleglove.trajectory import minimum_jerk
from scaleglove.vocabulary import Vocabulary, load_vocabulary

YAW = CHANNELS.index("yaw")


@dataclass(frozen=True, slots=True)
class Recording:
    """One labelled episode at the model's rate: `samples` float32[n, 8] with the flex sensors in counts, the unit that
    they were in, and the session that it is of (`models.data.sessions`)."""

    samples: NDArray[np.float32]
    label: int
    collection: str
    bend: str
    unit: Unit = COUNTS
    session: str = ""


def common_ranges(recordings: Sequence[Recording]) -> tuple[list[Recording], Ranges]:
    """Return the recordings in the common range of their collections, and the ranges."""
    ranges = Ranges.of([one.samples for one in recordings], [one.collection for one in recordings])
    return [replace(one, samples=ranges.to_common(one.samples, one.collection)) for one in recordings], ranges


def are_many_people(recordings: Sequence[Recording]) -> bool:
    """Tell whether the recordings are of enough people to give each the ranges of others."""
    return len({recording.collection for recording in recordings}) >= MANY_PEOPLE


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Augmentation of training windows: probabilities, and standard deviations in raw units."""

    full_window: float = 0.3
    """Probability for a batch; the windows of other batches have one common length of at most `short_frames`, after
    which a letter is known, since the cost of a training step is proportional to its frames."""
    short_frames: int = 30
    letter_before: float = 0.5
    """Probability for a full window."""
    movement_frames: tuple[int, int] = (8, 25)
    channel_swapped: float = 0.0
    """Probability that a channel is taken from another recording of the letter, so that the network does not rely on
    the combination of channels in one way of holding the letter."""
    other_range: float = 0.0
    """Probability that a window has the ranges of another person's flex sensors (`models.data.ranges`), the others the
    common ones; 0 leaves every recording its own."""
    yaw_turned: float = 0.0
    """Probability that yaw is rotated by a random angle: its zero is its direction when the glove starts."""
    flex_dropped: float = 0.05
    flex_offset: float = 4.0
    angle_offset: float = 3.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Batch of windows: `frames` float32[B, time, 8] raw, zero beyond each window; `lengths` and `labels` int64[B]."""

    frames: NDArray[np.float32]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]


def to_recordings(
    episodes: Sequence[Episode], sample_rate_hz: float, min_frames: int, vocabulary: Vocabulary | None = None
) -> tuple[list[Recording], int]:
    """Resample labelled episodes to the model's rate; also return how many are left out: without a label
    of the vocabulary (by default the Korean letters), without a sensor, or shorter than `min_frames`."""
    index = {name: number for number, name in enumerate((vocabulary or load_vocabulary("korean")).names)}
    unit = Unit.of(episodes)
    recordings = [
        Recording(
            unit.apply(resample(episode.t_ms, episode.values, sample_rate_hz)),
            index[episode.label],
            episode.collection,
            episode.bend,
            unit,
            session,
        )
        for episode, session in zip(episodes, sessions_of(episodes), strict=True)
        if episode.label in index and not episode.missing
    ]
    usable = [recording for recording in recordings if len(recording.samples) >= min_frames]
    return usable, len(episodes) - len(usable)


def to_batch(windows: Sequence[NDArray[np.float32]], labels: Sequence[int]) -> Batch:
    """Make a batch of windows float32[n_i, 8] of different lengths and their labels."""
    return Batch(*pad(windows), np.array(labels, np.int64))


class WindowAugmenter:
    """Augments single windows of raw frames."""

    def __init__(self, recordings: Sequence[Recording], augmentation: Augmentation) -> None:
        self._ranges: Ranges | None = None
        if augmentation.other_range:
            recordings, self._ranges = common_ranges(recordings)
        self.recordings = recordings
        """The recordings to draw windows from: those given, or these in the common range."""
        self._augmentation = augmentation
        self._same_letter = _by_label(recordings)

    def swapped(self, window: NDArray[np.float32], label: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the window with some channels of another recording of its letter."""
        others = self._same_letter[label]
        other = crop(self.recordings[others[rng.integers(len(others))]].samples, len(window), rng)
        swapped = rng.random(window.shape[1]) < self._augmentation.channel_swapped
        if len(other) < len(window):  # a short recording is extended by its last frame
            other = np.concatenate([other, np.repeat(other[-1:], len(window) - len(other), axis=0)])
        return np.where(swapped, other, window)

    def ranged(self, window: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the window, which is in the common range, possibly with that of another person."""
        if self._ranges is None or rng.random() >= self._augmentation.other_range:
            return window
        return self._ranges.as_another(window, rng)

    def disturb(self, window: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the window with the offsets of another day, and possibly a dropped sensor or rotated yaw."""
        amount = self._augmentation
        window = window.copy()
        window[:, FLEX] += rng.normal(0, amount.flex_offset, 5).astype(np.float32)
        window[:, ANGLES] += rng.normal(0, amount.angle_offset, 3).astype(np.float32)
        if rng.random() < amount.yaw_turned:
            window[:, YAW] += np.float32(rng.uniform(-180, 180))
        if rng.random() < amount.flex_dropped:
            window[:, int(rng.integers(5))] = 0.0
        return window


class WindowSampler:
    """Draws augmented training windows from recordings.

    A batch is a function of seed, epoch and its recordings alone, so a resumed training equals an uninterrupted one.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        window_frames: int,
        min_frames: int,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self._augmenter = WindowAugmenter(recordings, augmentation)
        self._recordings = self._augmenter.recordings
        self._window_frames = window_frames
        self._min_frames = min_frames
        self._augmentation = augmentation
        self._seed = seed

    def batch(self, indices: Sequence[int], epoch: int) -> Batch:
        """Draw one window of each of these recordings in this epoch, of one length where the recordings allow."""
        rng = np.random.default_rng((self._seed, epoch, *indices))
        full = bool(rng.random() < self._augmentation.full_window)
        shorter = (self._min_frames, min(self._augmentation.short_frames, self._window_frames) + 1)
        length = self._window_frames if full else int(rng.integers(*shorter))
        return to_batch(
            [self._window(self._recordings[index], length, full, rng) for index in indices],
            [self._recordings[index].label for index in indices],
        )

    def _window(self, recording: Recording, length: int, full: bool, rng: np.random.Generator) -> NDArray[np.float32]:
        window = self._augmenter.swapped(crop(recording.samples, length, rng), recording.label, rng)
        if full and rng.random() < self._augmentation.letter_before:
            window = self._after_another_letter(window, rng)
        return self._augmenter.disturb(self._augmenter.ranged(window, rng), rng)

    def _after_another_letter(self, window: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the window, shortened, after the end of another letter and a smooth transition between the two."""
        keep = int(rng.integers(self._min_frames, max(self._min_frames, len(window)) + 1))
        window = window[-keep:]
        before = self._recordings[int(rng.integers(len(self._recordings)))].samples
        transition = trajectory(before[-1], window[0], int(rng.integers(*self._augmentation.movement_frames)))
        return np.concatenate([before, transition, window])[-self._window_frames :]


def _by_label(recordings: Sequence[Recording]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for index, recording in enumerate(recordings):
        found.setdefault(recording.label, []).append(index)
    return found


def crop(samples: NDArray[np.float32], length: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Any `length` samples in a row, or all where there are fewer."""
    length = min(length, len(samples))
    start = int(rng.integers(0, len(samples) - length + 1))
    return samples[start : start + length]


def trajectory(start: NDArray[np.float32], end: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return the minimum-jerk trajectory from one hand shape to another, float32[frames, 8] without both ends. Angles
    turn in the shorter direction."""
    u = np.linspace(0, 1, frames + 2, dtype=np.float32)[1:-1, np.newaxis]
    change = end - start
    change[ANGLES] = wrap_degrees(change[ANGLES])
    path: NDArray[np.float32] = start + minimum_jerk(u) * change
    return path


class HoldOutError(ScaleGloveError):
    """Raised where what is to be left out does not exist, or nothing is left."""


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Bend types and collections to leave out of a training."""

    bends: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    def kept(self, recordings: Sequence[Recording]) -> list[Recording]:
        """Return the recordings to train on.

        Raises:
            HoldOutError: a bend or collection is not among the recordings, or nothing is left.
        """
        _check("bend", self.bends, {recording.bend for recording in recordings})
        _check("collection", self.collections, {recording.collection for recording in recordings})
        kept = [r for r in recordings if r.bend not in self.bends and r.collection not in self.collections]
        if not kept:
            raise HoldOutError(f"nothing is left to train on without {self.names()}")
        return kept

    def left(self, recordings: Sequence[Recording]) -> list[Recording]:
        """Return the recordings that are left out."""
        return [r for r in recordings if r.bend in self.bends or r.collection in self.collections]

    def names(self) -> str:
        """Return what is left out as text, empty if nothing is."""
        return ", ".join([*(f"bend {bend}" for bend in self.bends), *self.collections])


NOTHING_LEFT_OUT = HoldOut()


def _check(what: str, asked: Sequence[str], there: set[str]) -> None:
    for name in asked:
        if name not in there:
            raise HoldOutError(f"there is no {what} {name} to leave out; there are: {', '.join(sorted(there))}")
