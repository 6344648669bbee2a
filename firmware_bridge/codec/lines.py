"""The reader of the glove's text protocol. A line that cannot be read is reported, never repaired.

A wrong value is worse than a missing one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from firmware_bridge.codec import letters, remarks
from firmware_bridge.codec.events import Damaged, Event, Fault, FrameRead, HeaderRead
from firmware_bridge.codec.header_fields import ACCELERATION, TIME_NAMES, are_names, read_field
from scaleglove.channels import CHANNELS, MAX_MAGNITUDE, MAX_TIME_MS

MAX_LINE_BYTES: Final = 512
"""The longest line. One of 12 fields takes about 90 bytes; this bounds the memory of a link without newlines."""

_ANGLES: Final = ("pitch", "roll", "yaw")
_FLEX: Final = CHANNELS[:5]
NINE_FIELDS: Final = ("timestamp", *_ANGLES, *_FLEX)
TWELVE_FIELDS: Final = ("timestamp", *_ANGLES, *ACCELERATION, *_FLEX)
"""The fields of gloves without a header. The acceleration is in the middle: the last 8 of 12 fields are not a frame."""

_SHOWN_CHARACTERS: Final = 60
_BLANKS: Final = " \t"
"""The blanks around a field. No others: a minus with one bit flipped is a carriage return, and the rest a number."""

_PLAIN: Final = re.compile(rb"[0-9.+, -]+")
# Stricter than float(), which takes "8_0" for 80.
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity|ovf)", re.IGNORECASE)  # ovf: Arduino's print of a huge float


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a frame's numbers in a line."""

    count: int
    time: int
    values: Callable[[list[float]], tuple[float, ...]]
    acceleration: Callable[[list[float]], tuple[float, float, float]] | None
    names: tuple[str, ...]
    """The name of each field that the frame uses; empty for the others."""


class LineError(Exception):
    """A line that cannot be read; the text says why."""

    def __init__(self, reason: Fault, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class LineReader:
    """The reader of lines; a header decides the order of the fields from the next line on."""

    def __init__(self) -> None:
        self.reset()

    @property
    def order_unknown(self) -> bool:
        """Whether the last header did not name a frame, so that lines are damage until one does: send `header`."""
        return self._order_unknown

    def reset(self) -> None:
        """Forget the header: another glove may be connected now."""
        self._header: _Columns | None = None
        self._order_unknown = False

    def split(self, data: bytes, is_skipping: bool) -> list[bytes]:
        """Divide text into lines; the last piece has not ended yet."""
        return data.split(b"\n")

    def may_be_line(self, piece: bytes) -> bool:
        """Tell whether the piece may be a line, readable or not, rather than bytes between two ends of lines."""
        return piece.startswith(b"#") or (b"," in piece and piece.isascii())

    def partial(self, line: bytes) -> None:
        """Take the first line after the port was opened: a piece of one, which says nothing."""

    @property
    def due_ms(self) -> None:
        """When events come though nothing arrives: never."""

    def idle(self, now_ms: float) -> Iterable[Event]:
        """Return the events that are due though nothing has arrived: none."""
        return ()

    def read(self, line: bytes, arrival: float = 0.0) -> Iterable[Event]:
        """Return the events of a line without its end, none for an empty one; a frame's `t_ms` is as sent."""
        line = line.strip()
        if not line:
            return ()
        try:
            if _PLAIN.fullmatch(line):
                return (self._read_numbers(line),)
            if line.startswith(b"#"):
                remark = line[1:].strip()
                return (letters.from_remark(remark) or remarks.from_bytes(remark),)
            return (self._read_fields(line),)
        except LineError as error:
            return (damaged(line, error.reason, error.detail),)

    def _read_numbers(self, line: bytes) -> FrameRead:
        """Read a line of numbers, as nearly every line is; the slow path describes what is wrong."""
        fields = line.split(b",")
        columns = self._header or _KNOWN.get(len(fields))
        if columns is None or columns.count != len(fields) or self._order_unknown:
            return self._read_frame([field.decode("ascii") for field in fields])
        try:
            numbers = [float(field) if name else 0.0 for name, field in zip(columns.names, fields, strict=True)]
        except ValueError:
            return self._read_frame([field.decode("ascii") for field in fields])
        return _frame(numbers, columns)

    def _read_fields(self, line: bytes) -> Event:
        if not line.isascii():
            raise LineError(Fault.ASCII, "the line has bytes that are not ASCII")
        fields = [part.strip(_BLANKS) for part in line.decode("ascii").split(",")]
        if are_names(fields):
            return self._take_header(fields)
        return self._read_frame(fields)

    def _read_frame(self, fields: list[str]) -> FrameRead:
        if self._order_unknown:
            raise LineError(Fault.ORDER, "the order of the fields is not known since the last header")
        columns = self._columns(len(fields))
        numbers = [
            _number("time" if place == columns.time else name, field) if name else 0.0
            for place, (name, field) in enumerate(zip(columns.names, fields, strict=True))
        ]
        return _frame(numbers, columns)

    def _take_header(self, fields: list[str]) -> HeaderRead:
        self._header = None
        self._order_unknown = True
        named = [read_field(field) for field in fields]
        self._header = _columns_of(tuple(field.column for field in named))
        self._order_unknown = False
        ranges = {field.column: field.limits for field in named if field.limits and field.column in CHANNELS}
        return HeaderRead(tuple(field.text for field in named), ranges)

    def _columns(self, count: int) -> _Columns:
        columns = self._header or _KNOWN.get(count)
        if columns is None:
            raise LineError(Fault.FIELDS, f"the line has {count} fields, not 9 or 12")
        if columns.count != count:
            raise LineError(Fault.FIELDS, f"the line has {count} fields, but its header {columns.count}")
        return columns


def damaged(line: bytes, reason: Fault, detail: str) -> Damaged:
    """Return the event of a line that cannot be read."""
    return Damaged(line.decode("ascii", errors="backslashreplace")[:_SHOWN_CHARACTERS], reason, detail)


def too_long(line: bytes) -> Damaged:
    """Return the event of a line of more than `MAX_LINE_BYTES`."""
    # The first bytes only: how many more have come by now depends on the pieces.
    return damaged(line[:MAX_LINE_BYTES], Fault.LONG, f"the line is longer than {MAX_LINE_BYTES} bytes")


def _columns_of(names: tuple[str, ...]) -> _Columns:
    times = [place for place, name in enumerate(names) if name in TIME_NAMES]
    if len(times) != 1:
        raise LineError(Fault.HEADER, f"the header has {len(times)} columns of device time ({', '.join(TIME_NAMES)})")
    for channel in CHANNELS:
        if (count := names.count(channel)) != 1:
            raise LineError(Fault.HEADER, f"the header has {count or 'no'} columns named {channel}")
    has_acceleration = all(names.count(name) == 1 for name in ACCELERATION)
    wanted = {*CHANNELS, *(ACCELERATION if has_acceleration else ()), names[times[0]]}
    return _Columns(
        count=len(names),
        time=times[0],
        values=itemgetter(*(names.index(channel) for channel in CHANNELS)),
        acceleration=itemgetter(*(names.index(name) for name in ACCELERATION)) if has_acceleration else None,
        names=tuple(name if name in wanted else "" for name in names),
    )


def _frame(numbers: list[float], columns: _Columns) -> FrameRead:
    t_ms = numbers[columns.time]
    if not 0 <= t_ms < MAX_TIME_MS:
        raise LineError(Fault.RANGE, f"time is {t_ms:.15g}")
    values = columns.values(numbers)
    acceleration = None if columns.acceleration is None else columns.acceleration(numbers)
    if not (max(values) <= MAX_MAGNITUDE and min(values) >= -MAX_MAGNITUDE):
        _refuse_range(CHANNELS, values)
    if acceleration is not None:
        _refuse_range(ACCELERATION, acceleration)
    return FrameRead(t_ms, values, acceleration)


def _refuse_range(names: Iterable[str], values: Iterable[float]) -> None:
    for name, value in zip(names, values, strict=True):
        if abs(value) > MAX_MAGNITUDE:
            raise LineError(Fault.RANGE, f"{name} is {value:g}")


def _number(name: str, text: str) -> float:
    if _NOT_FINITE.fullmatch(text):
        raise LineError(Fault.FINITE, f"{name} is {text}")
    if not _NUMBER.fullmatch(text):
        raise LineError(Fault.NUMBER, f"{name} is {text[:20]!r}")
    value = float(text)
    if not math.isfinite(value):
        raise LineError(Fault.RANGE, f"{name} is {text[:20]}")
    return value


_KNOWN: Final = {len(names): _columns_of(names) for names in (NINE_FIELDS, TWELVE_FIELDS)}
