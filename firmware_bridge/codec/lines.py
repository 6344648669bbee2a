"""The glove's text protocol: bytes of a serial link become frames, remarks and faults.

Pure: no port, no clock. Whatever pieces the bytes arrive in, the events are the same. A line that cannot be read is
counted and named, never mended: a wrong value is worse than a missing one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from models.contract import CHANNELS, MAX_MAGNITUDE, MAX_TIME_MS

MAX_LINE_BYTES: Final = 512
"""A line of 12 fields takes about 90 bytes; this bounds the memory that a link without newlines can take."""

TIME_NAMES: Final = ("timestamp", "timestamp_ms", "time_ms", "t_ms")
"""Header names of the device time in milliseconds."""

_ANGLES: Final = ("pitch", "roll", "yaw")
_FLEX: Final = CHANNELS[:5]
NINE_FIELDS: Final = ("timestamp", *_ANGLES, *_FLEX)
TWELVE_FIELDS: Final = ("timestamp", *_ANGLES, "accel_x", "accel_y", "accel_z", *_FLEX)
"""What gloves send without a header. The acceleration stands in the middle: the last 8 of 12 fields are not a frame."""

_SHOWN_CHARACTERS: Final = 60
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_. ()/-]*")
# Stricter than float(), which takes "8_0" for 80.
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity|ovf)", re.IGNORECASE)  # ovf: Arduino's print of a huge float


class Fault(StrEnum):
    """Why a line could not be read."""

    FIELDS = "wrong number of fields"
    NUMBER = "not a number"
    FINITE = "NaN or infinity"
    RANGE = "out of range"
    ASCII = "not ASCII"
    LONG = "line too long"
    HEADER = "header that does not name a frame"
    ORDER = "follows a header that does not name a frame"


@dataclass(frozen=True, slots=True)
class FrameRead:
    """One frame: device time in ms, and 8 values in the order and units of `models.contract.CHANNELS`."""

    t_ms: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """What the device says to people: a `#` line, without the `#`."""

    text: str


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """The device named its columns; they hold from the next line on."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line left out: its first 60 characters, the kind of fault, and the fault in words."""

    text: str
    reason: Fault
    detail: str


Event = FrameRead | Remark | HeaderRead | Unreadable


@dataclass(slots=True)
class LineCounts:
    """What became of the lines so far; `partial` counts the pieces of line met on joining."""

    frames: int = 0
    remarks: int = 0
    partial: int = 0
    unreadable: Counter[Fault] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a frame's numbers stand in a line."""

    count: int
    time: int
    values: tuple[int, ...]


class _LineError(Exception):
    def __init__(self, reason: Fault, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class LineDecoder:
    """Decodes one link's bytes; `counts` says what became of its lines."""

    def __init__(self) -> None:
        self.counts = LineCounts()
        self._header: _Columns | None = None
        self.rejoin()

    @property
    def joined(self) -> bool:
        """A line has ended since the link was opened, so that the next is whole."""
        return not self._joining

    @property
    def order_unknown(self) -> bool:
        """The last header did not name a frame, so no line is read until one does: ask the device for `header`."""
        return self._order_unknown

    def rejoin(self) -> None:
        """The link was opened (again): what comes before the next newline is a piece of a line."""
        self._held = b""
        self._joining = True
        self._joined_midway = False
        self._skipping = False
        self._header = None
        self._order_unknown = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes, in pieces of any size, and give the events of the lines they complete."""
        *ended, rest = (self._held + data).split(b"\n")
        events: list[Event] = []
        for line in ended:
            events += self._end(line)
        events += self._hold(rest)
        return events

    def _end(self, line: bytes) -> list[Event]:
        if self._joining:
            self._joining = False
            self.counts.partial += self._joined_midway or bool(line.strip())
            return []
        if self._skipping:
            self._skipping = False
            return []
        if len(line) > MAX_LINE_BYTES:
            return [self._too_long(line)]
        return self._read(line.strip())

    def _hold(self, rest: bytes) -> list[Event]:
        """Keep the beginning of a line until its end comes, as long as it can still become one."""
        self._held = b""
        if self._joining:
            self._joined_midway |= bool(rest.strip())
        elif len(rest) > MAX_LINE_BYTES and not self._skipping:
            self._skipping = True
            return [self._too_long(rest)]
        elif not self._skipping:
            self._held = rest
        return []

    def _read(self, line: bytes) -> list[Event]:
        if not line:
            return []
        if line.startswith(b"#"):
            self.counts.remarks += 1
            return [Remark(line[1:].decode(errors="replace").strip())]
        try:
            return [self._read_fields(line)]
        except _LineError as error:
            return [self._unreadable(line, error.reason, error.detail)]

    def _read_fields(self, line: bytes) -> Event:
        if not line.isascii():
            raise _LineError(Fault.ASCII, "the line has bytes that are not ASCII")
        fields = [part.strip() for part in line.decode("ascii").split(",")]
        if _is_header(fields):
            return self._take_header(tuple(name.lower() for name in fields))
        if self._order_unknown:
            raise _LineError(Fault.ORDER, "the order of the fields is not known since the last header")
        t_ms, values = _numbers(fields, self._columns(len(fields)))
        self.counts.frames += 1
        return FrameRead(t_ms, values)

    def _take_header(self, names: tuple[str, ...]) -> HeaderRead:
        self._header = None
        self._order_unknown = True
        self._header = _columns_of(names)
        self._order_unknown = False
        return HeaderRead(names)

    def _columns(self, count: int) -> _Columns:
        columns = self._header or _KNOWN.get(count)
        if columns is None:
            raise _LineError(Fault.FIELDS, f"the line has {count} fields, not 9 or 12")
        if columns.count != count:
            raise _LineError(Fault.FIELDS, f"the line has {count} fields, but its header {columns.count}")
        return columns

    def _too_long(self, line: bytes) -> Unreadable:
        # The first bytes only: how many more have come by now depends on the pieces.
        return self._unreadable(line[:MAX_LINE_BYTES], Fault.LONG, f"the line is longer than {MAX_LINE_BYTES} bytes")

    def _unreadable(self, line: bytes, reason: Fault, detail: str) -> Unreadable:
        self.counts.unreadable[reason] += 1
        return Unreadable(line.decode("ascii", errors="backslashreplace")[:_SHOWN_CHARACTERS], reason, detail)


def _is_header(fields: list[str]) -> bool:
    """All fields are names, as in no damaged line of numbers."""
    return len(fields) > 1 and all(_NAME.fullmatch(name) and not _NOT_FINITE.fullmatch(name) for name in fields)


def _columns_of(names: tuple[str, ...]) -> _Columns:
    times = [place for place, name in enumerate(names) if name in TIME_NAMES]
    if len(times) != 1:
        raise _LineError(Fault.HEADER, f"the header has {len(times)} columns of device time ({', '.join(TIME_NAMES)})")
    for channel in CHANNELS:
        if (count := names.count(channel)) != 1:
            raise _LineError(Fault.HEADER, f"the header has {count or 'no'} columns named {channel}")
    return _Columns(len(names), times[0], tuple(names.index(channel) for channel in CHANNELS))


def _numbers(fields: list[str], columns: _Columns) -> tuple[float, tuple[float, ...]]:
    t_ms = _number("time", fields[columns.time])
    if not 0 <= t_ms < MAX_TIME_MS:
        raise _LineError(Fault.RANGE, f"time is {fields[columns.time]}")
    values = tuple(_number(name, fields[place]) for name, place in zip(CHANNELS, columns.values, strict=True))
    for name, value in zip(CHANNELS, values, strict=True):
        if abs(value) > MAX_MAGNITUDE:
            raise _LineError(Fault.RANGE, f"{name} is {value:g}")
    return t_ms, values


def _number(name: str, text: str) -> float:
    if _NOT_FINITE.fullmatch(text):
        raise _LineError(Fault.FINITE, f"{name} is {text}")
    if not _NUMBER.fullmatch(text):
        raise _LineError(Fault.NUMBER, f"{name} is {text[:20]!r}")
    value = float(text)
    if not math.isfinite(value):
        raise _LineError(Fault.RANGE, f"{name} is {text[:20]}")
    return value


_KNOWN: Final = {len(names): _columns_of(names) for names in (NINE_FIELDS, TWELVE_FIELDS)}
