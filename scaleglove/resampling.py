"""Device time made even: frames at the glove's own times become samples at the model's rate.

Pure: no clock inside. The same object prepares the training data, replays a file and serves a stream, which is why
the online answer equals the offline one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS, FLEX

MAX_GAP_MS = 250.0
"""Frames further apart than this are not joined by a line: a hand can change its letter in that time."""

MAX_LATE_MS = 1000.0
"""Device time that steps back by more than this is a new clock (a reboot), not a frame out of order."""

NEW_CLOCK_FRAMES = 3
"""So many frames in a row from before the last one taken are a clock that was set back, or one time that ran ahead
wrongly: one or two out of order happen, and at more the glove would stay silent for up to `MAX_LATE_MS`."""

MIN_RATE_HZ = 1000 / MAX_GAP_MS
"""Of frames that come more slowly, each would stand after a hole."""

_ROUNDING_MS = 1e-6

_Float = TypeVar("_Float", np.float32, np.float64)

Frame = NDArray[np.float32]
"""float32[8] in the units of `models.runtime.contract.CHANNELS`."""

Frames = NDArray[np.float32]
"""float32[..., 8] in these units."""


class Arrival(Enum):
    """What the time of a frame says about it."""

    IN_ORDER = "in order"
    LATE = "late"  # not after the frame before it: dropped
    HOLE = "hole"  # too long after the frame before it: the time line starts anew here
    RESTART = "restart"  # the device clock itself started anew, or was set back


def interpolate(start: Frames, end: Frames, fraction: float | NDArray[np.float32]) -> Frames:
    """Between frames float32[..., 8]: straight for the flex sensors, along the short way round for the angles.

    `fraction` of the way, one or float32[..., 1]. Angles come back in [-180, 180).
    """
    change = end - start
    change[..., ANGLES] = wrap_degrees(change[..., ANGLES])
    between: Frames = start + np.asarray(fraction, np.float32) * change
    between[..., ANGLES] = wrap_degrees(between[..., ANGLES])
    return between


def wrap_degrees(angle: NDArray[_Float]) -> NDArray[_Float]:
    """The same directions in [-180, 180)."""
    wrapped: NDArray[_Float] = angle - 360.0 * np.floor((angle + 180.0) / 360.0)  # exact where nothing is to do
    return wrapped


def median_degrees(angles: NDArray[_Float]) -> NDArray[np.float64]:
    """Return the median over n of angles float[n, k] in degrees, taken around their circular mean; not wrapped."""
    radians = np.deg2rad(angles.astype(np.float64))
    mean = np.rad2deg(np.arctan2(np.sin(radians).mean(axis=0), np.cos(radians).mean(axis=0)))
    median: NDArray[np.float64] = mean + np.median(wrap_degrees(angles - mean), axis=0)
    return median


class Resampler:
    """Resamples one glove's frames to `sample_rate_hz` by linear interpolation over device time.

    With `sample_rate_hz=None` every frame in order is a sample of its own (the glove already runs at the model's rate).
    Frames are pushed one by one; the samples they complete are drawn when they are wanted, all in one go.
    """

    def __init__(self, sample_rate_hz: float | None) -> None:
        self._period_ms = None if sample_rate_hz is None else 1000.0 / sample_rate_hz
        self._anchor_ms = 0.0
        self._last_ms: float | None = None
        self._behind = 0
        self._complete = 0  # samples since the anchor
        self._drawn = 0
        # Frames that samples are still to be made of: all since the last draw and, on a grid, the one before them.
        self._times: list[float] = []
        self._frames: list[Sequence[float]] = []

    def reset(self) -> None:
        """Forget what came before; the next frame starts the time line."""
        self._last_ms = None
        self._behind = 0
        self._begin(0.0)

    @property
    def ready(self) -> int:
        """Samples that are complete and not drawn."""
        return self._complete - self._drawn

    def push(self, t_ms: float, values: Sequence[float]) -> Arrival:
        """Take the frame of the eight `values` of device time `t_ms`.

        At a hole and at a restart the time line starts anew with this frame; samples not drawn before it are gone.
        """
        arrival = self._judge(t_ms)
        if arrival is Arrival.LATE:
            return arrival
        if self._last_ms is None or arrival is not Arrival.IN_ORDER:
            self._begin(t_ms)
        self._last_ms = t_ms
        self._times.append(t_ms)
        self._frames.append(values)
        if self._period_ms is None:
            self._complete += 1
        else:
            # The grid is counted from its anchor, not added up, so that it does not drift over hours.
            while self._anchor_ms + self._complete * self._period_ms <= t_ms + _ROUNDING_MS:
                self._complete += 1
        return arrival

    def draw(self) -> Frames:
        """The samples that are ready, float32[ready, 8], oldest first."""
        samples = self._draw_frames() if self._period_ms is None else self._draw_between(self._period_ms)
        self._drawn = self._complete
        return samples

    def _begin(self, t_ms: float) -> None:
        self._anchor_ms = t_ms
        self._complete = self._drawn = 0
        self._times, self._frames = [], []

    def _judge(self, t_ms: float) -> Arrival:
        if self._last_ms is None:
            return Arrival.IN_ORDER
        elapsed = t_ms - self._last_ms
        if 0 < elapsed <= MAX_GAP_MS:
            self._behind = 0
            return Arrival.IN_ORDER
        self._behind = self._behind + 1 if elapsed < 0 else 0
        if elapsed < -MAX_LATE_MS or self._behind == NEW_CLOCK_FRAMES:
            self._behind = 0
            return Arrival.RESTART
        return Arrival.LATE if elapsed <= 0 else Arrival.HOLE

    def _draw_frames(self) -> Frames:
        samples = _as_samples(self._frames)
        self._times.clear()
        self._frames.clear()
        return samples

    def _draw_between(self, period_ms: float) -> Frames:
        times, frames, place = self._times, self._frames, 0
        samples: list[list[float]] = []
        for step in range(self._drawn, self._complete):
            if step == 0:  # the first frame of all, which stands on the grid
                samples.append(_between(frames[0], frames[0], 0.0))
                continue
            due_ms = self._anchor_ms + step * period_ms
            while times[place + 1] + _ROUNDING_MS < due_ms:
                place += 1
            fraction = (due_ms - times[place]) / (times[place + 1] - times[place])
            samples.append(_between(frames[place], frames[place + 1], fraction))
        self._times, self._frames = times[-1:], frames[-1:]
        return _as_samples(samples)


def _between(start: Sequence[float], end: Sequence[float], fraction: float) -> list[float]:
    """`interpolate` for one frame. A stream draws a handful of samples at a time; for so few, arrays cost more than
    they
    carry."""
    sample = [a + fraction * (b - a) for a, b in zip(start[FLEX], end[FLEX], strict=True)]
    sample += [_wrap(a + fraction * _wrap(b - a)) for a, b in zip(start[ANGLES], end[ANGLES], strict=True)]
    return sample


def _wrap(angle: float) -> float:
    return angle if -180.0 <= angle < 180.0 else angle - 360.0 * math.floor((angle + 180.0) / 360.0)


def _as_samples(samples: Sequence[Sequence[float]]) -> Frames:
    return np.array(samples, np.float32).reshape(-1, len(CHANNELS))


def resample(t_ms: NDArray[np.float64], values: NDArray[np.float32], sample_rate_hz: float) -> NDArray[np.float32]:
    """A whole recording at the model's rate: float32[samples, 8] from frames float32[frames, 8] at times `t_ms`.

    What comes before the last hole or clock restart is left out, as in a stream.
    """
    timeline = Resampler(sample_rate_hz)
    for time, frame in zip(t_ms.tolist(), values.tolist(), strict=True):
        timeline.push(time, frame)
    return timeline.draw()


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
        samples.append(interpolate(values[before], values[before + 1], due_ms / frame_ms - before))
    return np.stack(samples)
