"""What is odd about a glove's text, said once each with a code, a sentence and values. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from firmware_bridge.codec.events import Damaged, Event, FrameRead, Notice, NoticeCode, Remark

NEEDED_HZ: Final = 5
"""Slower frames are farther apart than a gap."""

_SLOW_MS: Final = 200.0
_STEPS: Final = 4
_UNREADABLE_LINES: Final = 8
_UNREADABLE_SOON: Final = 3
_UNREADABLE_MS: Final = 2500.0
_ONLY_WORDS_LINES: Final = 40
_UNLIKELY_LINES: Final = 3
_SHOWN: Final = 60
"""Characters of a line that are shown, as of a damaged one."""
_FIELDS: Final = re.compile(r"[^,;\t ]+")

_WANTED: Final = "timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5"
_TEXTS: Final[Mapping[NoticeCode, Callable[[Mapping[str, str]], str]]] = {
    NoticeCode.MOTION_UNITS: lambda v: f"the motion sensors are read as {v['unit']}: name their units in the header",
    NoticeCode.ONLY_WORDS: lambda v: f"the glove sends words and no numbers: print lines of {_WANTED}",
    NoticeCode.TIME_BY_ARRIVAL: lambda v: "the glove's time cannot be used: frames are timed as they arrive",
    NoticeCode.TIME_SPREAD: lambda v: "several frames share a time: frames are timed as they arrive",
    NoticeCode.TIME_UNIT: lambda v: f"the glove's time is read as {v['unit']}",
    NoticeCode.TOO_SLOW: lambda v: f"the glove sends {v['hz']} frames a second; at least {v['needed_hz']} are needed",
    NoticeCode.UNLIKELY_COLUMNS: lambda v: (
        f"{v['field']} reads {v['value']}, which it cannot be: print a header line that names the fields"
    ),
    NoticeCode.UNREADABLE: lambda v: f'"{v["line"]}" ({v["fields"]} fields) cannot be read: print lines of {_WANTED}',
}


def notice_of(code: NoticeCode, values: Mapping[str, str]) -> Notice:
    """Return the event that says what is odd."""
    return Notice(code, _TEXTS[code](values), None, values)


class Notices:
    """The notices of one glove."""

    def __init__(self) -> None:
        self._said: set[NoticeCode] = set()
        self._has_frame = False
        self._damaged = 0  # lines in a row, before the first frame
        self._first_damaged = ("", 0.0)  # and when it arrived
        self._words = 0
        self._unlikely = 0
        self._first_unlikely = ("", 0.0, "")
        self._last_ms: float | None = None
        self._steps: deque[float] = deque(maxlen=_STEPS)

    def frame(self) -> None:
        """Record that a line was read as a frame."""
        self._has_frame = True
        self._damaged = self._unlikely = 0

    def unlikely(self, name: str, value: float, line: str) -> Iterator[Notice]:
        """Record a line whose fields cannot be what their places say; yield its notice, if it is due."""
        if not self._unlikely:
            self._first_unlikely = (name, value, line)
        self._unlikely += 1
        if self._unlikely >= _UNLIKELY_LINES:
            first, reading, shown = self._first_unlikely
            values = {"field": first, "value": f"{reading:.15g}", "line": shown[:_SHOWN]}
            yield notice_of(NoticeCode.UNLIKELY_COLUMNS, values)

    def after(self, events: Iterable[Event], arrival: float) -> Iterator[Event]:
        """Yield the events of a line, with the notices that they give."""
        for event in events:
            match event:
                case Damaged():
                    yield event
                    yield from self._after_damaged(event, arrival)
                case Remark():
                    yield event
                    yield from self._after_words()
                case FrameRead():
                    if not self.is_usual(event.t_ms):
                        yield from self.slow()
                    yield event
                case Notice():
                    yield from self._once(event)
                case _:
                    yield event

    def is_usual(self, t_ms: float) -> bool:
        """Record the time of the next frame; return whether it follows the last one soon enough."""
        last_ms, self._last_ms = self._last_ms, t_ms
        if last_ms is None or t_ms <= last_ms:
            return True
        self._steps.append(t_ms - last_ms)
        return t_ms - last_ms <= _SLOW_MS

    def slow(self) -> Iterator[Notice]:
        """Yield a notice, once, where most of the last frames came late."""
        if len(self._steps) == _STEPS:
            usual_ms = sorted(self._steps)[_STEPS // 2]
            if usual_ms > _SLOW_MS:
                values = {"hz": f"{1000 / usual_ms:.1f}", "needed_hz": str(NEEDED_HZ)}
                yield from self._once(notice_of(NoticeCode.TOO_SLOW, values))

    def _after_damaged(self, event: Damaged, arrival: float) -> Iterator[Notice]:
        if self._has_frame or self._unlikely:
            return
        if not self._damaged:
            self._first_damaged = (event.shown, arrival)
        self._damaged += 1
        shown, since = self._first_damaged
        is_long = self._damaged >= _UNREADABLE_SOON and arrival - since >= _UNREADABLE_MS
        if self._damaged >= _UNREADABLE_LINES or is_long:
            values = {"line": shown, "fields": str(len(_FIELDS.findall(shown)))}
            yield from self._once(notice_of(NoticeCode.UNREADABLE, values))

    def _after_words(self) -> Iterator[Notice]:
        self._words += 1
        if not self._has_frame and self._words >= _ONLY_WORDS_LINES:
            yield from self._once(notice_of(NoticeCode.ONLY_WORDS, {}))

    def _once(self, notice: Notice) -> Iterator[Notice]:
        if notice.code not in self._said:
            self._said.add(notice.code)
            yield notice
