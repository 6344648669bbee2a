"""Simulated hand of one wearer: the glove's readings while it holds a letter, rests or moves. Pure.

Letters are cuts of the wearer's recorded episodes; rests and movements are synthesised from the shapes in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.script import Action, Step
from models.data.dataset import Recording
from scaleglove.channels import ANGLES, DROPPED_FLEX_BELOW, FLEX
from scaleglove.letter_templates import ARM_DOWN_DEG
from scaleglove.resampling import Frame, Frames, interpolate, median_degrees, wrap_degrees
from scaleglove.trajectory import minimum_jerk

Times = NDArray[np.float64]

EDGE_FRAMES: Final = 5
"""Number of frames of a recording whose median is the begin or the end of a movement."""

FLEX_NOISE: Final = 3.5
"""Noise of synthesised frames in ADC counts from frame to frame: the median of the Korean recordings."""

REST_OFF: Final = np.array([6.0] * 5 + [6.0] * 3, np.float32)
"""Difference of one rest from the next, standard deviation in counts and degrees."""

WANDER_S: Final = (0.3, 0.8)


class Stretch(Protocol):
    """Readings of the glove during one step; `start` and `end` float32[8] are without noise."""

    @property
    def start(self) -> Frame: ...

    @property
    def end(self) -> Frame: ...

    def at(self, t_s: Times, rng: np.random.Generator) -> Frames:
        """Return readings float32[n, 8] at times float64[n] from the step's begin on."""


class Idle(Protocol):
    """What a hand does that signs nothing."""

    def __call__(self, relaxed: Frame, seconds: float, rate_hz: float, rng: np.random.Generator) -> Frames:
        """Return the frames float32[n, 8] of `seconds` and a little more at `rate_hz`; `relaxed`: the hand at rest."""


class Hand:
    """Hand of the wearer who recorded these `episodes` by letter, at `sample_rate_hz`; `idle` makes the readings of the
    actions that neither letters nor the shapes between them make up."""

    def __init__(
        self,
        episodes: Mapping[str, Sequence[Recording]],
        sample_rate_hz: float,
        rng: np.random.Generator,
        flex_noise: float = FLEX_NOISE,
        idle: Mapping[Action, Idle] | None = None,
    ) -> None:
        self._episodes = episodes
        self._idle = idle or {}
        self._flex_noise = flex_noise
        self._rate_hz = sample_rate_hz
        self._rng = rng
        shapes = [recording.samples.mean(axis=0) for held in episodes.values() for recording in held]
        self._relaxed = _middle(np.array(shapes))
        self._lowered = self._relaxed.copy()
        self._lowered[ANGLES] = (rng.normal(ARM_DOWN_DEG[0], 8), rng.uniform(-180, 180), self._relaxed[-1])

    def rest_examples(self, frames: int) -> list[Frames]:
        """Return a window float32[frames, 8] of each of the two kinds of rest: relaxed, and with the arm lowered."""
        t_s = np.arange(frames) / self._rate_hz
        shapes = (self._rest(action) for action in (Action.RELAXED, Action.LOWERED))
        return [_Movement((shape, shape), float(t_s[-1]), self._flex_noise).at(t_s, self._rng) for shape in shapes]

    def stretches(self, steps: Sequence[Step]) -> list[Stretch]:
        """Return one stretch per step, each beginning where the last one ends; no movement may be first or last."""
        found = [None if step.action is Action.MOVE else self._stay(step) for step in steps]
        stretches: list[Stretch] = []
        for index, stretch in enumerate(found):
            stretches.append(stretch or self._move(found[index - 1], found[index + 1], steps[index].seconds))
        return stretches

    def _move(self, before: Stretch | None, after: Stretch | None, seconds: float) -> Stretch:
        assert before is not None  # a script never has two movements in a row
        assert after is not None
        return _Movement((before.end, after.start), seconds, self._flex_noise)

    def _stay(self, step: Step) -> Stretch:
        if step.letter is not None:
            held = self._episodes[step.letter]
            samples = held[int(self._rng.integers(len(held)))].samples
            whole = step.action is Action.SIGN
            return _Episode(samples, self._rate_hz, step.seconds, None if whole else self._rng)
        if step.action in self._idle:
            frames = self._idle[step.action](self._relaxed, step.seconds, self._rate_hz, self._rng)
            return _Episode(frames, self._rate_hz, step.seconds, None)
        if step.action is Action.WANDER:
            stops = max(2, round(step.seconds / self._rng.uniform(*WANDER_S)))
            return _Movement(tuple(self._between() for _ in range(stops + 1)), step.seconds, self._flex_noise)
        shape = self._rest(step.action)
        return _Movement((shape, shape), step.seconds, self._flex_noise)

    def _rest(self, action: Action) -> Frame:
        own = {Action.RELAXED: self._relaxed, Action.LOWERED: self._lowered}
        shape = own[action] if action in own else self._between()
        return _wrapped(shape + self._rng.normal(0, REST_OFF).astype(np.float32))

    def _between(self) -> Frame:
        """Return a shape halfway between two letters, which is neither of them."""
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
    """A cut of a recorded episode, played forwards and, where it is too short, then backwards; without a random
    generator from its beginning on."""

    frames: Frames
    rate_hz: float
    start: Frame
    end: Frame

    def __init__(self, samples: Frames, rate_hz: float, seconds: float, rng: np.random.Generator | None) -> None:
        needed = int(np.ceil(seconds * rate_hz)) + 2
        there = np.concatenate([samples, samples[-2::-1]] * (1 + needed // max(1, len(samples))))
        first = 0 if rng is None else int(rng.integers(max(1, len(samples) - needed)))
        cut = there[first : first + needed]
        object.__setattr__(self, "frames", cut)
        object.__setattr__(self, "rate_hz", rate_hz)
        object.__setattr__(self, "start", _middle(cut[:EDGE_FRAMES]))
        object.__setattr__(self, "end", _middle(cut[-EDGE_FRAMES:]))

    def at(self, t_s: Times, rng: np.random.Generator) -> Frames:
        position = t_s * self.rate_hz
        before = np.minimum(position.astype(np.int64), len(self.frames) - 2)
        fraction = (position - before).astype(np.float32)[:, np.newaxis]
        return interpolate(self.frames[before], self.frames[before + 1], fraction)


@dataclass(frozen=True, slots=True)
class _Movement:
    """A movement through these shapes with a minimum-jerk profile between any two; from a shape to itself is a rest."""

    shapes: tuple[Frame, ...]
    seconds: float
    flex_noise: float

    @property
    def start(self) -> Frame:
        return self.shapes[0]

    @property
    def end(self) -> Frame:
        return self.shapes[-1]

    def at(self, t_s: Times, rng: np.random.Generator) -> Frames:
        legs = len(self.shapes) - 1
        position = t_s / self.seconds * legs
        leg = np.minimum(position.astype(np.int64), legs - 1)
        fraction = minimum_jerk((position - leg).astype(np.float32))[:, np.newaxis]
        shapes = np.array(self.shapes)
        hand = interpolate(shapes[leg], shapes[leg + 1], fraction)
        # A flex sensor without contact at one end has no reading in between: its contact changes halfway.
        lost = (shapes < DROPPED_FLEX_BELOW)[leg] | (shapes < DROPPED_FLEX_BELOW)[leg + 1]
        lost[:, ANGLES] = False
        hand = np.where(lost, np.where(fraction < 0.5, shapes[leg], shapes[leg + 1]), hand)
        hand[:, FLEX] += rng.normal(0, self.flex_noise, hand[:, FLEX].shape).astype(np.float32)
        return hand


def _middle(frames: Frames) -> Frame:
    """Return the median of frames float32[n, 8] by channel.

    That of angles is taken around their circular mean, that of flex sensors without readings of a lost contact.
    """
    flex = np.where(frames[:, FLEX] < DROPPED_FLEX_BELOW, np.nan, frames[:, FLEX])
    kept = np.where(np.isnan(flex).all(axis=0), 0.0, flex)  # without contact throughout: the reading stays 0
    return _wrapped(np.concatenate([np.nanmedian(kept, axis=0), median_degrees(frames[:, ANGLES])]).astype(np.float32))


def _wrapped(frame: Frame) -> Frame:
    frame[ANGLES] = wrap_degrees(frame[ANGLES])
    return frame
