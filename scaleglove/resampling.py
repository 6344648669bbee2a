"""Resampling: frames at the glove's own times become samples at the model's rate.

Pure: time is an argument. The same object prepares the training data, replays a file and serves a stream, which is why
online predictions equal offline ones.
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
"""Gap between frames beyond which they are not interpolated: a hand can change its letter in that time."""

MAX_LATE_MS = 1000.0
"""A step back of device time beyond this is a restarted clock (a reboot), not a frame out of order."""

NEW_CLOCK_FRAMES = 3
"""Consecutive frames earlier than the last accepted one that mean a clock set back, or one wrong time far ahead. One or
two frames out of order are common; waiting for more would silence the glove for up to `MAX_LATE_MS`."""

MIN_RATE_HZ = 1000 / MAX_GAP_MS
"""Least frame rate: at lower ones every frame would follow a gap."""

ROUNDING_MS = 1e-6
"""A frame this much before a grid time completes its sample: neither of the two is exact."""

_Float = TypeVar("_Float", np.float32, np.float64)

Frame = NDArray[np.float32]
"""float32[8] in the order and the units of CHANNELS."""

Frames = NDArray[np.float32]
"""float32[..., 8] in these units."""


class Arrival(Enum):
    """Order of a frame, by its time."""

    IN_ORDER = "in order"
    LATE = "late"  # not after the previous frame: dropped
    GAP = "gap"  # too long after the previous frame: resampling starts again from here
    RESTART = "restart"  # the device's clock restarted, or was set back


def interpolate(start: Frames, end: Frames, fraction: float | NDArray[np.float32]) -> Frames:
    """Interpolate between frames float32[..., 8]: linearly for the flex sensors, along the shorter arc for the angles.

    `fraction` is one number or float32[..., 1]. The angles of the result are in [-180, 180).
    """
    change = end - start
    change[..., ANGLES] = wrap_degrees(change[..., ANGLES])
    between: Frames = start + np.asarray(fraction, np.float32) * change
    between[..., ANGLES] = wrap_degrees(between[..., ANGLES])
    return between


def wrap_degrees(angle: NDArray[_Float]) -> NDArray[_Float]:
    """Return the same angles in [-180, 180)."""
    wrapped: NDArray[_Float] = angle - 360.0 * np.floor((angle + 180.0) / 360.0)  # exact where nothing changes
    return wrapped


def median_degrees(angles: NDArray[_Float]) -> NDArray[np.float64]:
    """Return the median over n of angles float[n, k] in degrees, taken around their circular mean; not wrapped."""
    radians = np.deg2rad(angles.astype(np.float64))
    mean = np.rad2deg(np.arctan2(np.sin(radians).mean(axis=0), np.cos(radians).mean(axis=0)))
    around: NDArray[np.float64] = mean + median(wrap_degrees(angles - mean))
    return around


def median(values: NDArray[_Float]) -> NDArray[_Float]:
    """Return the median over n of float[n, k], NaN where one of them is: as `np.median`, which takes five times as long
    for the few frames of a shape."""
    ordered, half = np.sort(values, axis=0), len(values) // 2
    middle: NDArray[_Float] = ordered[half].copy() if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
    middle[np.isnan(ordered[-1])] = np.nan
    return middle


class Resampler:
    """Resamples one glove's frames to `sample_rate_hz` by linear interpolation over device time.

    With `sample_rate_hz=None` every frame in order is a sample (the glove already runs at the model's rate). Frames are
    pushed one by one; `draw` returns the samples that they complete, all at once.
    """

    def __init__(self, sample_rate_hz: float | None) -> None:
        self._period_ms = None if sample_rate_hz is None else 1000.0 / sample_rate_hz
        self._anchor_ms = 0.0
        self._last_ms: float | None = None
        self._behind = 0
        self._complete = 0  # samples since the anchor
        self._drawn = 0
        # Frames that later samples need: all since the last draw and, on a grid, the one before them.
        self._times: list[float] = []
        self._frames: list[Sequence[float]] = []

    def reset(self) -> None:
        """Forget all frames; the next one starts the grid."""
        self._last_ms = None
        self._behind = 0
        self._begin(0.0)

    @property
    def ready(self) -> int:
        """Number of samples that are complete and not drawn."""
        return self._complete - self._drawn

    def push(self, t_ms: float, values: Sequence[float]) -> Arrival:
        """Add the frame of the eight `values` at device time `t_ms`.

        A gap or a restart starts the grid again at this frame; samples not drawn before are lost.
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
            # Grid times are multiples from the anchor, not sums, so that they do not drift over hours.
            while self._anchor_ms + self._complete * self._period_ms <= t_ms + ROUNDING_MS:
                self._complete += 1
        return arrival

    def draw(self) -> Frames:
        """Return the samples that are ready, float32[ready, 8], oldest first."""
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
        return Arrival.LATE if elapsed <= 0 else Arrival.GAP

    def _draw_frames(self) -> Frames:
        samples = _as_samples(self._frames)
        self._times.clear()
        self._frames.clear()
        return samples

    def _draw_between(self, period_ms: float) -> Frames:
        times, frames, index = self._times, self._frames, 0
        samples: list[list[float]] = []
        for step in range(self._drawn, self._complete):
            if step == 0:  # the first frame is on the grid
                samples.append(_between(frames[0], frames[0], 0.0))
                continue
            due_ms = self._anchor_ms + step * period_ms
            while times[index + 1] + ROUNDING_MS < due_ms:
                index += 1
            fraction = (due_ms - times[index]) / (times[index + 1] - times[index])
            samples.append(_between(frames[index], frames[index + 1], fraction))
        self._times, self._frames = times[-1:], frames[-1:]
        return _as_samples(samples)


def _between(start: Sequence[float], end: Sequence[float], fraction: float) -> list[float]:
    """Interpolate one frame, as `interpolate`. A stream draws few samples at a time, for which arrays cost more than
    they save."""
    sample = [a + fraction * (b - a) for a, b in zip(start[FLEX], end[FLEX], strict=True)]
    sample += [_wrap(a + fraction * _wrap(b - a)) for a, b in zip(start[ANGLES], end[ANGLES], strict=True)]
    return sample


def _wrap(angle: float) -> float:
    if -180.0 <= angle < 180.0 or math.isnan(angle):  # NaN: the glove has no such sensor
        return angle
    return angle - 360.0 * math.floor((angle + 180.0) / 360.0)


def _as_samples(samples: Sequence[Sequence[float]]) -> Frames:
    return np.array(samples, np.float32).reshape(-1, len(CHANNELS))


def resample(t_ms: NDArray[np.float64], values: NDArray[np.float32], sample_rate_hz: float) -> NDArray[np.float32]:
    """Resample a whole recording: float32[samples, 8] from frames float32[frames, 8] at times `t_ms`.

    Frames before the last gap or clock restart are left out, as in a stream.
    """
    resampler = Resampler(sample_rate_hz)
    for time, frame in zip(t_ms.tolist(), values.tolist(), strict=True):
        resampler.push(time, frame)
    return resampler.draw()


def resample_evenly(values: NDArray[np.float32], from_hz: float, to_hz: float, newest: int) -> NDArray[np.float32]:
    """Return the last `newest` samples that `resample` makes of frames float32[n, 8] at the even rate `from_hz`.

    n is at least 1, `from_hz` at least MIN_RATE_HZ. Earlier frames cost nothing.
    """
    if len(values) == 1:
        return values
    frame_ms, period_ms = 1000.0 / from_hz, 1000.0 / to_hz
    count = int(((len(values) - 1) * frame_ms + ROUNDING_MS) / period_ms) + 1
    samples = []
    for due_ms in np.arange(max(0, count - newest), count) * period_ms:
        before = min(int(due_ms / frame_ms), len(values) - 2)
        samples.append(interpolate(values[before], values[before + 1], due_ms / frame_ms - before))
    return np.stack(samples)
