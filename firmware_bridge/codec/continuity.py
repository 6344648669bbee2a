"""The continuity of frames: losses, repeats and restarts. Pure.

The sequence number decides where the format has one; in text only the time between frames can. Device time comes from a
counter that wraps around; it is unwrapped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FrameRepeated, FramesMissing, LetterRead

WRAP_US_MS: Final = 2**32 / 1000
"""The range of a 32-bit counter of microseconds, in ms: 71.6 minutes."""

WRAP_MS: Final = float(2**32)
"""The range of a 32-bit counter of milliseconds, such as Arduino's `millis()`: 49.7 days."""

_SEQ: Final = 2**16
_HALF: Final = _SEQ // 2
_MAX_WRAP_STEP_MS: Final = 10_000.0
"""Frames on both sides of a wrap-around are closer together than this."""

_MAX_WRAP_SILENCE_MS: Final = 600_000.0
_SILENCE_SLACK: Final = 0.02
_MAX_SILENCE_SLACK: Final = 256.0
"""Or up to the silence above, when the missing numbers fill it: within 2 %, the accuracy of the interval, and at most
256 numbers, a chance match of 1 in 128. Otherwise the device has restarted."""

_RESTART_MS: Final = 1000.0
"""Text only: a step back of more than this is a restart. Real gloves have stepped back by less without one."""

_MAX_RATE_PER_MS: Final = 1.0
_SMOOTHING: Final = 0.1
_FASTER: Final = 0.7
"""Slices shorter than this share of the usual one are a faster rate, adopted within a few frames."""

_FASTER_AFTER: Final = 2
"""Short steps in a row before that: a single one follows a late frame."""

_KNOWN_AFTER: Final = 5
"""Intervals seen before the time between two frames can show a loss."""

_MISSING_FROM: Final = 1.75
"""A step of this many intervals misses a frame: real gloves vary between 20 and 31 ms."""

_NEW_RATE_AFTER: Final = 3
"""This many long intervals in a row are a slower rate, not losses."""

_MAX_REPEATED: Final = 256
"""A device that repeats a buffer goes back by fewer frames than this."""


@dataclass(slots=True)
class _Interval:
    """The usual time between the glove's frames, in ms."""

    ms: float = 0.0
    seen: int = 0
    long: int = 0
    short: int = 0
    slack_ms: float = 0.0
    """The step across a change may contain part of the previous interval."""

    def missing(self, step_ms: float) -> int:
        """Return the number of frames expected within a step, the last one excluded."""
        if self.seen < _KNOWN_AFTER:
            self._learn(step_ms)
            return 0
        slack_ms, self.slack_ms = self.slack_ms, 0.0
        if step_ms < _MISSING_FROM * self.ms + slack_ms:
            self.long = 0
            if not slack_ms:
                self._learn(step_ms)
            return 0
        self.long += 1
        missing = round((step_ms - slack_ms) / self.ms) - 1
        if self.long >= _NEW_RATE_AFTER:
            self._expect(step_ms)
            return 0
        return missing

    def change(self, ms: float) -> None:
        """Adopt the interval that the glove itself announces."""
        self.slack_ms = self.ms
        self._expect(ms)

    def _expect(self, ms: float) -> None:
        self.ms, self.seen, self.long, self.short = ms, _KNOWN_AFTER, 0, 0

    def _learn(self, step_ms: float) -> None:
        self.seen += 1
        self.short = self.short + 1 if step_ms < _FASTER * self.ms else 0
        # A mean at first, then one that follows.
        self.ms += (step_ms - self.ms) * max(_SMOOTHING, 1 / self.seen, 0.5 * (self.short >= _FASTER_AFTER))


class Continuity:
    """The follower of one glove's frames, also across times without its port."""

    def __init__(self) -> None:
        self._last_ms: float | None = None
        self._last_raw_ms = 0.0
        self._last_seq: int | None = None
        self._wraps_ms = 0.0
        self._letter_ms: float | None = None
        self._paused = False
        self._interval = _Interval()
        self._last_values: tuple[float | None, ...] = ()
        self._forget_sent()

    def expect_interval(self, ms: float) -> None:
        """Expect a frame every `ms` from now on, as the device announced."""
        self._interval.change(ms)

    def follow(self, frame: FrameRead) -> Iterator[Event]:
        """Yield the events before `frame`, and it with its time unwrapped; a repeated frame is left out.

        The `t_ms` of `frame` is the device's counter as sent.
        """
        seq, raw_ms = frame.seq, frame.t_ms
        if self._last_ms is None:
            yield self._take(frame, raw_ms)
            return
        if self._resumes_after_pause(raw_ms):
            self._wraps_ms = self._nearest_wraps_ms(raw_ms)
            yield self._take(frame, raw_ms + self._wraps_ms)
            return
        wraps_ms = self._wraps_ms
        if raw_ms < self._last_raw_ms:
            wraps_ms += self._wrapped_ms(raw_ms, seq)
        t_ms = raw_ms + wraps_ms
        step_ms = t_ms - self._last_ms
        if seq is None or self._last_seq is None:
            yield from self._by_time(frame, t_ms, step_ms, wraps_ms)
        else:
            yield from self._by_sequence(frame, t_ms, step_ms, wraps_ms, (seq - self._last_seq) % _SEQ)

    def expect_no_frames(self) -> None:
        """Expect no frames, as the device announced; until they resume, none is missing."""
        self._paused = True

    def place(self, letter: LetterRead) -> LetterRead:
        """Return `letter`, whose `t_ms` is the device's counter as sent, on the unwrapped clock of the frames."""
        self._letter_ms = letter.t_ms + self._nearest_wraps_ms(letter.t_ms)
        return letter if self._letter_ms == letter.t_ms else letter._replace(t_ms=self._letter_ms)

    def _nearest_wraps_ms(self, raw_ms: float) -> float:
        """Return the wraps that bring the counter nearest to the last known time: without frames it may wrap often."""
        # A counter of ms wraps after a thousand wraps of one of us, so the latter serve both.
        return max(0, round((self._newest_ms - raw_ms) / WRAP_US_MS)) * WRAP_US_MS

    @property
    def _newest_ms(self) -> float:
        return max(self._last_ms or 0.0, self._letter_ms or 0.0)

    def _resumes_after_pause(self, raw_ms: float) -> bool:
        was_paused, self._paused = self._paused, False
        step_ms = raw_ms + self._nearest_wraps_ms(raw_ms) - self._newest_ms
        return was_paused and 0 <= step_ms <= _MAX_WRAP_STEP_MS

    def _by_sequence(
        self, frame: FrameRead, t_ms: float, step_ms: float, wraps_ms: float, ahead: int
    ) -> Iterator[Event]:
        assert self._last_ms is not None
        if step_ms > 0 and ahead == 1:
            self._interval.missing(step_ms)  # only learns: the sequence decides
        elif step_ms < 0 and self._is_restart(frame, ahead):
            yield DeviceRestarted(self._last_ms, frame.t_ms)
            self._restart()
            wraps_ms, t_ms = 0.0, frame.t_ms
        elif step_ms <= 0:
            yield FrameRepeated(t_ms)
            return
        else:
            missing = self._missing_by_sequence(ahead, step_ms)
            if missing:
                yield FramesMissing(t_ms, missing, "sequence")
        self._wraps_ms = wraps_ms
        yield self._take(frame, t_ms)

    def _is_restart(self, frame: FrameRead, ahead: int) -> bool:
        """Tell whether a frame of an earlier time belongs to another run of the device, rather than being a repeat."""
        assert frame.seq is not None
        if frame.seq == 0 or _SEQ - ahead > _MAX_REPEATED:
            return True
        sent = self._sent[frame.seq % _MAX_REPEATED]
        return sent is not None and sent.seq == frame.seq and (sent.t_ms, sent.values) != (frame.t_ms, frame.values)

    def _missing_by_sequence(self, ahead: int, step_ms: float) -> int:
        """Return the count of skipped numbers; after a silence they may have wrapped, and the time tells how often."""
        expected = step_ms / self._interval.ms if self._interval.seen >= _KNOWN_AFTER else float(ahead)
        rounds = max(0, round((expected - ahead) / _SEQ))
        if ahead > _HALF and not rounds and ahead > 2 * expected:
            return 0  # the device restarted its numbers but not its clock: the loss is unknown
        return (ahead - 1) % _SEQ + rounds * _SEQ if ahead else rounds * _SEQ - 1 if rounds else 0

    def _by_time(self, frame: FrameRead, t_ms: float, step_ms: float, wraps_ms: float) -> Iterator[Event]:
        assert self._last_ms is not None
        if step_ms < -_RESTART_MS:
            yield DeviceRestarted(self._last_ms, frame.t_ms)
            self._restart()
            wraps_ms, t_ms = 0.0, frame.t_ms
        elif step_ms == 0 and frame.values == self._last_values:
            yield FrameRepeated(t_ms)
            return
        elif step_ms > 0:
            missing = self._interval.missing(step_ms)
            if missing:
                yield FramesMissing(t_ms, missing, "time")
        self._wraps_ms = wraps_ms
        yield self._take(frame, t_ms)

    def _wrapped_ms(self, raw_ms: float, seq: int | None) -> float:
        """Return the range of the counter that has wrapped around; 0 when it has fallen for another reason."""
        for wrap_ms in (WRAP_US_MS, WRAP_MS):
            step_ms = raw_ms + wrap_ms - self._last_raw_ms
            if step_ms >= 0 and self._goes_on(seq, step_ms):
                return wrap_ms
        return 0.0

    def _goes_on(self, seq: int | None, step_ms: float) -> bool:
        if seq is None or self._last_seq is None:
            return step_ms <= _MAX_WRAP_STEP_MS
        ahead = (seq - self._last_seq) % _SEQ
        if step_ms <= _MAX_WRAP_STEP_MS:
            return 1 <= ahead <= step_ms * _MAX_RATE_PER_MS + 1
        if seq == 0 or step_ms > _MAX_WRAP_SILENCE_MS or self._interval.seen < _KNOWN_AFTER:
            return False
        expected = step_ms / self._interval.ms
        off = expected - ahead
        return abs(off - _SEQ * round(off / _SEQ)) <= min(_SILENCE_SLACK * expected, _MAX_SILENCE_SLACK)

    def _restart(self) -> None:
        """Forget the interval: a device may restart with another one."""
        self._letter_ms = None
        self._interval = _Interval()
        self._forget_sent()

    def _forget_sent(self) -> None:
        self._sent: list[FrameRead | None] = [None] * _MAX_REPEATED
        """The last frames as sent, each at its number modulo `_MAX_REPEATED`."""

    def _take(self, frame: FrameRead, t_ms: float) -> FrameRead:
        self._last_ms, self._last_raw_ms, self._last_seq = t_ms, frame.t_ms, frame.seq
        self._last_values = frame.values
        if frame.seq is not None:
            self._sent[frame.seq % _MAX_REPEATED] = frame
        return frame if t_ms == frame.t_ms else frame._replace(t_ms=t_ms)
