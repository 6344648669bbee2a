"""Whether one frame follows the other: what is missing between them, came again, or began anew. Pure.

The sequence number decides where the format has one; in text only the time between frames can. Device time comes from a
counter that wraps around; here it is made to run on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FrameRepeated, FramesMissing, LetterRead

WRAP_US_MS: Final = 2**32 / 1000
"""Where a 32-bit counter of microseconds wraps around, in ms: after 71.6 minutes."""

WRAP_MS: Final = float(2**32)
"""Where a 32-bit counter of milliseconds does, as of Arduino's `millis()`: after 49.7 days."""

_SEQ: Final = 2**16
_HALF: Final = _SEQ // 2
_MAX_WRAP_STEP_MS: Final = 10_000.0
"""Frames on both sides of a wrap-around lie closer together than this."""

_MAX_WRAP_SILENCE_MS: Final = 600_000.0
_SILENCE_SLACK: Final = 0.02
_MAX_SILENCE_SLACK: Final = 256.0
"""Or so far, when as many numbers are missing as fit into the silence: within 2 %, as well as the interval is known,
and at most so many, which is a chance of 1 in 128. Otherwise the device has started again."""

_RESTART_MS: Final = 1000.0
"""Text only: a fall of more than this is a restart. Real gloves have stepped back by less without one."""

_MAX_RATE_PER_MS: Final = 1.0
_SMOOTHING: Final = 0.1
_FASTER: Final = 0.7
"""Slices so much shorter than the others are a faster rate, and taken over within a few frames."""

_FASTER_AFTER: Final = 2
"""So many in a row: a single one follows a frame that was late."""

_KNOWN_AFTER: Final = 5
"""Intervals seen before the time between two frames is held against them."""

_MISSING_FROM: Final = 1.75
"""Intervals between two frames from which one is missing: real gloves waver between 20 and 31 ms."""

_NEW_RATE_AFTER: Final = 3
"""So many long intervals in a row are a slower rate, not losses."""

_MAX_REPEATED: Final = 256
"""A device that sends a buffer again goes back less than this."""


@dataclass(slots=True)
class _Interval:
    """The time between frames in ms, as the glove keeps it."""

    ms: float = 0.0
    seen: int = 0
    long: int = 0
    short: int = 0
    slack_ms: float = 0.0
    """The step across a change may hold what had run of the interval before it."""

    def missing(self, step_ms: float) -> int:
        """Frames that should have come within a step of so many ms."""
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
        """The glove says so itself."""
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
    """Follows one glove's frames, over the times its port was away as well."""

    def __init__(self) -> None:
        self._last_ms: float | None = None
        self._last_raw_ms = 0.0
        self._last_seq: int | None = None
        self._turns_ms = 0.0
        self._letter_ms: float | None = None
        self._paused = False
        self._interval = _Interval()
        self._last_values: tuple[float, ...] = ()
        self._forget_sent()

    def expect_interval(self, ms: float) -> None:
        """The device says that this is the time between its frames from now on."""
        self._interval.change(ms)

    def follow(self, frame: FrameRead) -> Iterator[Event]:
        """`frame`, whose `t_ms` is the device's counter as it was sent, with what is to be said before it.

        A frame that came again is left out.
        """
        seq, raw_ms = frame.seq, frame.t_ms
        if self._last_ms is None:
            yield self._take(frame, raw_ms)
            return
        if self._goes_on_after_pause(raw_ms):
            self._turns_ms = self._nearest_turns_ms(raw_ms)
            yield self._take(frame, raw_ms + self._turns_ms)
            return
        turns_ms = self._turns_ms
        if raw_ms < self._last_raw_ms:
            turns_ms += self._wrapped_ms(raw_ms, seq)
        t_ms = raw_ms + turns_ms
        step_ms = t_ms - self._last_ms
        if seq is None or self._last_seq is None:
            yield from self._by_time(frame, t_ms, step_ms, turns_ms)
        else:
            yield from self._by_sequence(frame, t_ms, step_ms, turns_ms, (seq - self._last_seq) % _SEQ)

    def expect_no_frames(self) -> None:
        """The device says that it sends none; until they come again, none is missing."""
        self._paused = True

    def place(self, letter: LetterRead) -> LetterRead:
        """`letter`, whose `t_ms` is the device's counter as it was sent, on the clock of the frames."""
        self._letter_ms = letter.t_ms + self._nearest_turns_ms(letter.t_ms)
        return letter if self._letter_ms == letter.t_ms else letter._replace(t_ms=self._letter_ms)

    def _nearest_turns_ms(self, raw_ms: float) -> float:
        """What brings the counter nearest to the last time known: without frames it may go round meanwhile."""
        # The counter of ms goes round after a thousand turns of that of us, so the turns of that one serve both.
        return max(0, round((self._newest_ms - raw_ms) / WRAP_US_MS)) * WRAP_US_MS

    @property
    def _newest_ms(self) -> float:
        return max(self._last_ms or 0.0, self._letter_ms or 0.0)

    def _goes_on_after_pause(self, raw_ms: float) -> bool:
        was_paused, self._paused = self._paused, False
        step_ms = raw_ms + self._nearest_turns_ms(raw_ms) - self._newest_ms
        return was_paused and 0 <= step_ms <= _MAX_WRAP_STEP_MS

    def _by_sequence(
        self, frame: FrameRead, t_ms: float, step_ms: float, turns_ms: float, ahead: int
    ) -> Iterator[Event]:
        assert self._last_ms is not None
        if step_ms > 0 and ahead == 1:
            self._interval.missing(step_ms)  # only learns: the sequence knows better
        elif step_ms < 0 and self._has_begun_anew(frame, ahead):
            yield DeviceRestarted(self._last_ms, frame.t_ms)
            self._restart()
            turns_ms, t_ms = 0.0, frame.t_ms
        elif step_ms <= 0:
            yield FrameRepeated(t_ms)
            return
        else:
            missing = self._missing_by_sequence(ahead, step_ms)
            if missing:
                yield FramesMissing(t_ms, missing, "sequence")
        self._turns_ms = turns_ms
        yield self._take(frame, t_ms)

    def _has_begun_anew(self, frame: FrameRead, ahead: int) -> bool:
        """Whether a frame of an earlier time is of another run of the device; else it came again."""
        assert frame.seq is not None
        if frame.seq == 0 or _SEQ - ahead > _MAX_REPEATED:
            return True
        sent = self._sent[frame.seq % _MAX_REPEATED]
        return sent is not None and sent.seq == frame.seq and (sent.t_ms, sent.values) != (frame.t_ms, frame.values)

    def _missing_by_sequence(self, ahead: int, step_ms: float) -> int:
        """The numbers passed over; after a long silence they may have gone round, and the time tells how often."""
        expected = step_ms / self._interval.ms if self._interval.seen >= _KNOWN_AFTER else float(ahead)
        rounds = max(0, round((expected - ahead) / _SEQ))
        if ahead > _HALF and not rounds and ahead > 2 * expected:
            return 0  # numbered anew, by a device whose clock went on: nobody can tell what is between
        return (ahead - 1) % _SEQ + rounds * _SEQ if ahead else rounds * _SEQ - 1 if rounds else 0

    def _by_time(self, frame: FrameRead, t_ms: float, step_ms: float, turns_ms: float) -> Iterator[Event]:
        assert self._last_ms is not None
        if step_ms < -_RESTART_MS:
            yield DeviceRestarted(self._last_ms, frame.t_ms)
            self._restart()
            turns_ms, t_ms = 0.0, frame.t_ms
        elif step_ms == 0 and frame.values == self._last_values:
            yield FrameRepeated(t_ms)
            return
        elif step_ms > 0:
            missing = self._interval.missing(step_ms)
            if missing:
                yield FramesMissing(t_ms, missing, "time")
        self._turns_ms = turns_ms
        yield self._take(frame, t_ms)

    def _wrapped_ms(self, raw_ms: float, seq: int | None) -> float:
        """How much the counter has lost by wrapping around; 0: it has fallen for another reason."""
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
        """Whoever starts again may have another rate."""
        self._letter_ms = None
        self._interval = _Interval()
        self._forget_sent()

    def _forget_sent(self) -> None:
        self._sent: list[FrameRead | None] = [None] * _MAX_REPEATED
        """The last frames as they were sent, each at its number modulo so many."""

    def _take(self, frame: FrameRead, t_ms: float) -> FrameRead:
        self._last_ms, self._last_raw_ms, self._last_seq = t_ms, frame.t_ms, frame.seq
        self._last_values = frame.values
        if frame.seq is not None:
            self._sent[frame.seq % _MAX_REPEATED] = frame
        return frame if t_ms == frame.t_ms else frame._replace(t_ms=t_ms)
