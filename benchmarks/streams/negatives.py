"""Readings of a hand that signs nothing: turning, drifting sensors, a glove that is put on, signs of elsewhere. Pure.

Beside the rests and movements of `hand.py` these are what a glove reads all day. Every one is an `Idle`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.hand import FLEX_NOISE, Idle, Times
from benchmarks.streams.script import MOVE_S, Action, Step
from models.data.dataset import Recording
from scaleglove.channels import ANGLES, FLEX
from scaleglove.resampling import Frame, Frames, interpolate, median_degrees, wrap_degrees
from scaleglove.trajectory import minimum_jerk

NEGATIVES: Final = (
    Action.RELAXED,
    Action.LOWERED,
    Action.STRAY,
    Action.WANDER,
    Action.TURN,
    Action.DRIFT,
    Action.PUT_ON,
    Action.OTHER_SIGN,
)
"""All that a hand does without a letter, but for the movements between letters."""

NEGATIVE_S: Final = (2.0, 12.0)

TURN_DEG: Final = (60.0, 90.0, 120.0)
"""Pitch, roll and yaw about the relaxed hand, to either side."""
TURN_S: Final = (0.4, 2.5)
TURN_COUNTS: Final = 8.0
"""What the fingers of a turning hand bend with it, standard deviation in counts."""

DRIFT_COUNTS: Final = 60.0
DRIFT_DEG: Final = (4.0, 4.0, 30.0)
"""By how much the readings drift at most over one rest."""

WORN_COUNTS: Final = (650.0, 1000.0)
"""Readings of a flex sensor while a glove is pulled over the hand."""
PULL_S: Final = (0.1, 0.5)
"""Time from one pull to the next: the readings stay between two as often as they move."""
LOST_CONTACT: Final = 0.1
"""Probability that a flex sensor reads 0 for half a second."""

HALTS: Final = 0.3
"""Probability that a hand stays where it is."""

PITCH: Final = 5

RANGE: Final = (2.0, 98.0)
"""Percentiles of a person's flex readings between which the movements of another are mapped."""


def negative_script(repeats: int, rng: np.random.Generator) -> list[Step]:
    """Return steps that do each of NEGATIVES `repeats` times in a random order, with movements between them."""
    steps: list[Step] = []
    for _ in range(repeats):
        for index in rng.permutation(len(NEGATIVES)):
            if steps:
                steps.append(Step(Action.MOVE, rng.uniform(*MOVE_S)))
            steps.append(Step(NEGATIVES[index], rng.uniform(*NEGATIVE_S)))
    return steps


def turning(relaxed: Frame, seconds: float, rate_hz: float, rng: np.random.Generator) -> Frames:
    """Return a relaxed hand that turns from one direction to another, sometimes with a halt."""

    def shape() -> Frame:
        made = relaxed.copy()
        made[ANGLES] += rng.uniform(-1, 1, 3) * TURN_DEG
        made[FLEX] += rng.normal(0, TURN_COUNTS, 5)
        made[ANGLES] = wrap_degrees(made[ANGLES])
        return made

    return _through(shape, TURN_S, seconds, rate_hz, rng)


def drifting(relaxed: Frame, seconds: float, rate_hz: float, rng: np.random.Generator) -> Frames:
    """Return a hand at rest whose sensors drift, quickly at first."""
    t_s = _times(seconds, rate_hz)
    to = np.concatenate([rng.uniform(-DRIFT_COUNTS, DRIFT_COUNTS, 5), rng.uniform(-1, 1, 3) * DRIFT_DEG])
    settled = 1 - np.exp(-t_s / (0.4 * seconds))
    return _noisy(relaxed + settled[:, np.newaxis] * to, rng)


def putting_on(relaxed: Frame, seconds: float, rate_hz: float, rng: np.random.Generator) -> Frames:
    """Return the readings while a glove is pulled over the fingers and turned about, some without contact."""

    def shape() -> Frame:
        made = np.concatenate([rng.uniform(*WORN_COUNTS, 5), rng.uniform(-180, 180, 3)]).astype(np.float32)
        made[PITCH] /= 2
        return made

    frames = _through(shape, PULL_S, seconds, rate_hz, rng)
    for channel in range(FLEX.stop):
        for begin in range(0, len(frames), max(1, round(PULL_S[1] * rate_hz))):
            if rng.random() < LOST_CONTACT:
                frames[begin : begin + round(PULL_S[1] * rate_hz), channel] = 0.0
    return frames


@dataclass(frozen=True, slots=True)
class OtherSigns:
    """Moving signs of people with another glove, their finger readings mapped to a hand's range and their angles taken
    from its relaxed direction on. How far each finger bends is that of the sign; in which sense its sensor reads is
    unknown."""

    movements: tuple[Frames, ...]
    """float32[n, 8]: flex from 0 to 1 within the person's range, angles in degrees from their middle."""
    low: Frame
    high: Frame
    """The hand's range, float32[5]."""

    @classmethod
    def of(cls, signs: Sequence[Recording], hand: Sequence[Recording]) -> Self:
        """Map the recordings `signs` of people to the hand that made the recordings `hand`."""
        low, high = np.percentile(np.concatenate([each.samples[:, FLEX] for each in hand]), RANGE, axis=0)
        people: dict[str, list[Recording]] = {}
        for each in signs:
            people.setdefault(each.collection, []).append(each)
        movements = [_relative(each.samples, *_middle_and_range(own)) for own in people.values() for each in own]
        return cls(tuple(movements), low.astype(np.float32), high.astype(np.float32))

    def __call__(self, relaxed: Frame, seconds: float, rate_hz: float, rng: np.random.Generator) -> Frames:
        """Return the frames of one sign after another."""
        needed, made = len(_times(seconds, rate_hz)), list[Frames]()
        while sum(map(len, made)) < needed:
            movement = self.movements[int(rng.integers(len(self.movements)))].copy()
            movement[:, FLEX] = self.low + movement[:, FLEX] * (self.high - self.low)
            movement[:, ANGLES] = wrap_degrees(movement[:, ANGLES] + relaxed[ANGLES])
            made.append(movement)
        return np.concatenate(made)[:needed]


def idle_actions(signs: Sequence[Recording], hand: Sequence[Recording]) -> Mapping[Action, Idle]:
    """Return what makes the readings of each action of NEGATIVES that a hand does not make itself."""
    return {
        Action.TURN: turning,
        Action.DRIFT: drifting,
        Action.PUT_ON: putting_on,
        Action.OTHER_SIGN: OtherSigns.of(signs, hand),
    }


def _middle_and_range(own: Sequence[Recording]) -> tuple[Frame, Frame, Frame]:
    frames = np.concatenate([each.samples for each in own])
    low, high = np.percentile(frames[:, FLEX], RANGE, axis=0)
    return median_degrees(frames[:, ANGLES]).astype(np.float32), low.astype(np.float32), high.astype(np.float32)


def _relative(samples: Frames, middle: Frame, low: Frame, high: Frame) -> Frames:
    made = samples.copy()
    made[:, FLEX] = np.clip((samples[:, FLEX] - low) / np.maximum(high - low, 1e-6), -0.1, 1.1)
    made[:, ANGLES] = wrap_degrees(samples[:, ANGLES] - middle)
    return made


def _times(seconds: float, rate_hz: float) -> Times:
    return np.arange(int(np.ceil(seconds * rate_hz)) + 3) / rate_hz


def _noisy(frames: NDArray[np.float64], rng: np.random.Generator) -> Frames:
    made = frames.astype(np.float32)
    made[:, FLEX] += rng.normal(0, FLEX_NOISE, made[:, FLEX].shape).astype(np.float32)
    made[:, ANGLES] = wrap_degrees(made[:, ANGLES])
    return made


def _through(
    shape: Callable[[], Frame], leg_s: tuple[float, float], seconds: float, rate_hz: float, rng: np.random.Generator
) -> Frames:
    """Return frames through random shapes, one every `leg_s`, with a halt at every third or so."""
    t_s, made, here = _times(seconds, rate_hz), list[Frames](), shape()
    while sum(map(len, made)) < len(t_s):
        there = here if rng.random() < HALTS else shape()
        legs = np.linspace(0, 1, max(2, round(rng.uniform(*leg_s) * rate_hz)), dtype=np.float32)
        made.append(interpolate(here, there, minimum_jerk(legs)[:, np.newaxis]))
        here = there
    return _noisy(np.concatenate(made)[: len(t_s)].astype(np.float64), rng)
