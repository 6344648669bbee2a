"""The window of one stream: frames with sequence numbers and device times in, windows that are due and gaps out.

Pure: no clock, no socket. However the same frames are cut into messages, the same events come out, and what stands in
the window at the end of a recording is what `models.timeline.resample` makes of the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.contract import CHANNELS, ModelContract
from models.timeline import MAX_LATE_MS, Arrival, Frame, Timeline

_U32: Final = 2**32
_HALF: Final = 2**31
"""A sequence number ahead by less than this jumped forward; otherwise it lies behind (RFC 1982)."""

_ROUNDING: Final = 1e-9
_RATE_SMOOTHING: Final = 0.05
_RATE_INTERVALS: Final = 5
"""Intervals seen before a rate is told."""


@dataclass(frozen=True, slots=True)
class Due:
    """A window to answer: `frames` float32[n, 8], its newest sample completed by frame `seq` at device time `t_ms`.
    `gap`: frames are missing inside the window."""

    seq: int
    t_ms: float
    frames: NDArray[np.float32]
    gap: bool


@dataclass(frozen=True, slots=True)
class GapFound:
    """Frames are missing before frame `seq`; `restarted` says that the window was given up and begins with it.
    `before_t_ms` is the device time of the last frame before the gap."""

    seq: int
    t_ms: float
    before_t_ms: float
    missing: int | None
    reason: Literal["sequence", "time", "clock"]
    restarted: bool


Event = Due | GapFound


class StreamWindow:
    """The newest `window_frames` samples of one glove, and when to answer them.

    Args:
        contract: gives the rate and the length of the window.
        sample_rate_hz: the rate the sender declares; None: the frames' own times decide. Frames declared to come at
            the model's rate are samples as they are; all others are resampled over device time.
        hop_ms: device time from one due window to the next, rounded up to whole samples.
    """

    def __init__(self, contract: ModelContract, sample_rate_hz: float | None, hop_ms: float) -> None:
        resampled = sample_rate_hz != contract.sample_rate_hz
        self._timeline = Timeline(contract.sample_rate_hz if resampled else None)
        self._resampled = resampled
        self._size = contract.window_frames
        self._hop = max(1, math.ceil(hop_ms * contract.sample_rate_hz / 1000 - _ROUNDING))
        # Every sample is written twice, `size` apart, so that the newest ones always lie in one piece.
        self._ring = np.zeros((2 * self._size, len(CHANNELS)), np.float32)
        self._interval_ms: float | None = None
        self._intervals = 0
        self.newest_ms = 0.0
        """Device time of the newest frame; a reset does not change it."""
        self.frames = 0
        self.late_frames = 0
        self.missing_frames = 0
        self.reset()

    def reset(self) -> None:
        """Forget the window; the next frame begins a new one, whatever its number. Counters stay."""
        self._timeline.reset()
        self._last_seq: int | None = None
        self._empty()

    def push(self, seq: int, t_ms: NDArray[np.float64], values: NDArray[np.float32]) -> Iterator[Event]:
        """Take frames `values` float32[n, 8] at device times `t_ms` [n], numbered from `seq` on (modulo 2**32).

        Lazy: frames are taken as their events are asked for, so that whoever answers them may breathe in between.
        """
        for offset, time in enumerate(t_ms.tolist()):
            yield from self._push_frame((seq + offset) % _U32, time, values[offset])

    def finish(self) -> list[Due]:
        """The window as it stands, when samples have come since it was last due."""
        if self._last_seq is None or self._count % self._hop == 0:
            return []
        return [self._due(self._last_seq, self.newest_ms)]

    @property
    def window(self) -> NDArray[np.float32]:
        """A copy of what stands in the window, float32[n, 8], oldest first."""
        held = min(self._count, self._size)
        end = (self._count - 1) % self._size + 1 + self._size
        return self._ring[end - held : end].copy()

    @property
    def rate_hz(self) -> float | None:
        """The frame rate by device time; None until known."""
        if self._interval_ms is None or self._intervals < _RATE_INTERVALS:
            return None
        return 1000.0 / self._interval_ms

    def _push_frame(self, seq: int, t_ms: float, values: Frame) -> Iterator[Event]:
        ahead = self._frames_ahead(seq)
        if ahead < 0 and self._is_repeated(t_ms):
            self.late_frames += 1
            return
        step = self._timeline.push(t_ms, values)
        gap = self._find_gap(seq, t_ms, ahead, step.arrival)
        if step.arrival is Arrival.LATE:
            self.late_frames += 1
        else:
            self.frames += 1
            if gap is None and self._last_seq is not None:
                self._measure(t_ms - self.newest_ms)
            self.newest_ms = t_ms
        self._last_seq = seq  # of a late frame too: it is dropped, but it did come
        if gap is not None:
            self._open_gap(gap, len(step.samples))
            yield gap
        for sample in step.samples:
            self._append(sample)
            if self._count % self._hop == 0:
                yield self._due(seq, t_ms)

    def _frames_ahead(self, seq: int) -> int:
        """How many numbers were left out before `seq`; negative when it lies behind."""
        if self._last_seq is None:
            return 0
        ahead = (seq - self._last_seq - 1) % _U32
        return ahead if ahead < _HALF else ahead - _U32

    def _is_repeated(self, t_ms: float) -> bool:
        """A frame whose number lies behind is an old one - unless its time says that the numbering began anew."""
        return self.newest_ms - MAX_LATE_MS <= t_ms <= self.newest_ms

    def _find_gap(self, seq: int, t_ms: float, ahead: int, arrival: Arrival) -> GapFound | None:
        restarted = arrival in {Arrival.HOLE, Arrival.RESTART}
        if self._last_seq is None or (ahead == 0 and not restarted):
            return None
        if arrival is Arrival.RESTART:
            return GapFound(seq, t_ms, self.newest_ms, None, "clock", restarted)
        if ahead == 0:
            return GapFound(seq, t_ms, self.newest_ms, None, "time", restarted)
        return GapFound(seq, t_ms, self.newest_ms, ahead if ahead > 0 else None, "sequence", restarted)

    def _open_gap(self, gap: GapFound, samples: int) -> None:
        self.missing_frames += gap.missing or 0
        if gap.restarted:
            self._empty()
        else:
            # The samples drawn across the hole belong to it.
            self._gap_end = self._count + (samples if self._resampled else 0)

    def _empty(self) -> None:
        self._count = 0
        self._gap_end = 0

    def _append(self, sample: Frame) -> None:
        place = self._count % self._size
        self._ring[place] = sample
        self._ring[place + self._size] = sample
        self._count += 1

    def _due(self, seq: int, t_ms: float) -> Due:
        window = self.window
        return Due(seq, t_ms, window, gap=self._count - len(window) < self._gap_end)

    def _measure(self, interval_ms: float) -> None:
        smoothing = max(_RATE_SMOOTHING, 1 / (self._intervals + 1))
        known = interval_ms if self._interval_ms is None else self._interval_ms
        self._interval_ms = known + smoothing * (interval_ms - known)
        self._intervals += 1
