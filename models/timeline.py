"""Device time made even: frames at the glove's own times become samples at the model's rate.

Pure: no clock inside. The same object prepares the training data, replays a file and serves a stream, which is why
the online answer equals the offline one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.contract import ANGLES

MAX_HOLE_MS = 250.0
"""Frames further apart than this are not joined by a line: a hand can change its letter in that time."""

MAX_LATE_MS = 1000.0
"""Device time that steps back by more than this is a new clock (a reboot), not a frame out of order."""

NEW_CLOCK_FRAMES = 3
"""So many frames in a row from before the last one taken are a clock that was set back, or one time that ran ahead
wrongly: one or two out of order happen, and at more the glove would stay silent for up to `MAX_LATE_MS`."""

MIN_RATE_HZ = 1000 / MAX_HOLE_MS
"""Of frames that come more slowly, each would stand after a hole."""

_ROUNDING_MS = 1e-6

_Float = TypeVar("_Float", np.float32, np.float64)

Frame = NDArray[np.float32]
"""float32[8] in the units of `models.contract.CHANNELS`."""


class Arrival(Enum):
    """What the time of a frame says about it."""

    IN_ORDER = "in order"
    LATE = "late"  # not after the frame before it: dropped
    HOLE = "hole"  # too long after the frame before it: the time line starts anew here
    RESTART = "restart"  # the device clock itself started anew, or was set back


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one frame: how it arrived, and the samples (float32[8] each) that it completes."""

    arrival: Arrival
    samples: list[Frame]


def short_way(start: Frame, end: Frame, fraction: float) -> Frame:
    """Between two frames: straight for the flex sensors, along the short way round for the angles.

    Angles come back in [-180, 180).
    """
    change = end - start
    change[ANGLES] = wrap_degrees(change[ANGLES])
    between: Frame = start + np.float32(fraction) * change
    between[ANGLES] = wrap_degrees(between[ANGLES])
    return between


def wrap_degrees(angle: NDArray[_Float]) -> NDArray[_Float]:
    """The same directions in [-180, 180)."""
    wrapped: NDArray[_Float] = angle - 360.0 * np.floor((angle + 180.0) / 360.0)  # exact where nothing is to do
    return wrapped


class Timeline:
    """Resamples one glove's frames to `sample_rate_hz` by linear interpolation over device time.

    With `sample_rate_hz=None` every frame in order is a sample of its own (the glove already runs at the model's rate).
    """

    def __init__(self, sample_rate_hz: float | None) -> None:
        self._period_ms = None if sample_rate_hz is None else 1000.0 / sample_rate_hz
        self._last: tuple[float, Frame] | None = None
        self._anchor_ms = 0.0
        self._steps = 0
        self._behind = 0

    def reset(self) -> None:
        """Forget what came before; the next frame starts the time line."""
        self._last = None
        self._behind = 0

    def push(self, t_ms: float, values: Frame) -> Step:
        """Take the frame `values` (float32[8]) of device time `t_ms`."""
        arrival = self._judge(t_ms)
        if arrival is Arrival.LATE:
            return Step(arrival, [])
        if self._last is None or arrival is not Arrival.IN_ORDER:
            self._anchor_ms, self._steps = t_ms, 1
            samples = [values]
        elif self._period_ms is None:
            samples = [values]
        else:
            samples = self._between(*self._last, t_ms, values)
        self._last = (t_ms, values)
        return Step(arrival, samples)

    def _judge(self, t_ms: float) -> Arrival:
        if self._last is None:
            return Arrival.IN_ORDER
        elapsed = t_ms - self._last[0]
        self._behind = self._behind + 1 if elapsed < 0 else 0
        if elapsed < -MAX_LATE_MS or self._behind == NEW_CLOCK_FRAMES:
            self._behind = 0
            return Arrival.RESTART
        if elapsed <= 0:
            return Arrival.LATE
        return Arrival.HOLE if elapsed > MAX_HOLE_MS else Arrival.IN_ORDER

    def _between(self, last_ms: float, last: Frame, t_ms: float, values: Frame) -> list[Frame]:
        assert self._period_ms is not None
        samples = []
        # The grid is counted from its anchor, not added up, so that it does not drift over hours.
        while (due_ms := self._anchor_ms + self._steps * self._period_ms) <= t_ms + _ROUNDING_MS:
            samples.append(short_way(last, values, (due_ms - last_ms) / (t_ms - last_ms)))
            self._steps += 1
        return samples


def resample(t_ms: NDArray[np.float64], values: NDArray[np.float32], sample_rate_hz: float) -> NDArray[np.float32]:
    """A whole recording at the model's rate: float32[samples, 8] from frames float32[frames, 8] at times `t_ms`.

    What comes before the last hole or clock restart is left out, as in a stream.
    """
    timeline = Timeline(sample_rate_hz)
    samples: list[Frame] = []
    for time, frame in zip(t_ms, values, strict=True):
        step = timeline.push(float(time), frame)
        if step.arrival in {Arrival.HOLE, Arrival.RESTART}:
            samples.clear()
        samples += step.samples
    return np.stack(samples) if samples else np.empty((0, values.shape[1]), np.float32)


def resample_evenly(values: NDArray[np.float32], from_hz: float, to_hz: float, newest: int) -> NDArray[np.float32]:
    """The `newest` last samples of what `resample` makes of frames float32[n, 8] that come evenly at `from_hz`, which
    is at least MIN_RATE_HZ; n is at least 1. Only these are drawn, however many frames come before them."""
    if len(values) == 1:
        return values
    frame_ms, period_ms = 1000.0 / from_hz, 1000.0 / to_hz
    count = int(((len(values) - 1) * frame_ms + _ROUNDING_MS) / period_ms) + 1
    samples = []
    for due_ms in np.arange(max(0, count - newest), count) * period_ms:
        before = min(int(due_ms / frame_ms), len(values) - 2)
        samples.append(short_way(values[before], values[before + 1], due_ms / frame_ms - before))
    return np.stack(samples)
