"""One wearer's hand: what her glove reads while she holds a letter, rests or moves on. Pure.

Letters are cuts of her recorded episodes; rests and movements are made up from the shapes in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.script import Doing, Step
from models.data.dataset import Recording
from scaleglove.channels import ANGLES, DROPPED_FLEX_BELOW, FLEX
from scaleglove.resampling import (
    Frame,
    Frames,
    interpolate,
    wrap_degrees,
)
from scaleglove.trajectory import minimum_jerk

Times = NDArray[np.float64]

EDGE_FRAMES: Final = 5
"""A movement begins and ends at the mean of so many frames of the recording."""

FLEX_NOISE: Final = 3.5
"""ADC counts from frame to frame where nothing recorded brings its own: the recordings' median."""

ARM_DOWN: Final = -75.0
"""Pitch in degrees of an arm that hangs down."""

REST_OFF: Final = np.array([6.0] * 5 + [6.0] * 3, np.float32)
"""How far one rest is from the next, standard deviation in counts and degrees."""

WANDER_S: Final = (0.3, 0.8)


class Stretch(Protocol):
    """What the glove reads during one step; `start` and `end` float32[8] are without noise."""

    @property
    def start(self) -> Frame: ...

    @property
    def end(self) -> Frame: ...

    def at(self, t_s: Times, rng: np.random.Generator) -> Frames:
        """float32[n, 8] at times float64[n] from the step's begin on."""


class Hand:
    """Of the wearer whose `episodes` these are, by letter, at `sample_rate_hz`."""

    def __init__(
        self, episodes: Mapping[str, Sequence[Recording]], sample_rate_hz: float, rng: np.random.Generator
    ) -> None:
        self._episodes = episodes
        self._rate_hz = sample_rate_hz
        self._rng = rng
        shapes = [recording.samples.mean(axis=0) for held in episodes.values() for recording in held]
        self._relaxed = _middle(np.array(shapes))
        self._lowered = self._relaxed.copy()
        self._lowered[ANGLES] = (rng.normal(ARM_DOWN, 8), rng.uniform(-180, 180), self._relaxed[-1])

    def rest_examples(self, frames: int) -> list[Frames]:
        """What she shows when she is asked to rest: one window float32[frames, 8] of each of her two ways."""
        t_s = np.arange(frames) / self._rate_hz
        shapes = (self._rest(doing) for doing in (Doing.RELAXED, Doing.LOWERED))
        return [_Movement((shape, shape), float(t_s[-1])).at(t_s, self._rng) for shape in shapes]

    def stretches(self, steps: Sequence[Step]) -> list[Stretch]:
        """One for each step, each beginning where the one before it ends. A movement is never first or last."""
        found = [None if step.doing is Doing.MOVE else self._stay(step) for step in steps]
        stretches: list[Stretch] = []
        for place, stretch in enumerate(found):
            stretches.append(stretch or self._way(found[place - 1], found[place + 1], steps[place].seconds))
        return stretches

    @staticmethod
    def _way(before: Stretch | None, after: Stretch | None, seconds: float) -> Stretch:
        assert before is not None  # the script never has two movements in a row
        assert after is not None
        return _Movement((before.end, after.start), seconds)

    def _stay(self, step: Step) -> Stretch:
        if step.letter is not None:
            held = self._episodes[step.letter]
            return _Episode(held[int(self._rng.integers(len(held)))].samples, self._rate_hz, step.seconds, self._rng)
        if step.doing is Doing.WANDER:
            stops = max(2, round(step.seconds / self._rng.uniform(*WANDER_S)))
            return _Movement(tuple(self._between() for _ in range(stops + 1)), step.seconds)
        shape = self._rest(step.doing)
        return _Movement((shape, shape), step.seconds)

    def _rest(self, doing: Doing) -> Frame:
        own = {Doing.RELAXED: self._relaxed, Doing.LOWERED: self._lowered}
        shape = own[doing] if doing in own else self._between()
        return _wrapped(shape + self._rng.normal(0, REST_OFF).astype(np.float32))

    def _between(self) -> Frame:
        """Halfway between two letters: a hand shape that is neither."""
        one, other = (self._any_shape() for _ in range(2))
        return interpolate(one, other, 0.5)

    def _any_shape(self) -> Frame:
        letters = sorted(self._episodes)
        held = self._episodes[letters[int(self._rng.integers(len(letters)))]]
        shape: Frame = held[int(self._rng.integers(len(held)))].samples[0].copy()
        lost = shape[FLEX] < DROPPED_FLEX_BELOW
        shape[FLEX][lost] = self._relaxed[FLEX][lost]
        return shape


@dataclass(frozen=True, slots=True)
class _Episode:
    """A cut of a recorded episode, played forwards and, where it is too short, backwards again."""

    frames: Frames
    rate_hz: float
    start: Frame
    end: Frame

    def __init__(self, samples: Frames, rate_hz: float, seconds: float, rng: np.random.Generator) -> None:
        needed = int(np.ceil(seconds * rate_hz)) + 2
        there = np.concatenate([samples, samples[-2::-1]] * (1 + needed // max(1, len(samples))))
        first = int(rng.integers(max(1, len(samples) - needed)))
        cut = there[first : first + needed]
        object.__setattr__(self, "frames", cut)
        object.__setattr__(self, "rate_hz", rate_hz)
        object.__setattr__(self, "start", _middle(cut[:EDGE_FRAMES]))
        object.__setattr__(self, "end", _middle(cut[-EDGE_FRAMES:]))

    def at(self, t_s: Times, rng: np.random.Generator) -> Frames:
        place = t_s * self.rate_hz
        before = np.minimum(place.astype(np.int64), len(self.frames) - 2)
        fraction = (place - before).astype(np.float32)[:, np.newaxis]
        return interpolate(self.frames[before], self.frames[before + 1], fraction)


@dataclass(frozen=True, slots=True)
class _Movement:
    """From the first of these shapes past the others to the last, with the speed of one movement between any two; from
    a shape to itself is a rest."""

    shapes: tuple[Frame, ...]
    seconds: float

    @property
    def start(self) -> Frame:
        return self.shapes[0]

    @property
    def end(self) -> Frame:
        return self.shapes[-1]

    def at(self, t_s: Times, rng: np.random.Generator) -> Frames:
        legs = len(self.shapes) - 1
        place = t_s / self.seconds * legs
        leg = np.minimum(place.astype(np.int64), legs - 1)
        fraction = minimum_jerk((place - leg).astype(np.float32))[:, np.newaxis]
        shapes = np.array(self.shapes)
        hand = interpolate(shapes[leg], shapes[leg + 1], fraction)
        # A sensor that has lost contact at one end has no reading in between: it comes back, or goes, halfway.
        lost = (shapes < DROPPED_FLEX_BELOW)[leg] | (shapes < DROPPED_FLEX_BELOW)[leg + 1]
        lost[:, ANGLES] = False
        hand = np.where(lost, np.where(fraction < 0.5, shapes[leg], shapes[leg + 1]), hand)
        hand[:, FLEX] += rng.normal(0, FLEX_NOISE, hand[:, FLEX].shape).astype(np.float32)
        return hand


def _middle(frames: Frames) -> Frame:
    """Median of frames float32[n, 8] by channel, of the angles around their circular mean, of the flex sensors without
    what they read when they have lost contact."""
    flex = np.where(frames[:, FLEX] < DROPPED_FLEX_BELOW, np.nan, frames[:, FLEX])
    kept = np.where(np.isnan(flex).all(axis=0), 0.0, flex)  # lost throughout: it stays lost
    radians = np.deg2rad(frames[:, ANGLES].astype(np.float64))
    around = np.rad2deg(np.arctan2(np.sin(radians).mean(axis=0), np.cos(radians).mean(axis=0)))
    angles = around + np.median(wrap_degrees(frames[:, ANGLES] - around), axis=0)
    return _wrapped(np.concatenate([np.nanmedian(kept, axis=0), angles]).astype(np.float32))


def _wrapped(frame: Frame) -> Frame:
    frame[ANGLES] = wrap_degrees(frame[ANGLES])
    return frame
