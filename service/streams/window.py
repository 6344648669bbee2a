"""The window of one stream: frames with sequence numbers and device times in, due windows and gaps out. Pure.

However the same frames are split into messages, the events are the same, and the window at the end of a recording is
what `scaleglove.resampling.resample` makes of the file.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from scaleglove.protocol import WireError
from scaleglove.resampling import MAX_GAP_MS, MAX_LATE_MS, Arrival, Resampler

MAX_MESSAGE_SPAN_S: Final = 60.0
"""A full message of the slowest glove known (31 ms between frames) covers half of that. Without a bound, frames just
short of a gap apart make twelve windows each, and one message keeps the processor busy for seconds."""

SHORT_MESSAGE: Final = int(MAX_MESSAGE_SPAN_S * 1000 / MAX_GAP_MS)
"""Frames of a message that cannot exceed the limit."""

_U32: Final = 2**32
_HALF: Final = 2**31
"""A sequence number that is ahead by less than this jumped forward; otherwise it is behind (RFC 1982)."""

_ROUNDING: Final = 1e-9
RATE_SMOOTHING: Final = 0.05
RATE_INTERVALS: Final = 5
"""Intervals needed for a rate."""

REMEMBERED: Final = 256
"""Skipped numbers that are remembered, to distinguish a late frame from a duplicate."""

_DRAW_AT: Final = 16
"""Samples drawn at once, at most: cheaper together, and the waiting ones are bounded."""

_BREAKS: Final = frozenset({Arrival.GAP, Arrival.RESTART})


Reason = Literal["sequence", "time", "clock", "duplicate"]
"""How a gap was found."""


@dataclass(frozen=True, slots=True)
class DueWindow:
    """A window to answer: `frames` float32[n, 8], whose newest sample frame `seq` at device time `t_ms` completed.
    `gap`: frames are missing inside the window."""

    seq: int
    t_ms: float
    frames: NDArray[np.float32]
    gap: bool


@dataclass(frozen=True, slots=True)
class GapFound:
    """Frames that are missing before frame `seq`, or its repetition (`duplicate`, once for a run of them).

    `restarted`: the window is discarded and begins with this frame. `before_t_ms`: device time of the newest frame
    before it.
    """

    seq: int
    t_ms: float
    before_t_ms: float
    missing: int | None
    reason: Reason
    restarted: bool


Event = DueWindow | GapFound


class StreamWindow:
    """The newest `window_frames` samples of one glove; decides when a window is due.

    Args:
        contract: gives the rate and the length of the window.
        sample_rate_hz: the rate that the sender declares; None: the frames' own times decide. Frames declared at the
            model's rate are used as samples; all others are resampled over device time.
        hop_ms: device time from one due window to the next, rounded up to whole samples.
    """

    def __init__(self, contract: ModelContract, sample_rate_hz: float | None, hop_ms: float) -> None:
        resampled = sample_rate_hz != contract.sample_rate_hz
        self._resampler = Resampler(contract.sample_rate_hz if resampled else None)
        self._resampled = resampled
        self._size = contract.window_frames
        self._hop = samples_in(hop_ms, contract.sample_rate_hz)
        # Capacity of two windows: the newest samples are always contiguous, and move to the front when it is full.
        self._samples = np.zeros((2 * self._size, len(CHANNELS)), np.float32)
        self._skipped: deque[int] = deque(maxlen=REMEMBERED)
        self._interval_ms: float | None = None
        self._intervals = 0
        self.newest_ms = 0.0
        """Device time of the newest frame; a reset does not change it."""
        self.frames = 0
        self.late_frames = 0
        self.duplicate_frames = 0
        self.missing_frames = 0
        self.reset()

    def reset(self) -> None:
        """Discard the window; the next frame begins a new one, whatever its number. Counters stay."""
        self._resampler.reset()
        self._next_seq: int | None = None
        self._repeating = False
        self._skipped.clear()
        self._empty()

    def push(self, seq: int, t_ms: Sequence[float], values: NDArray[np.float32]) -> Iterator[Event]:
        """Take frames `values` float32[n, 8] at device times `t_ms` [n], numbered from `seq` on (modulo 2**32).

        Lazy: frames are taken as their events are consumed, so that a consumer may pause in between.
        """
        for offset, (time, frame) in enumerate(zip(t_ms, values.tolist(), strict=True)):
            yield from self._push_frame((seq + offset) % _U32, time, frame)

    def finish(self) -> list[DueWindow]:
        """Return the present window, if samples have arrived since it was last due."""
        if self._next_seq is None:
            return []
        self._take_samples()
        if self._count % self._hop == 0:
            return []
        return [self._due((self._next_seq - 1) % _U32, self.newest_ms)]

    def newest(self) -> DueWindow | None:
        """Return the present window, due or not; None before the first frame."""
        if self._next_seq is None:
            return None
        self._take_samples()
        return self._due((self._next_seq - 1) % _U32, self.newest_ms)

    @property
    def window(self) -> NDArray[np.float32]:
        """A copy of the samples in the window, float32[n, 8], oldest first."""
        self._take_samples()
        return self._samples[max(0, self._end - self._size) : self._end].copy()

    @property
    def rate_hz(self) -> float | None:
        """The frame rate by device time; None until known."""
        if self._interval_ms is None or self._intervals < RATE_INTERVALS:
            return None
        return 1000.0 / self._interval_ms

    def _push_frame(self, seq: int, t_ms: float, values: Sequence[float]) -> Sequence[Event]:
        ahead = 0 if seq == self._next_seq else self._frames_ahead(seq)
        if ahead < 0 and self._is_repeated(t_ms):
            return self._leave_out(seq, t_ms)
        before_ms, arrival = self.newest_ms, self._resampler.push(t_ms, values)
        events: list[Event] = []
        if ahead or arrival in _BREAKS:
            events += self._find_gap(seq, t_ms, ahead, arrival)
        if arrival is Arrival.LATE:
            self.late_frames += 1
        else:
            self.frames += 1
            self.newest_ms = t_ms
            if self._next_seq is not None and not events:
                self._measure(t_ms - before_ms)
        self._next_seq = (seq + 1) % _U32  # after a late frame too: it is dropped, but it did arrive
        self._repeating = False
        if self._resampler.ready >= self._wanted:
            events += self._take_due(seq, t_ms)
        return events

    def _frames_ahead(self, seq: int) -> int:
        """Return how many numbers were skipped before `seq`; negative if it is behind."""
        if self._next_seq is None:
            return 0
        ahead = (seq - self._next_seq) % _U32
        return ahead if ahead < _HALF else ahead - _U32

    def _is_repeated(self, t_ms: float) -> bool:
        """Return whether a frame whose number is behind is old, and not the first after the numbers restarted."""
        return self.newest_ms - MAX_LATE_MS <= t_ms <= self.newest_ms

    def _leave_out(self, seq: int, t_ms: float) -> Sequence[Event]:
        """Ignore an old frame: late if its number was skipped, otherwise a duplicate, reported once for a run."""
        if seq in self._skipped:
            self._skipped.remove(seq)
            self.late_frames += 1
            return ()
        self.duplicate_frames += 1
        if self._repeating:
            return ()
        self._repeating = True
        return (GapFound(seq, t_ms, self.newest_ms, 0, "duplicate", restarted=False),)

    def _find_gap(self, seq: int, t_ms: float, ahead: int, arrival: Arrival) -> Sequence[Event]:
        if self._next_seq is None:
            return ()
        restarted = arrival in _BREAKS
        if arrival is Arrival.RESTART:
            gap = GapFound(seq, t_ms, self.newest_ms, None, "clock", restarted)
        elif ahead == 0:
            gap = GapFound(seq, t_ms, self.newest_ms, None, "time", restarted)
        else:
            gap = GapFound(seq, t_ms, self.newest_ms, ahead if ahead > 0 else None, "sequence", restarted)
        self._skipped.extend((seq - back) % _U32 for back in range(min(ahead, REMEMBERED), 0, -1))
        self.missing_frames += gap.missing or 0
        if restarted:
            self._empty()
        else:
            # The samples drawn across the gap belong to it; a frame that is used as a sample does not.
            own = not self._resampled and arrival is Arrival.IN_ORDER
            self._gap_end = self._count + self._resampler.ready - own
        return (gap,)

    def _empty(self) -> None:
        self._count = 0
        self._end = 0
        self._gap_end = 0
        self._wanted = min(self._hop, _DRAW_AT)

    def _take_due(self, seq: int, t_ms: float) -> list[Event]:
        """Draw samples; return the windows that they make due."""
        samples = self._resampler.draw()
        dues: list[Event] = []
        while len(samples) >= (left := self._hop - self._count % self._hop):
            self._append(samples[:left])
            dues.append(self._due(seq, t_ms))
            samples = samples[left:]
        self._append(samples)
        return dues

    def _take_samples(self) -> None:
        self._append(self._resampler.draw())

    def _append(self, samples: NDArray[np.float32]) -> None:
        self._count += len(samples)
        self._wanted = min(self._hop - self._count % self._hop, _DRAW_AT)
        samples = samples[-self._size :]
        if self._end + len(samples) > len(self._samples):
            kept = self._samples[self._end + len(samples) - self._size : self._end]
            self._samples[: len(kept)] = kept
            self._end = len(kept)
        self._samples[self._end : self._end + len(samples)] = samples
        self._end += len(samples)

    def _due(self, seq: int, t_ms: float) -> DueWindow:
        window = self._samples[max(0, self._end - self._size) : self._end].copy()
        return DueWindow(seq, t_ms, window, gap=self._count - len(window) < self._gap_end)

    def _measure(self, interval_ms: float) -> None:
        smoothing = max(RATE_SMOOTHING, 1 / (self._intervals + 1))
        known = interval_ms if self._interval_ms is None else self._interval_ms
        self._interval_ms = known + smoothing * (interval_ms - known)
        self._intervals += 1


def samples_in(hop_ms: float, sample_rate_hz: float) -> int:
    """Return the samples from one due window to the next, at least one."""
    return max(1, math.ceil(hop_ms * sample_rate_hz / 1000 - _ROUNDING))


def check_span(t_ms: Sequence[float]) -> None:
    """Refuse a message whose connected frames cover more device time than MAX_MESSAGE_SPAN_S.

    Raises:
        WireError: `bad_message`.
    """
    if len(t_ms) <= SHORT_MESSAGE:
        return
    # No samples are drawn across a gap, so a pause of any length counts as the longest step.
    span_s = float(np.clip(np.diff(t_ms), 0.0, MAX_GAP_MS).sum()) / 1000
    if span_s > MAX_MESSAGE_SPAN_S:
        raise WireError(
            "bad_message", f"t_ms covers {span_s:.0f} s; one message may cover {MAX_MESSAGE_SPAN_S:g} s", "t_ms"
        )
