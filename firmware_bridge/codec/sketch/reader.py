"""The reader of text from any sketch. Pure: the time of arrival is an argument.

docs/reference/link.md, "Text from any sketch", is the specification. How lines are divided is decided once; a line that
then differs is damage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from firmware_bridge.codec import letters, remarks
from firmware_bridge.codec.events import Damaged, Event, Fault, FrameRead, Remark
from firmware_bridge.codec.lines import LineError, damaged
from firmware_bridge.codec.sketch.columns import BY_COUNT, Columns, columns_of, header_of
from firmware_bridge.codec.sketch.fields import (
    Divided,
    NamedFields,
    divide,
    divide_numbers,
    named_fields,
    number_of,
    rises_evenly,
)
from firmware_bridge.codec.sketch.frame_times import UNIT_MS, ClockChoice, FrameTimes
from firmware_bridge.codec.sketch.line_ends import LineEnds
from firmware_bridge.codec.sketch.motion import Motion
from firmware_bridge.codec.sketch.notices import Notices
from firmware_bridge.codec.sketch.plain_lines import PlainLines
from firmware_bridge.codec.sketch.words import are_words, as_text, differ_by_a_bit, trim

_AGREEING: Final = 3
"""Lines of one shape that decide."""
_MAX_HELD: Final = 8
_MAX_STRAYS: Final = 25
"""Lines of another shape in a row, after which the shape is decided again."""
_AMBIGUOUS: Final = "the {} names a channel or the time twice, or miscounts its flex sensors"
_PLAIN: Final = re.compile(r"[0-9.+,; \t-]+")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of numbers, with names in it or without."""

    text: str
    arrival: float
    content: Divided | NamedFields

    @property
    def shape(self) -> tuple[object, ...]:
        """What lines of one sketch have in common."""
        if isinstance(self.content, NamedFields):
            return self.content.names
        return self.content.separator, len(self.content.fields), self.content.is_closed


@dataclass(frozen=True, slots=True)
class _Pending:
    """A header that holds only if the next line of numbers has as many fields."""

    columns: Columns
    text: str
    remark: tuple[Event, ...]


class SketchReader:
    """The reader of one glove's lines. `unit` and `clock` are the user's choice where the glove's time is unusual."""

    def __init__(self, unit: str | None = None, clock: ClockChoice = "auto") -> None:
        self._time_scale, self._clock = None if unit is None else UNIT_MS[unit], clock
        self._notices = Notices()
        self.reset()

    def reset(self) -> None:
        """Forget the header and the shape: another glove may be connected now."""
        self._ends = LineEnds()
        self._order_unknown = False
        self._columns: Columns | None = None
        self._header = self._last_header = ""
        """The text of the header in force, and of the last one that was read."""
        self._is_doubted = False  # one bit apart: either may be damaged
        self._shape: tuple[object, ...] | None = None
        self._separator: str | None = None
        self._is_time_first = False
        self._held: list[_Line] = []
        self._pending: _Pending | None = None
        self._strays = 0
        self._times = FrameTimes(self._time_scale, self._clock)
        self._times_of: tuple[bool, float | None] | None = None
        self._motion: Motion | None = None
        self._plain: PlainLines | None = None
        """The reader of lines that need nothing but their numbers: of plain commas, in a time that is understood."""

    @property
    def order_unknown(self) -> bool:
        """Whether the last header was ambiguous or is doubted, or lines do not fit it: send `header`."""
        return self._order_unknown or self._is_doubted or (self._columns is not None and self._strays >= _MAX_STRAYS)

    def split(self, data: bytes, is_skipping: bool) -> list[bytes]:
        """Divide text into lines; the last piece has not ended yet."""
        # Nearly all text needs no more than this.
        if is_skipping or self._ends.is_cr or b"\r" in data:
            return self._ends.divide(data, is_skipping)
        return data.split(b"\n")

    def may_be_line(self, piece: bytes) -> bool:
        """Tell whether the piece may be a line, readable or not, rather than bytes between two ends of lines."""
        return as_text(trim(piece)) is not None

    def partial(self, line: bytes) -> None:
        """Take the first line after the port was opened: a piece of one, unless it is a header of known names alone."""
        text = as_text(trim(line)) or ""
        columns = header_of(text)
        if columns is not None and not columns.is_ambiguous and columns.known == len(columns.fields):
            self._pending = _Pending(columns, text, ())

    def read(self, line: bytes, arrival: float = 0.0) -> Iterable[Event]:
        """Return the events of a line without its end, which arrived at `arrival` ms."""
        plain = self._plain
        if plain is not None and (frame := plain.read(line)) is not None and self._times.goes_on(frame.t_ms):
            self._strays = 0
            self._notices.frame()
            return (frame,) if self._notices.is_usual(frame.t_ms) else (*self._notices.slow(), frame)
        return tuple(self._notices.after(tuple(self._read(line, arrival)), arrival))

    @property
    def due_ms(self) -> float | None:
        """When frames that are held come out though nothing arrives; None without such frames."""
        return self._times.due_ms

    def idle(self, now_ms: float) -> Iterable[Event]:
        """Return the events that are due at `now_ms` though nothing has arrived."""
        return self._notices.after(self._times.idle(now_ms), now_ms) if self._times.due_ms is not None else ()

    def _read(self, line: bytes, arrival: float) -> Iterator[Event]:
        line = trim(line)
        if line.startswith(b"#"):
            remark = line[1:].strip()
            yield letters.from_remark(remark) or remarks.from_bytes(remark)
        elif (text := as_text(line)) is None:
            yield damaged(line, Fault.ASCII, "the line has bytes that are no text")
        elif text:
            yield from self._read_text(text, arrival)

    def _read_text(self, text: str, arrival: float) -> Iterator[Event]:
        named = named_fields(text)
        if named is not None and self._shape is not None and self._separator is None:
            yield from self._read_line(_Line(text, arrival, named))
        elif _PLAIN.fullmatch(text) or divide_numbers(text).are_numbers:
            yield from self._take_numbers(_Line(text, arrival, divide_numbers(text)))
        elif named is not None and (columns := columns_of(named.names)).is_useful:
            yield from self._take_named(_Line(text, arrival, named), columns)
        elif (header := header_of(text)) is not None:
            yield from self._take_header(header, text)
        elif are_words(text):
            yield Remark(text)
        else:
            yield _damaged(text, Fault.NUMBER, "the line is neither numbers nor words")

    def _take_named(self, line: _Line, columns: Columns) -> Iterator[Event]:
        """Take a line of names while lines without names are read: a status, unless no other line comes any more."""
        if self._shape is not None:
            self._strays += 1
            if self._strays < _MAX_STRAYS:
                yield Remark(line.text)
                return
            self._forget_shape()
        if columns.is_ambiguous:
            yield _damaged(line.text, Fault.HEADER, _AMBIGUOUS.format("line"))
            return
        yield from self._hold(line)

    def _take_header(self, columns: Columns, text: str) -> Iterator[Event]:
        self._is_doubted = self._last_header != text and differ_by_a_bit(self._header, text)
        self._last_header = text
        if self._is_doubted:
            yield _damaged(
                text, Fault.HEADER, "the header differs from that before by one bit; it counts if it comes again"
            )
            return
        if columns.is_ambiguous:
            self._order_unknown = True
            self._plain = None
            yield _damaged(text, Fault.HEADER, _AMBIGUOUS.format("header"))
            return
        yield from self._drop_pending()
        if columns.known > 1 and (self._shape is None or self._count == len(columns.fields)):
            yield from self._adopt(columns, text)
        else:
            self._pending = _Pending(columns, text, (Remark(text),))
            self._plain = None  # the next line of numbers decides about it

    @property
    def _count(self) -> int:
        """The number of fields of a line, once decided."""
        assert self._shape is not None
        return len(self._shape) if self._separator is None else int(str(self._shape[1]))

    def _drop_pending(self) -> tuple[Event, ...]:
        pending, self._pending = self._pending, None
        return () if pending is None else pending.remark

    def _adopt(self, columns: Columns, text: str) -> Iterator[Event]:
        self._header = text
        if self._columns is not None and self._columns.fields == columns.fields and not self._order_unknown:
            yield columns.header  # said again: the lines that are held are under it already
            return
        held, self._held = self._held, []
        for each in held:
            yield _damaged(each.text, Fault.FIELDS, "the line is not as the header behind it says")
        self._order_unknown = False
        self._strays = 0
        self._columns = columns
        if self._shape is not None and self._count != len(columns.fields):
            self._shape = None
        yield from self._use_times_of(columns)
        yield columns.header

    def _use_times_of(self, columns: Columns) -> Iterator[Event]:
        """Begin another search for the unit of time, where the columns have another one."""
        key = (columns.time is None, columns.time_scale)
        if key != self._times_of:
            before, self._times = self._times, FrameTimes(self._time_scale or columns.time_scale, self._clock)
            is_alike = self._times_of is not None and self._times_of[0] == key[0]
            yield from self._times.take_over(before) if is_alike else before.give_up()
        self._times_of = key
        self._motion = Motion(columns) if columns.needs_angles else None
        self._plain = None

    def _take_numbers(self, line: _Line) -> Iterator[Event]:
        if self._order_unknown:
            yield _damaged(line.text, Fault.ORDER, "the order of the fields is not known since the last header")
            return
        pending = self._pending
        if pending is not None and len(pending.columns.fields) == len(line.content.fields):
            self._pending = None
            yield from self._adopt(pending.columns, pending.text)
        else:
            yield from self._drop_pending()
        yield from self._hold(line) if self._shape is None else self._read_line(line)

    def _hold(self, line: _Line) -> Iterator[Event]:
        """Keep a line until three of its shape decide."""
        self._held.append(line)
        agreeing = [each for each in self._held if each.shape == line.shape]
        if len(self._held) < _MAX_HELD and (len(agreeing) < _AGREEING or self._may_be_time_first(agreeing)):
            return
        held, self._held = self._held, []
        if len(agreeing) < _AGREEING:
            for each in held:
                yield _damaged(each.text, Fault.FIELDS, "no three lines have the same fields")
            return
        yield from self._decide(agreeing)
        for each in held:
            yield from self._read_line(each)

    def _decide(self, agreeing: list[_Line]) -> Iterator[Event]:
        content = agreeing[0].content
        self._strays = 0
        self._shape = agreeing[0].shape
        self._is_time_first = False
        self._plain = None
        if isinstance(content, NamedFields):
            self._separator = None
            self._columns = columns_of(content.names)
            yield from self._use_times_of(self._columns)
            yield self._columns.header
            return
        self._separator = content.separator
        columns = self._columns or BY_COUNT.get(len(content.fields))
        if columns is not None and self._columns is None:
            self._is_time_first = self._may_be_time_first(agreeing)
            yield from self._use_times_of(columns)

    def _may_be_time_first(self, lines: list[_Line]) -> bool:
        """Tell whether lines without names and without a time begin with a field that rises as a time does."""
        if self._columns is not None or isinstance(lines[0].content, NamedFields):
            return False
        columns = BY_COUNT.get(len(lines[0].content.fields))
        divided = [line.content for line in lines if isinstance(line.content, Divided)]
        return columns is not None and columns.time is None and rises_evenly(divided)

    def _read_line(self, line: _Line) -> Iterator[Event]:
        try:
            numbers = self._numbers_of(line)
            yield from self._frame(numbers, line)
        except LineError as error:
            yield _damaged(line.text, error.reason, error.detail)

    def _numbers_of(self, line: _Line) -> list[float]:
        content = line.content
        if isinstance(content, NamedFields):
            if line.shape != self._shape:
                self._stray()
            self._strays = 0
            return [number_of(field, content.separator) for field in content.fields]
        if self._separator is None:
            self._stray()
        divided = divide(line.text, self._separator or ",")
        if (divided.separator, len(divided.fields), divided.is_closed) != self._shape:
            self._stray()
        self._strays = 0
        count = len(divided.fields)
        columns = self._columns or BY_COUNT.get(count)
        if columns is None or len(columns.fields) != count:
            wanted = "9, 12, 8 or 5" if columns is None else f"as its header {len(columns.fields)}"
            raise LineError(Fault.FIELDS, f"the line has {count} fields, not {wanted}")
        pairs = zip(columns.used, divided.fields, strict=True)
        return [number_of(field, divided.separator) if used else 0.0 for used, field in pairs]

    def _stray(self) -> None:
        """Refuse a line of another shape; after many in a row the shape is decided again, unless a header rules it."""
        self._strays += 1
        if self._strays >= _MAX_STRAYS and (self._columns is None or self._separator is None):
            self._forget_shape()
        raise LineError(Fault.FIELDS, "the line is divided or named otherwise than those before")

    def _forget_shape(self) -> None:
        self._shape = self._columns = self._plain = None
        self._header = ""
        self._strays = 0

    def _frame(self, numbers: list[float], line: _Line) -> Iterator[Event]:
        columns = self._columns or BY_COUNT[len(numbers)]
        unlikely = (columns.fields[0].name, numbers[0]) if self._is_time_first else columns.unlikely(numbers)
        if unlikely is not None:
            name, value = unlikely
            yield _damaged(line.text, Fault.RANGE, f"{name} is {value:.10g}, which it cannot be")
            yield from self._notices.unlikely(name, value, line.text)
            return
        reading = columns.read(numbers)
        if self._motion is not None and (notice := self._motion.find_units(reading)) is not None:
            yield notice
        self._notices.frame()
        frame = FrameRead(0.0, reading.values, reading.acceleration)
        if self._motion is None:
            yield from self._times.take(frame, reading.time, line.arrival)
        else:  # the frame may be held back, and gets its angles when its time is known
            whole = partial(self._motion.complete, turn=reading.turn)
            yield from self._times.take(frame, reading.time, line.arrival, whole)
        if self._plain is None and self._motion is None and self._times.scale is not None:
            is_comma = self._shape == (",", len(columns.fields), False)
            self._plain = PlainLines.of(columns, self._times.scale) if is_comma else None


def _damaged(text: str, reason: Fault, detail: str) -> Damaged:
    return damaged(text.encode(), reason, detail)
