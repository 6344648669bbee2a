"""Simulated glove: a script becomes frames at the glove's rate, with sway, noise, dropouts and lost frames. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.hand import Hand, Times
from benchmarks.streams.script import Action, Step
from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.resampling import Frames, wrap_degrees

SWAY: Final = np.array([1.5] * 5 + [0.6] * 3, np.float32)
"""Sway of a hand, standard deviation in counts and degrees: people keep less still when signing than recording."""
SWAY_HZ: Final = (0.3, 1.5)
SWAYS: Final = 3

JITTER: Final = 0.1
"""Part of the interval between frames, to either side."""
DROPOUTS_PER_MINUTE: Final = 3.0
"""Rate at which some flex sensor loses contact and reads 0."""
DROPOUT_S: Final = (0.02, 0.2)
LOST: Final = 0.005
"""Share of lost frames."""


@dataclass(frozen=True, slots=True)
class Span:
    """Action of the hand from `start_ms` to `end_ms` of device time; `letter` is set for a held letter."""

    action: Action
    letter: str | None
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class SignedStream:
    """Frames `values` float32[n, 8] at device times `t_ms` float64[n], numbered `seq` int64[n], without the lost ones.

    `spans` and `text` are the ground truth.
    """

    t_ms: Times
    seq: NDArray[np.int64]
    values: Frames
    spans: tuple[Span, ...]
    text: str

    @property
    def holds(self) -> list[Span]:
        return [span for span in self.spans if span.action is Action.HOLD]


def sign(text: str, steps: Sequence[Step], hand: Hand, rate_hz: float, rng: np.random.Generator) -> SignedStream:
    """Return the stream of a glove at `rate_hz` while this hand takes these steps to sign `text`."""
    begins = np.concatenate([[0.0], np.cumsum([step.seconds for step in steps])])
    t_s = _times(float(begins[-1]), rate_hz, rng)
    values = np.empty((len(t_s), len(CHANNELS)), np.float32)
    for stretch, begin, end in zip(hand.stretches(steps), begins[:-1], begins[1:], strict=True):
        during = slice(*np.searchsorted(t_s, (begin, end)))
        values[during] = stretch.at(t_s[during] - begin, rng)
    values += _sway(t_s, rng)
    _drop_out(t_s, values, rng)
    values[:, ANGLES] = wrap_degrees(values[:, ANGLES])
    spans = tuple(
        Span(step.action, step.letter, float(begin) * 1000, float(end) * 1000)
        for step, begin, end in zip(steps, begins[:-1], begins[1:], strict=True)
    )
    arrived = np.flatnonzero(rng.random(len(t_s)) >= LOST)
    return SignedStream(np.round(t_s[arrived] * 1000), arrived, values[arrived], spans, text)


def _times(seconds: float, rate_hz: float, rng: np.random.Generator) -> Times:
    even = np.arange(int(seconds * rate_hz)) / rate_hz
    jittered: Times = even + rng.uniform(0, JITTER / rate_hz, len(even))
    return jittered


def _sway(t_s: Times, rng: np.random.Generator) -> Frames:
    """Return the sum of some slow sines in each channel."""
    hertz = rng.uniform(*SWAY_HZ, (SWAYS, 1, len(CHANNELS)))
    phase = rng.uniform(0, 2 * np.pi, hertz.shape)
    waves = np.sin(2 * np.pi * hertz * t_s[:, np.newaxis] + phase).sum(axis=0)
    sway: Frames = (SWAY * np.sqrt(2 / SWAYS) * waves).astype(np.float32)
    return sway


def _drop_out(t_s: Times, values: Frames, rng: np.random.Generator) -> None:
    if not len(t_s):
        return
    for _ in range(rng.poisson(DROPOUTS_PER_MINUTE * t_s[-1] / 60)):
        begin = rng.uniform(0, t_s[-1])
        during = slice(*np.searchsorted(t_s, (begin, begin + rng.uniform(*DROPOUT_S))))
        values[during, FLEX.start + int(rng.integers(FLEX.stop - FLEX.start))] = 0.0
