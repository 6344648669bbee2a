"""The numbers of a table, whichever way a spreadsheet wrote them.

`clients/page/recordings/table.js` reads by the same rules.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scaleglove.channel_names import RECEIVED, TIME
from scaleglove.recordings.errors import RecordingError
from scaleglove.recordings.header import SHOWN, Column, Header, names_columns, read_columns, separator_line

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_NOTHING: Final = frozenset(("", "nan", "null", "none", "na", "n/a"))
"""How programs write that there is no reading; a column of nothing else is a missing sensor."""


_UNUSUAL: Final = ('"', "_", "#", "\n\n")
"""What only the slow way reads: quotes, remarks, `8_0` (which `float` takes for 80), and blank lines."""


class Table(NamedTuple):
    """The numbers of a file: float64[n] by quantity, NaN where a cell has none; `lines` int[n] are their lines."""

    header: Header
    numbers: dict[str, NDArray[np.float64]]
    lines: NDArray[np.int64]
    left_out: int
    decimal_comma: bool


class _Row(NamedTuple):
    line: int
    cells: Sequence[str]


class _Numbers(NamedTuple):
    rows: list[list[float]]
    lines: Sequence[int]
    left_out: int = 0
    decimal_comma: bool = False


def read_table(text: str) -> Table:
    """Read a table whose first line names its columns; blank lines and lines that begin with # are skipped.

    Raises:
        RecordingError: codes `no_header`, `no_channel`, `no_time`, `column_twice`, `unit`, `decimal`, `quotes` and
            `no_numbers`.
    """
    header, body, begin = _header(text)
    found = _all_plain(body, header, begin) or _row_by_row(body, header, begin)
    numbers = np.array(found.rows, np.float64).T
    by_quantity = dict(zip(header.columns, numbers, strict=True))
    return Table(header, by_quantity, np.array(found.lines, np.int64), found.left_out, found.decimal_comma)


def _header(text: str) -> tuple[Header, str, int]:
    """Return the header, the text behind it, and the number of its first line."""
    separator = ""
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start) % (len(text) + 1)
        line, start, number = text[start:end], end + 1, number + 1
        if number == 1 and (separator := separator_line(line)):
            continue
        if line.startswith("#") and names_columns(line[1:], separator):
            line = line[1:]  # as numpy writes a header
        if line.strip() and not line.startswith("#"):
            return read_columns(line, separator), text[start:], number + 1
    raise RecordingError("it has no line that names its columns: begin it with one", code="no_header")


def _all_plain(body: str, header: Header, begin: int) -> _Numbers | None:
    """Read a table in which each cell that is used is a number, as nearly every table is; None for any other."""
    if not body.isascii() or any(text in body for text in _UNUSUAL):
        return None
    pick, width = _pick(header), len(header.names)
    lines = body.split("\n")
    if not lines[-1]:
        del lines[-1]
    rows = [line.split(header.separator) for line in lines]
    if any(len(row) != width for row in rows):
        return None
    try:
        numbers = [list(map(float, pick(row))) for row in rows]
    except ValueError:
        return None
    return _Numbers(numbers, range(begin, begin + len(rows))) if rows else None


def _row_by_row(body: str, header: Header, begin: int) -> _Numbers:
    kept = [row for row in _rows(body, header.separator, begin) if _has_content(row, len(header.names))]
    has_commas = header.separator != "," and _has_decimal_commas(kept, header.columns)
    found = _numbers(kept, header, has_commas)
    if not found.rows:
        line = kept[0].line if kept else None
        raise RecordingError(_no_numbers(kept, len(header.names)), code="no_numbers", line=line)
    return found


def _pick(header: Header) -> Callable[[Sequence[str]], Sequence[str]]:
    return itemgetter(*(column.place for column in header.columns.values()))


def _rows(body: str, separator: str, begin: int) -> Iterator[_Row]:
    if '"' not in body:
        for number, line in enumerate(body.split("\n"), begin):
            yield _Row(number, line.split(separator))
        return
    reader = csv.reader((f"{line}\n" for line in body.split("\n")), delimiter=separator, skipinitialspace=True)
    try:
        for cells in reader:
            yield _Row(begin + reader.line_num - 1, cells)
    except csv.Error as error:
        number = begin + reader.line_num - 1
        raise RecordingError(
            f"line {number}: {error}: look for a quotation mark too many", code="quotes", line=number
        ) from None


def _has_content(row: _Row, width: int) -> bool:
    """Tell whether a row is neither blank nor a remark; a spreadsheet writes ###### in a cell that is too narrow."""
    if not any(map(str.strip, row.cells)):
        return False
    return len(row.cells) == width or not row.cells[0].startswith("#")


def _has_decimal_commas(rows: Sequence[_Row], columns: dict[str, Column]) -> bool:
    """Tell whether the numbers have decimal commas.

    Raises:
        RecordingError: some have a comma and some a point, so that one of them groups thousands.
    """
    optional = _optional(rows, columns)
    needed = [column for column, is_optional in zip(columns.values(), optional, strict=True) if not is_optional]
    comma: tuple[_Row, Column] | None = None
    has_point = False
    for row in rows:
        for column in needed:
            cell = row.cells[column.place] if column.place < len(row.cells) else ""
            has_point = has_point or "." in cell
            comma = comma or ((row, column) if "," in cell else None)
    if comma and has_point:
        row, column = comma
        raise RecordingError(
            f"line {row.line}, column {column.name}: {row.cells[column.place][:SHOWN]!r} has a comma, other numbers "
            "have points: save the numbers without separators of thousands",
            code="decimal",
            column=column.name,
            line=row.line,
        )
    return comma is not None


def _numbers(rows: Sequence[_Row], header: Header, has_commas: bool) -> _Numbers:
    """Return the numbers of the columns; lines with other text or too many fields are left out."""
    optional = _optional(rows, header.columns)
    pick, width = _pick(header), len(header.names)
    numbers: list[list[float]] = []
    lines: list[int] = []
    for row in rows:
        if any(map(str.strip, row.cells[width:])):
            continue
        try:
            picked: Sequence[str] = pick(row.cells)
        except IndexError:
            continue
        if has_commas:
            picked = [cell.replace(",", ".") for cell in picked]
        found = _read_row(picked, optional)
        if found is not None:
            numbers.append(found)
            lines.append(row.line)
    return _Numbers(numbers, lines, len(rows) - len(lines), has_commas)


def _optional(rows: Sequence[_Row], columns: dict[str, Column]) -> list[bool]:
    """Return for each column whether its cells need not be numbers: of two clocks the computer's, and one of text."""
    if not {TIME, RECEIVED} <= columns.keys():
        return [False] * len(columns)
    place = columns[TIME].place
    cells = (row.cells[place].strip().replace(",", ".") for row in rows if place < len(row.cells))
    has_numbers = any(map(_NUMBER.fullmatch, cells))
    return [quantity == RECEIVED if has_numbers else quantity == TIME for quantity in columns]


def _read_row(cells: Sequence[str], optional: Sequence[bool]) -> list[float] | None:
    """Return the numbers of a row, NaN for empty cells; None where a cell has other text and is not optional."""
    numbers = []
    for cell, is_optional in zip(cells, optional, strict=True):
        number = _number(cell.strip())
        if number is None and not is_optional:
            return None
        numbers.append(math.nan if number is None else number)
    return numbers


def _number(text: str) -> float | None:
    """Return a cell's number, NaN for an empty one, None for any other text."""
    if _NUMBER.fullmatch(text):
        return float(text)
    return math.nan if text.lower() in _NOTHING else None


def _no_numbers(rows: Sequence[_Row], width: int) -> str:
    if not rows:
        return "no line follows its header: export the recording again"
    row = rows[0]
    if len(row.cells) > width:
        return f"line {row.line} has {len(row.cells)} fields, its header {width}: decimal commas need ; between fields"
    return f"no line has a number in each column of its header; line {row.line}: {','.join(row.cells)[:SHOWN]!r}"
