"""The fast way through lines that need nothing but their numbers, as nearly every line of a glove does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, Self

from firmware_bridge.codec.events import FrameRead
from firmware_bridge.codec.sketch.columns import MAX_ANGLE, Columns
from scaleglove.channels import ANGLES, MAX_MAGNITUDE, MAX_TIME_MS

_PLAIN: Final = b"0123456789.+, -"
_BLANKS: Final = b" \t\r"


class PlainLines:
    """The reader of lines with these columns, among them all channels and a time, with commas and decimal points."""

    def __init__(self, columns: Columns, places: Sequence[int], time: int, scale: float) -> None:
        self._used = columns.used
        self._count = len(columns.fields)
        self._values: Callable[[list[float]], tuple[float, ...]] = itemgetter(*places)
        self._acceleration: Callable[[list[float]], tuple[float, float, float]] | None = (
            None if columns.acceleration is None else itemgetter(*columns.acceleration)
        )
        self._is_named = columns.is_named
        self._time, self._scale = time, scale

    @classmethod
    def of(cls, columns: Columns, scale: float) -> Self | None:
        """Return the reader for columns whose time is in units of `scale` ms; None where a line takes a closer look."""
        places = [place for place in columns.places if place is not None]
        factors = {columns.fields[place].factor for place in (*places, *(columns.acceleration or ()))}
        if columns.time is None or len(places) < len(columns.places) or not factors <= {None, 1.0}:
            return None
        return cls(columns, places, columns.time, scale)

    def read(self, line: bytes) -> FrameRead | None:
        """Return the frame of a line; None for one that takes a closer look."""
        line = line.strip(_BLANKS)
        fields = line.split(b",")
        if len(fields) != self._count or line.translate(None, _PLAIN):
            return None
        try:
            numbers = [float(field) if used else 0.0 for used, field in zip(self._used, fields, strict=True)]
        except ValueError:
            return None
        values = self._values(numbers)
        time = numbers[self._time]
        if not (max(values) <= MAX_MAGNITUDE and min(values) >= -MAX_MAGNITUDE and 0 <= time < MAX_TIME_MS):
            return None
        if not self._is_named and not (max(values[ANGLES]) <= MAX_ANGLE and min(values[ANGLES]) >= -MAX_ANGLE):
            return None
        acceleration = None if self._acceleration is None else self._acceleration(numbers)
        if acceleration is not None and not max(map(abs, acceleration)) <= MAX_MAGNITUDE:
            return None
        return FrameRead(time * self._scale, values, acceleration)
