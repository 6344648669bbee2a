"""The columns of a line: from named fields to the values of a frame. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

from firmware_bridge.codec.events import Fault, HeaderRead
from firmware_bridge.codec.header_fields import ACCELERATION
from firmware_bridge.codec.lines import NINE_FIELDS, TWELVE_FIELDS, LineError
from firmware_bridge.codec.sketch.fields import SEPARATORS, divide
from firmware_bridge.codec.sketch.names import Field, Kind, are_miscounted, field_of, number_fingers
from scaleglove.channels import ANGLES, CHANNELS, FLEX, MAX_MAGNITUDE, MAX_TIME_MS

STANDARD_GRAVITY: Final = 9.80665
MAX_ANGLE: Final = 360.0
_MAX_COUNT: Final = 65_535.0
_MIN_BLANK_NAMES: Final = 3
"""Words with blanks between them are a header from this number on."""

Vector = tuple[float, float, float]


class SketchReading(NamedTuple):
    """The readings of a line, in the channels' units; None for what the glove does not have or does not say.

    `time` is in the unit of the line, `acceleration` in g and `turn` in degrees/s where the header names their units.
    """

    time: float | None
    values: tuple[float | None, ...]
    acceleration: Vector | None
    turn: Vector | None


class Columns:
    """The columns that fields name, by a header or in each line (`is_named`), or that are known by their number."""

    def __init__(self, fields: Sequence[Field], is_named: bool) -> None:
        self.fields = number_fingers(fields)
        self.is_named = is_named
        self._are_miscounted = are_miscounted(fields)
        self.time = next((place for place, field in enumerate(self.fields) if field.kind == "time"), None)
        self.places = [
            next((place for place, field in enumerate(self.fields) if field.channel == channel), None)
            for channel in range(len(CHANNELS))
        ]
        self.acceleration = self._axes("acceleration")
        self.turn = self._axes("turn")
        self._factors = [1.0 if place is None else self.fields[place].factor or 1.0 for place in self.places]

    def _axes(self, kind: Kind) -> tuple[int, int, int] | None:
        places = {field.place: place for place, field in enumerate(self.fields) if field.kind == kind}
        return (places[0], places[1], places[2]) if {0, 1, 2} <= places.keys() else None

    @property
    def is_ambiguous(self) -> bool:
        """Whether a channel or the time is named twice, or flex sensors are miscounted, so that no line can be read."""
        keys = [
            field.kind if field.kind == "time" else field.channel
            for field in self.fields
            if field.kind == "time" or field.channel is not None
        ]
        return self._are_miscounted or len(set(keys)) < len(keys)

    @property
    def is_useful(self) -> bool:
        """Whether anything names a sensor or the time."""
        return any(field.is_used for field in self.fields)

    @property
    def known(self) -> int:
        """The number of fields with a known name."""
        return sum(field.kind is not None for field in self.fields)

    @property
    def needs_angles(self) -> bool:
        """Whether the angles have to be computed from the motion sensors."""
        return self.acceleration is not None and all(place is None for place in self.places[ANGLES])

    @property
    def time_scale(self) -> float | None:
        """Milliseconds of a unit of time, None where the fields do not say."""
        return None if self.time is None else self.fields[self.time].factor

    @property
    def header(self) -> HeaderRead:
        """The header event."""
        ranges = {
            CHANNELS[field.channel]: field.range
            for field in self.fields
            if field.channel is not None and field.range is not None
        }
        return HeaderRead(tuple(field.name for field in self.fields), ranges)

    @cached_property
    def used(self) -> tuple[bool, ...]:
        """For each field, whether a frame is made from it."""
        return tuple(field.is_used for field in self.fields)

    def read(self, numbers: Sequence[float]) -> SketchReading:
        """Return the readings of a line's numbers.

        Raises:
            LineError: a value or the time is out of range.
        """
        values = tuple(
            None if place is None else numbers[place] * factor
            for place, factor in zip(self.places, self._factors, strict=True)
        )
        for name, value in zip(CHANNELS, values, strict=True):
            if value is not None and abs(value) > MAX_MAGNITUDE:
                raise LineError(Fault.RANGE, f"{name} is {value:g}")
        time = None if self.time is None else numbers[self.time]
        if time is not None and not 0 <= time < MAX_TIME_MS:
            raise LineError(Fault.RANGE, f"time is {time:.15g}")
        return SketchReading(time, values, self._vector(self.acceleration, numbers), self._vector(self.turn, numbers))

    def _vector(self, places: tuple[int, int, int] | None, numbers: Sequence[float]) -> Vector | None:
        if places is None:
            return None
        x, y, z = (numbers[place] * (self.fields[place].factor or 1.0) for place in places)
        if not max(abs(x), abs(y), abs(z)) <= MAX_MAGNITUDE:
            raise LineError(Fault.RANGE, f"a motion sensor reads {x:g}, {y:g}, {z:g}")
        return x, y, z

    def unlikely(self, numbers: Sequence[float]) -> tuple[str, float] | None:
        """Return the first reading that cannot be what its place says, of a line without names."""
        if self.is_named:
            return None
        for field, value in zip(self.fields, numbers, strict=True):
            is_no_angle = field.kind == "angle" and abs(value) > MAX_ANGLE
            is_no_count = len(numbers) == FLEX.stop and not 0 <= value <= _MAX_COUNT
            if is_no_angle or is_no_count:
                return field.name, value
        return None


def columns_of(names: Sequence[str]) -> Columns:
    """Return the columns of names; an unknown one names nothing."""
    return Columns([field_of(name) or Field(name) for name in names], is_named=True)


def _by_place(names: Sequence[str]) -> Columns:
    return Columns([field_of(name) or Field(name) for name in names], is_named=False)


def header_of(text: str) -> Columns | None:
    """Return the columns that a header names, or None where the line is none."""
    for separator in SEPARATORS:
        fields = divide(text, separator).fields
        named = [field for part in fields if (field := field_of(part)) is not None]
        if len(fields) < 2 or len(named) < len(fields):
            continue
        columns = Columns(named, is_named=True)
        enough = len(fields) >= _MIN_BLANK_NAMES and columns.known >= len(fields) - 1
        return columns if (separator != " " or enough) and columns.is_useful else None
    return None


_LEAN_AND_FLEX: Final = (*CHANNELS[ANGLES], *CHANNELS[FLEX])
BY_COUNT: Final = {
    len(names): _by_place(names) for names in (NINE_FIELDS, TWELVE_FIELDS, _LEAN_AND_FLEX, CHANNELS[FLEX])
}
"""The columns of lines without names, by their number of fields."""

assert BY_COUNT[len(TWELVE_FIELDS)].acceleration is not None, ACCELERATION
