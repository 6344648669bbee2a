"""Commands in C, against a regular expression in Python."""

from __future__ import annotations

import ctypes
import re
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec import commands
from tests.firmware.core import Command, CommandLine

FORMATS = ("text", "binary")
LETTERS = ("off", "on", "only")
CHOICES = {"format": FORMATS, "letters": LETTERS}
BLANKS = " \t\n\v\f\r"


class Kind(IntEnum):
    UNKNOWN = 0
    HEADER = 1
    INTERVAL = 2
    INTERVAL_REFUSED = 3
    RECAL = 4
    YAWZERO = 5
    FORMAT = 6
    FORMAT_REFUSED = 7
    LETTERS = 8
    LETTERS_REFUSED = 9
    LABELS = 10


Read = tuple[Kind, int | str | None]


def read(core: ctypes.CDLL, typed: bytes) -> list[Read]:
    line, command, found = CommandLine(), Command(), []
    core.sg_command_start(line)
    for byte in typed:
        if core.sg_command_take(line, byte, command):
            kind = Kind(command.kind)
            arguments: dict[Kind, int | str] = {
                Kind.INTERVAL: command.interval_us,
                Kind.FORMAT: FORMATS[command.format],
                Kind.LETTERS: LETTERS[command.letters],
            }
            found.append((kind, arguments.get(kind)))
    return found


def expected_of(line: bytes) -> Read | None:
    if len(line) > 64:
        return Kind.UNKNOWN, None
    name, comma, argument = line.decode("latin-1").strip(BLANKS).partition(",")
    argument = argument.strip(BLANKS)
    if not name and not comma:
        return None
    if name == "interval":
        number = Decimal(argument) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", argument) else Decimal(0)
        interval_us = int((number * 1000).quantize(Decimal(1), ROUND_HALF_UP)) if number < 1001 else 0
        return (Kind.INTERVAL, interval_us) if 1000 <= interval_us <= 1_000_000 else (Kind.INTERVAL_REFUSED, None)
    if name in CHOICES:
        kind = Kind[name.upper()]
        return (kind, argument) if argument in CHOICES[name] else (Kind(kind + 1), None)
    if not comma and name in {"header", "recal", "yawzero", "labels"}:
        return Kind[name.upper()], None
    return Kind.UNKNOWN, None


def expected(typed: bytes) -> list[Read]:
    return [found for line in typed.split(b"\n")[:-1] if (found := expected_of(line)) is not None]


NUMBERS = st.one_of(
    st.integers(0, 1100).map(str),
    st.decimals(0, 1001, places=3).map(str),
    st.decimals(0, 2, places=5).map(str),
    st.text("0123456789.+-e ", max_size=12),
)
LINES = st.one_of(
    st.sampled_from(["header", "recal", "yawzero", "format,text", "format,binary", "format", "interval", "interval,"]),
    st.sampled_from(
        ["letters,on", "letters, only", "letters,off\t", "letters", "letter,on", "letters,only,", "labels", "labels,"]
    ),
    NUMBERS.map(lambda number: f"interval,{number}"),
    st.text("aeh ,\t\r\0interval", max_size=80),
).map(lambda text: text.encode("latin-1"))
TYPED = st.lists(st.one_of(LINES, LINES.map(lambda line: b" " + line + b"\r"), st.binary(max_size=80)), max_size=5)


@given(typed=TYPED.map(lambda lines: b"".join(line + b"\n" for line in lines)))
def test_lines_are_read_as_in_python(core: ctypes.CDLL, typed: bytes) -> None:
    assert read(core, typed) == expected(typed)


@given(ms=st.floats(1, 1000))
def test_what_the_computer_says_is_obeyed(core: ctypes.CDLL, ms: float) -> None:
    (found,) = read(core, commands.interval(ms).encode() + b"\n")
    assert found[0] == Kind.INTERVAL
    assert found[1] == round(float(f"{ms:.3f}") * 1000)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"interval,0.9995", (Kind.INTERVAL, 1000)),
        (b"interval,0.9994", (Kind.INTERVAL_REFUSED, None)),
        (b"interval,1000.0004", (Kind.INTERVAL, 1_000_000)),
        (b"interval,1000.0005", (Kind.INTERVAL_REFUSED, None)),
        (b"interval,99999999999999999999", (Kind.INTERVAL_REFUSED, None)),
        (b"interval,1e1", (Kind.INTERVAL_REFUSED, None)),
        (b"header," + b" " * 57, (Kind.UNKNOWN, None)),
        (b"header" + b" " * 58, (Kind.HEADER, None)),
        (b"header" + b" " * 59, (Kind.UNKNOWN, None)),
    ],
)
def test_edges(core: ctypes.CDLL, line: bytes, found: Read) -> None:
    assert read(core, line + b"\n") == [found]


def test_a_line_without_its_end_is_no_command(core: ctypes.CDLL) -> None:
    assert read(core, b"recal") == []
