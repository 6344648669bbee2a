"""The header of a file: its separator, and which column is which clock, sensor or part of a quaternion.

Pure. `clients/page/recordings/header.js` reads by the same rules.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import Final, NamedTuple

from scaleglove.channel_names import QUATERNION, RECEIVED, TIME, HeaderField, read_header
from scaleglove.channels import CHANNELS
from scaleglove.recordings.errors import RecordingError

SEPARATORS: Final = ",;\t"
"""In the order of preference where a header reads as well with several."""

_PUBLIC_NAMES: Final = {TIME: "timestamp_ms", RECEIVED: "recv_timestamp_ms"}
"""The names of the public layout, which win where a table has other columns of times too."""

_SEPARATOR_LINE: Final = re.compile(r'"?sep=([^\w"])\1*"?', re.IGNORECASE | re.ASCII)
_LEAST_KNOWN: Final = 3

SHOWN: Final = 40

_MAX_LINE: Final = 65_536
"""Characters of the line that names the columns: hundreds of columns with names of hundreds of characters."""


class Column(NamedTuple):
    """A column that is used: its place in a row, its name as spelled, and what that says."""

    place: int
    name: str
    field: HeaderField


class Header(NamedTuple):
    """The header of a file: the separator of its fields, their names as spelled, and the columns that are used."""

    separator: str
    names: tuple[str, ...]
    columns: dict[str, Column]


def separator_line(line: str) -> str:
    """Return the separator that a first line `sep=;` names, empty for any other line."""
    match = _SEPARATOR_LINE.fullmatch(line.strip(" "))
    return match[1] if match else ""


def names_columns(line: str, separator: str) -> bool:
    """Tell whether a line, such as a remark, names columns of a glove: more than a word of prose does by chance."""
    return _known(line, separator or _separator_of(line)) >= _LEAST_KNOWN


@lru_cache(maxsize=256)  # the files of a folder have the same header
def read_columns(line: str, separator: str = "") -> Header:
    """Read the line that names the columns; without a separator it is the one by which the most names are known.

    Raises:
        RecordingError: codes `no_header`, `no_channel`, `no_time`, `column_twice` and `unit`.
    """
    separator = separator or _separator_of(line)
    names = tuple(name.strip() for name in _split(line, separator))
    return Header(separator, names, _columns(names))


def _separator_of(header: str) -> str:
    """Return the separator by which the header names most quantities."""
    return max(SEPARATORS, key=lambda one: _known(header, one))


def _known(line: str, separator: str) -> int:
    return sum(1 for field in read_header(_split(line, separator)) if field.quantity)


def _split(line: str, separator: str) -> list[str]:
    if len(line) > _MAX_LINE:
        raise RecordingError(f"its first line has {len(line)} characters, and names no columns", code="no_header")
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error as error:  # a field longer than any name
        raise RecordingError(f"its first line does not name columns: {error}", code="no_header") from None


def _columns(names: tuple[str, ...]) -> dict[str, Column]:
    """Return the columns to read: the clocks, and the channels or a quaternion in place of the angles."""
    fields = read_header(names)
    found = {
        quantity: [
            Column(index, names[index], field) for index, field in enumerate(fields) if field.quantity == quantity
        ]
        for quantity in (TIME, RECEIVED, *CHANNELS, *QUATERNION)
    }
    if not any(found.values()):
        raise RecordingError(
            f"its first line names no column of a glove: {','.join(names)[:SHOWN]!r}: begin the file with a line such "
            "as timestamp_ms,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5",
            code="no_header",
        )
    if all(len(found[name]) == 1 for name in QUATERNION) and not any(found[name] for name in CHANNELS[5:]):
        wanted = [TIME, RECEIVED, *CHANNELS[:5], *QUATERNION]
    else:
        wanted = [TIME, RECEIVED, *CHANNELS]
    columns = {quantity: _one(quantity, found[quantity]) for quantity in wanted if found[quantity]}
    if not columns.keys() - {TIME, RECEIVED}:
        raise RecordingError(
            "no column names a sensor: name them flex1 to flex5, pitch, roll and yaw", code="no_channel"
        )
    if not columns.keys() & {TIME, RECEIVED}:
        raise RecordingError("no column has the time: add timestamp_ms, in milliseconds", code="no_time")
    for column in columns.values():
        _require_unit(column)
    return columns


def _one(quantity: str, columns: list[Column]) -> Column:
    """Return the column of a quantity. Of several clocks the public layout's is used; other columns must be one."""
    public = [column for column in columns if column.name.lower() == _PUBLIC_NAMES.get(quantity)]
    if len(columns) > 1 and len(public) != 1:
        names = " and ".join(dict.fromkeys(column.name for column in columns))
        places = " and ".join(str(column.place + 1) for column in columns)
        raise RecordingError(
            f"column {names} is there {len(columns)} times (columns {places}): remove all but one",
            code="column_twice",
            column=columns[-1].name,
        )
    return public[0] if public else columns[0]


def _require_unit(column: Column) -> None:
    """Refuse angles in an unknown unit. Fingers have any: their scale is the glove's own."""
    if column.field.factor is None and not column.field.quantity.startswith("flex"):
        raise RecordingError(
            f"column {column.name}: the unit {column.field.unit} is not known: use ms, us or s for times, deg or rad "
            "for angles",
            code="unit",
            column=column.name,
        )
