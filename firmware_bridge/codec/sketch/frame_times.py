"""The times of frames whose clock is not known: their arrival shows the unit, or they are stamped by arrival, smoothed.

Pure. docs/reference/link.md, "Time", is the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from firmware_bridge.codec.events import FrameRead, Notice, NoticeCode
from firmware_bridge.codec.sketch.notices import notice_of

TimeUnit = Literal["us", "ms", "s"]
ClockChoice = Literal["auto", "arrival", "device"]

UNIT_MS: Final[Mapping[str, float]] = {"us": 1e-3, "ms": 1.0, "s": 1000.0}
_NEAR: Final = (0.7, 1.4)
"""Time over arrival, in units."""
_STEPS_MS: Final = (8.0, 60.0)
"""A median step that can only be milliseconds: no glove sends so fast in microseconds, or so slowly in seconds."""
_DECIDE_MS: Final = 1000.0
_SETTLED_MS: Final = 200.0
"""What a port had stored comes at once; after a second that can be left out."""
_QUICK_MS: Final = 100.0
_QUICK_FRAMES: Final = 4
_UNTIMED_MS: Final = 250.0
_UNTIMED_FRAMES: Final = 3
_STILL_FRAMES: Final = 5
_FULL_PAUSE_MS: Final = 1000.0
_FOLLOW: Final = 0.05
_FOLLOW_INTERVAL: Final = 0.000625
"""Of a tracking loop of second order without overshoot: a quarter of the square of the other."""
_LEAST_STEP_MS: Final = 0.01
_LEAST_INTERVAL_MS: Final = 0.1
_GIVE_UP_MS: Final = 3000.0
_MAX_HELD: Final = 1000
"""A time that keeps falling never shows its unit: after this time, or this number of frames, it is no clock. Frames are
not held for longer than this time where no other one arrives."""
_USUAL_MS: Final = 20.0
"""The interval of most gloves, for frames whose arrivals show none."""

Complete = Callable[[FrameRead], FrameRead]
"""Makes the whole frame of one whose time is known by now."""


@dataclass(frozen=True, slots=True)
class _Held:
    frame: FrameRead
    complete: Complete
    time: float | None
    arrival: float

    def at(self, t_ms: float) -> FrameRead:
        return self.complete(self.frame._replace(t_ms=t_ms))


class FrameTimes:
    """The times of one glove's frames. `named`: milliseconds of the unit that a header or the user names; `clock`:
    `arrival` and `device` where the user decides which one counts."""

    def __init__(self, named: float | None, clock: ClockChoice = "auto") -> None:
        self._named = 1.0 if named is None and clock == "device" else named
        self._clock = clock
        self._held: list[_Held] = []
        self._from = 0
        """The first held frame whose time counts."""
        self.scale: float | None = None
        """Milliseconds of a unit of time, once it is decided that the glove's time counts."""
        self._stamps: _ArrivalStamps | None = None
        self._last_ms: float | None = None
        self._still = 0
        self._stopped_ms: float | None = None
        """The time at which the glove's clock stopped after it had counted; stamps go on from it."""

    def take(
        self, frame: FrameRead, time: float | None, arrival: float, complete: Complete = lambda frame: frame
    ) -> Iterator[FrameRead | Notice]:
        """Take a frame with its time as sent, None without one; yield what is decided: frames, each made whole by its
        `complete`, and notices."""
        yield from self._take(_Held(frame, complete, None if self._stopped_ms is not None else time, arrival))

    def take_over(self, earlier: FrameTimes) -> Iterator[FrameRead | Notice]:
        """Take the frames that `earlier` holds: a header now says more of their time."""
        held = earlier._release()
        for each in held:
            yield from self._take(each)

    def give_up(self) -> Iterator[FrameRead]:
        """Yield the frames that are held, stamped by arrival: the lines to come have another clock, or none."""
        if self._held:
            events = self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {})
            yield from (event for event in events if isinstance(event, FrameRead))

    @property
    def due_ms(self) -> float | None:
        """When frames that are held come out though no other one arrives; None without such frames."""
        return self._held[-1].arrival + _GIVE_UP_MS if self._held else None

    def idle(self, now_ms: float) -> Iterator[FrameRead | Notice]:
        """Yield the frames that are held, where they are due: no other one has arrived for long."""
        if self.due_ms is None or now_ms < self.due_ms:
            return
        if self._is_untimed:
            yield from self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {"reason": self._unusable})
        elif self._named is not None:
            yield from self._in(self._named)
        else:
            yield from self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {"reason": "ticks"})

    @property
    def _is_untimed(self) -> bool:
        """Whether the newest frame that is held has no time that counts."""
        return self._held[-1].time is None or self._clock == "arrival"

    @property
    def _unusable(self) -> str:
        """Why frames without a time that counts have none."""
        without = "no_time" if self._stopped_ms is None else "stands_still"
        return without if self._held[-1].time is None else "chosen"

    def goes_on(self, t_ms: float) -> bool:
        """Return whether the glove's clock counts and the next frame has a new time; else it takes a closer look."""
        if self.scale is None or t_ms == self._last_ms:
            return False
        self._last_ms, self._still = t_ms, 1
        return True

    def _take(self, held: _Held) -> Iterator[FrameRead | Notice]:
        if self._stamps is not None:
            yield held.at(self._stamps.next(held.arrival))
        elif self.scale is not None and held.time is not None:
            yield from self._take_timed(held, held.time * self.scale)
        elif self.due_ms is not None and held.arrival >= self.due_ms:
            yield from self.idle(held.arrival)
            yield from self._take(held)
        else:
            earlier = self._held[-1].time if self._held else None
            if held.time is not None and earlier is not None and held.time < earlier:
                self._from = len(self._held)
            self._held.append(held)
            yield from self._decide()

    def _take_timed(self, held: _Held, t_ms: float) -> Iterator[FrameRead | Notice]:
        self._still = self._still + 1 if t_ms == self._last_ms else 1
        self._last_ms = t_ms
        if self._still < _STILL_FRAMES or self._clock == "device":
            yield held.at(t_ms)
        else:
            self._stopped_ms, self.scale = t_ms, None
            yield from self._take(replace(held, time=None))

    def _decide(self) -> Iterator[FrameRead | Notice]:
        held = self._held[self._from :]
        first, last = held[0], held[-1]
        if last.arrival - self._held[0].arrival >= _GIVE_UP_MS or len(self._held) >= _MAX_HELD:
            yield from self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {"reason": "ticks"})
            return
        span_ms = last.arrival - first.arrival
        if self._is_untimed:
            if len(held) >= _UNTIMED_FRAMES and span_ms >= _UNTIMED_MS:
                yield from self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {"reason": self._unusable})
            return
        times = [each.time or 0.0 for each in held]
        steps = [after - before for before, after in pairwise(times)]
        if self._named is not None and len(held) > 1 and times[-1] != times[0]:
            yield from self._in(self._named)
        elif self._named is None and (quick := _quick_unit(held, steps, span_ms)) is not None:
            yield from self._in_found(quick)
        elif span_ms >= _DECIDE_MS:
            yield from self._decide_at_last(held, steps)

    def _decide_at_last(self, held: Sequence[_Held], steps: Sequence[float]) -> Iterator[FrameRead | Notice]:
        """Decide after a second, whatever the times are."""
        still = steps.count(0)
        if still == len(steps):
            yield from self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {"reason": "stands_still"})
        elif still >= len(steps) / 4:
            yield from self._by_arrival(NoticeCode.TIME_SPREAD, {})
        elif (unit := _unit_of([each for each in held if each.arrival >= held[0].arrival + _SETTLED_MS])) is not None:
            yield from self._in_found(unit)
        else:
            reason = "counter" if steps.count(1) > len(steps) / 2 else "ticks"
            yield from self._by_arrival(NoticeCode.TIME_BY_ARRIVAL, {"reason": reason})

    def _release(self) -> list[_Held]:
        """Return the frames that are held, and hold none."""
        held, self._held, self._from = self._held, [], 0
        return held

    def _in_found(self, unit: str) -> Iterator[FrameRead | Notice]:
        if unit != "ms":
            yield notice_of(NoticeCode.TIME_UNIT, {"unit": unit})
        yield from self._in(UNIT_MS[unit])

    def _in(self, scale: float) -> Iterator[FrameRead | Notice]:
        self.scale = scale
        held = self._release()
        self._last_ms = (held[-1].time or 0.0) * scale
        for each in held:
            yield each.at((each.time or 0.0) * scale)

    def _by_arrival(self, code: NoticeCode, values: Mapping[str, str]) -> Iterator[FrameRead | Notice]:
        held = self._release()
        interval_ms = _interval_of([each.arrival for each in held]) or _USUAL_MS
        last = held[-1].arrival
        begin = last - (len(held) - 1) * interval_ms
        offset = 0.0 if self._stopped_ms is None else self._stopped_ms + interval_ms - begin
        self._stamps = _ArrivalStamps(last + offset, interval_ms, offset)
        yield notice_of(code, values)
        for place, each in enumerate(held):
            yield each.at(begin + offset + place * interval_ms)


class _ArrivalStamps:
    """Stamps by arrival, later by `offset`, smoothed by a tracking loop of second order."""

    def __init__(self, stamp: float, interval_ms: float, offset: float) -> None:
        self._stamp = stamp
        self._offset = offset
        self._interval_ms = interval_ms

    def next(self, arrival: float) -> float:
        """Return the stamp of the next frame."""
        arrival += self._offset
        due = self._stamp + self._interval_ms
        late = arrival - due
        if late > _FULL_PAUSE_MS:
            self._stamp = arrival
        else:
            self._stamp = max(due + _FOLLOW * late, self._stamp + _LEAST_STEP_MS)
            self._interval_ms = max(self._interval_ms + _FOLLOW_INTERVAL * late, _LEAST_INTERVAL_MS)
        return self._stamp


def _interval_of(arrivals: Sequence[float]) -> float:
    """Return the time between frames that arrived so, perhaps several at once.

    From the first of one arrival to the first of another: the first arrival of all may bring what a port had stored,
    and of the last one more may come.
    """
    firsts = [place for place in range(1, len(arrivals)) if arrivals[place] > arrivals[place - 1]]
    begin, end = (firsts[0], firsts[-1]) if len(firsts) > 1 else (0, len(arrivals) - 1)
    return (arrivals[end] - arrivals[begin]) / max(1, end - begin)


def _quick_unit(held: Sequence[_Held], steps: Sequence[float], span_ms: float) -> str | None:
    """Return the unit that the first frames show before a second has passed."""
    if len(held) < _QUICK_FRAMES or 0 in steps:
        return None
    if len(held) == _QUICK_FRAMES and _STEPS_MS[0] <= sorted(steps)[1] <= _STEPS_MS[1]:
        return "ms"
    arrivals = len({each.arrival for each in held})
    return _unit_of(held) if arrivals >= _QUICK_FRAMES and span_ms > _QUICK_MS else None


def _unit_of(held: Sequence[_Held]) -> str | None:
    """Return the unit in which the times go as fast as the arrivals."""
    if len(held) < 2:
        return None
    first = [each for each in held if each.arrival == held[0].arrival][-1]
    last = held[-1]
    if last.arrival == first.arrival:
        return None
    rate = ((last.time or 0.0) - (first.time or 0.0)) / (last.arrival - first.arrival)
    return next((unit for unit, ms in UNIT_MS.items() if _NEAR[0] <= rate * ms <= _NEAR[1]), None)
