"""Lines written in C, read by the Python codec."""

from __future__ import annotations

import ctypes
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_bridge.codec.events import FrameRead, HeaderRead
from firmware_bridge.codec.lines import NINE_FIELDS, TWELVE_FIELDS, LineReader
from firmware_bridge.emulator.formats import TextFormat
from scaleglove.channels import CHANNELS, FLEX
from tests.firmware.core import LINE_MAX, Frame, filled, floats

VALUES = st.floats(-1e6, 1e6, width=32) | st.floats(-1024, 1024, width=32)


def written(core: ctypes.CDLL, time_us: int, values: list[float], acceleration: list[float] | None = None) -> bytes:
    frame = Frame(
        time_us, 0, floats(*values[:5]), floats(*values[5:]), floats(*acceleration or (0, 0, 0)), bool(acceleration)
    )
    return filled(LINE_MAX, lambda line: core.sg_line_write_frame(line, frame))


def rounded(value: float, unit: str) -> float:
    return float(Decimal(ctypes.c_float(value).value).quantize(Decimal(unit), ROUND_HALF_UP))


@given(
    time_us=st.integers(0, 2**32 - 1),
    values=st.lists(VALUES, min_size=8, max_size=8),
    acceleration=st.none() | st.lists(VALUES, min_size=3, max_size=3),
)
@example(2**32 - 1, [-1e6] * 8, [-1e6] * 3)
@example(0, [0.05, 0.95, 0.949999988079071, -0.04, 9.96, -0.005, 0.995, 999999.9375], [0.0005, -0.0004, 0.9995])
def test_a_line_says_the_frame_rounded(
    core: ctypes.CDLL, time_us: int, values: list[float], acceleration: list[float] | None
) -> None:
    line = written(core, time_us, values, acceleration)
    (read,) = LineReader().read(line)
    assert line.endswith(b"\n")
    assert b"-0.0," not in line
    assert isinstance(read, FrameRead)
    assert read.t_ms == time_us / 1000
    expected = [*(rounded(value, "0.1") for value in values[:5]), *(rounded(value, "0.01") for value in values[5:])]
    assert list(read.values) == expected
    assert read.acceleration == (
        None if acceleration is None else tuple(rounded(value, "0.001") for value in acceleration)
    )


@given(value=st.sampled_from([float("nan"), float("inf"), -float("inf"), 1000000.0625]), place=st.integers(0, 7))
def test_no_line_says_what_is_no_reading(core: ctypes.CDLL, value: float, place: int) -> None:
    values = [1.0] * 8
    values[place] = value
    assert written(core, 0, values) == b""


@pytest.mark.parametrize("most", [0, 1023, 65535])
@pytest.mark.parametrize(("fields", "names"), [(9, NINE_FIELDS), (12, TWELVE_FIELDS)])
def test_headers_are_those_of_the_emulator(core: ctypes.CDLL, fields: int, names: tuple[str, ...], most: int) -> None:
    header = filled(LINE_MAX, lambda line: core.sg_line_write_header(line, fields == len(TWELVE_FIELDS), most))
    assert header == TextFormat(fields, most).header(0, 0.0)
    (read,) = LineReader().read(header)
    assert read == HeaderRead(names, dict.fromkeys(CHANNELS[FLEX], (0.0, float(most))) if most else {})
