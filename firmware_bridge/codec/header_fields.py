"""The fields of the link protocol's header: a column's name, perhaps with a unit and a range. Pure.

docs/reference/link.md, "Text", is the specification. `scaleglove.channel_names` reads the headers of any sketch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scaleglove.channels import ANGLES, CHANNELS, FLEX

TIME_NAMES: Final = ("timestamp", "timestamp_ms", "time_ms", "t_ms")
"""Header names of the device time in milliseconds."""

ACCELERATION: Final = ("accel_x", "accel_y", "accel_z")
"""In g."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_. ()\[\]/-]*")
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity|ovf)", re.IGNORECASE)

_DEGREES: Final = ("deg", "degs", "degree", "degrees")
_UNITS: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(TIME_NAMES, ("ms", "msec", "millis", "millisecond", "milliseconds")),
    **dict.fromkeys(CHANNELS[FLEX], ("adc", "count", "counts", "raw", "lsb")),
    **dict.fromkeys(CHANNELS[ANGLES], _DEGREES),
    **dict.fromkeys(ACCELERATION, ("g",)),
}
"""The spellings of the unit that a column of a frame has, by its name. None is converted: a column in another unit is
not the frame's."""

_BRACKETED: Final = re.compile(r"([^()\[\]]*[^()\[\] ]) *(?:\(([^()\[\]]*)\)|\[([^()\[\]]*)\])")
_SUFFIXED: Final = re.compile(r"(.+)[_ ](.+)")
_NUMBER: Final = r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?"
_INSIDE: Final = re.compile(rf" *(?:({_NUMBER}) *\.\. *({_NUMBER}))? *([a-z]*) *")


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A field of a header: its text without brackets, in lower case; the column of a frame that it names, empty for any
    other; and the lowest and the highest reading, where the field gives them."""

    text: str
    column: str = ""
    limits: tuple[float, float] | None = None


def are_names(fields: Sequence[str]) -> bool:
    """Tell whether all fields are names, unlike in any damaged line of numbers."""
    return len(fields) > 1 and all(_NAME.fullmatch(name) and not _NOT_FINITE.fullmatch(name) for name in fields)


def read_field(text: str) -> HeaderField:
    """Return what a field of a header names."""
    text = text.lower()
    found = _BRACKETED.fullmatch(text)
    if found is None:
        return HeaderField(text, _column(text))
    bare, inside = found[1], found[2] if found[3] is None else found[3]
    column, said = _column(bare), _INSIDE.fullmatch(inside)
    if said is None or (said[3] and said[3] not in _UNITS.get(column, ())):
        return HeaderField(bare)
    return HeaderField(bare, column, _limits(said[1], said[2]))


def _column(text: str) -> str:
    """Return the column that a name stands for, with the unit behind it or without; empty for another name."""
    if text in _UNITS:
        return text
    suffixed = _SUFFIXED.fullmatch(text)
    return suffixed[1] if suffixed is not None and suffixed[2] in _UNITS.get(suffixed[1], ()) else ""


def _limits(low: str | None, high: str | None) -> tuple[float, float] | None:
    """Return the ends of a range in order: which of them is straight is not said."""
    if low is None or high is None or float(low) == float(high):
        return None
    return min(float(low), float(high)), max(float(low), float(high))
