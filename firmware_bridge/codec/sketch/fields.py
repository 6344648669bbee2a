"""The fields of a line: how it is divided, and its numbers. Pure. docs/reference/link.md, "Numbers"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from firmware_bridge.codec.events import Fault
from firmware_bridge.codec.lines import LineError

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity|ovf)", re.IGNORECASE)
_NAMED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_. /()\[\]-]*?) *: *(\S+)")
_RUNS: Final = re.compile(r".?[ \t]+.?")
_BEHIND_COLON: Final = re.compile(r":[ \t]+")
_EVEN: Final = 5

SEPARATORS: Final = {
    ";": re.compile(r"[ \t]*;[ \t]*"),
    ",": re.compile(r"[ \t]*,[ \t]*"),
    "\t": re.compile(r" *(?:\t *)+"),
    " ": re.compile(r" +"),
}
"""Separators as they are written, by the character that stands for them, the likeliest of a header first."""


@dataclass(frozen=True, slots=True)
class Divided:
    """A line in fields; `is_closed`: a separator ends it."""

    separator: str
    fields: tuple[str, ...]
    is_closed: bool

    @property
    def are_numbers(self) -> bool:
        """Whether every field is a number, be it finite or not."""
        return all(
            _NUMBER.fullmatch(_pointed(field, self.separator)) or _NOT_FINITE.fullmatch(field) for field in self.fields
        )


@dataclass(frozen=True, slots=True)
class NamedFields:
    """A line of `name:number` fields."""

    names: tuple[str, ...]
    separator: str
    fields: tuple[str, ...]


def divide(line: str, separator: str) -> Divided:
    """Divide a line by a separator."""
    fields = SEPARATORS[separator].split(line)
    is_closed = len(fields) > 1 and not fields[-1]
    return Divided(separator, tuple(fields[:-1] if is_closed else fields), is_closed)


def divide_numbers(line: str) -> Divided:
    """Divide a line of numbers whose separator is not decided yet."""
    if ";" in line:
        return divide(line, ";")
    if "," in line and all("," in run for run in _RUNS.findall(line)):
        return divide(line, ",")
    return divide(line, "\t" if "\t" in line else " ")


def number_of(field: str, separator: str) -> float:
    """Return the number of a field.

    Raises:
        LineError: it is none.
    """
    if _NOT_FINITE.fullmatch(field):
        raise LineError(Fault.FINITE, f"a field is {field}")
    text = _pointed(field, separator)
    if not _NUMBER.fullmatch(text):
        raise LineError(Fault.NUMBER, f"a field is {field[:20]!r}")
    value = float(text)
    if not math.isfinite(value):
        raise LineError(Fault.RANGE, f"a field is {field[:20]}")
    return value


def named_fields(line: str) -> NamedFields | None:
    """Return the names and numbers of a line whose fields are all `name:number`; None for any other."""
    if ":" not in line:
        return None
    joined = _BEHIND_COLON.sub(":", line)
    for separator in SEPARATORS:
        divided = divide(joined, separator)
        found = [_NAMED.fullmatch(field) for field in divided.fields]
        pairs = [match.groups() for match in found if match is not None]
        if len(pairs) == len(found) and all(_is_number(number, separator) for _, number in pairs):
            return NamedFields(tuple(name for name, _ in pairs), separator, tuple(number for _, number in pairs))
    return None


def rises_evenly(lines: Sequence[Divided]) -> bool:
    """Tell whether the first field of lines rises by the same step, to a fifth: it is a time."""
    try:
        first = [number_of(line.fields[0], line.separator) for line in lines]
    except LineError:
        return False
    steps = [after - before for before, after in pairwise(first)]
    return all(step > 0 and abs(step - steps[0]) <= steps[0] / _EVEN for step in steps)


def _is_number(field: str, separator: str) -> bool:
    return bool(_NUMBER.fullmatch(_pointed(field, separator)) or _NOT_FINITE.fullmatch(field))


def _pointed(field: str, separator: str) -> str:
    """Write the decimal mark as a point, where the separator allows a comma."""
    return field if separator == "," else field.replace(",", ".", 1)
