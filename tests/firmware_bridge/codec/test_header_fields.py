"""Fields of the protocol's header: what they name, in which unit, and what is another column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Damaged, Fault, FrameRead, HeaderRead
from firmware_bridge.codec.header_fields import ACCELERATION, TIME_NAMES, are_names, read_field
from firmware_bridge.codec.lines import NINE_FIELDS
from scaleglove.channel_names import read_field as read_any_field
from scaleglove.channels import CHANNELS

BARE = (*TIME_NAMES, *CHANNELS, *ACCELERATION)
HEADER = (
    b"timestamp[ms],pitch[deg],roll[deg],yaw[deg],"
    b"flex1[0..1023],flex2[0..1023],flex3[0..1023],flex4[0..1023],flex5[0..1023]"
)


@pytest.mark.parametrize("name", BARE)
def test_names_alone_name_themselves(name: str) -> None:
    field = read_field(name.upper())
    assert (field.text, field.column, field.limits) == (name, name, None)


@pytest.mark.parametrize(
    ("text", "column", "limits"),
    [
        ("flex1[0..4095]", "flex1", (0, 4095)),
        ("flex1(4095..0)", "flex1", (0, 4095)),
        ("flex1 (0 .. 4095 counts)", "flex1", (0, 4095)),
        ("flex1_adc", "flex1", None),
        ("pitch deg", "pitch", None),
        ("pitch[-90..90deg]", "pitch", (-90, 90)),
        ("timestamp_msec(ms)", "timestamp", None),
        ("accel_x_g", "accel_x", None),
        ("flex1[7..7]", "flex1", None),
        ("flex1()", "flex1", None),
    ],
)
def test_units_and_ranges(text: str, column: str, limits: tuple[float, float] | None) -> None:
    field = read_field(text)
    assert (field.column, field.limits) == (column, limits)


@pytest.mark.parametrize(
    "text",
    [
        "pitch[rad]", "timestamp_us", "timestamp(s)", "accel_x(mg)", "flex1[0..3.3 V]", "flex1[0..]", "flex1[0.1023]",
        "flex1(0..1023]", "flex1[0..1023", "flex1[0..1023][adc]", "thumb", "flex_1", "time", "flex6",
    ],
)  # fmt: skip
def test_another_unit_or_name_is_another_column(text: str) -> None:
    assert read_field(text).column == ""


@given(name=st.sampled_from(BARE), unit=st.sampled_from(["", "ms", "deg", "g", "adc"]), most=st.integers(1, 65535))
def test_what_is_taken_here_is_taken_from_any_sketch(name: str, unit: str, most: int) -> None:
    text = f"{name}[0..{most} {unit}]"
    field, known = read_field(text), read_any_field(text)
    if field.column:
        assert known.is_suited
        assert known.factor == 1
        assert known.limits == field.limits == (0, most)
        assert name not in CHANNELS or known.quantity == name


@given(place=st.integers(0, len(HEADER) - 1), bit=st.integers(0, 6))
def test_a_flipped_bit_in_a_header_moves_no_value(place: int, bit: int) -> None:
    damaged = bytearray(HEADER)
    damaged[place] ^= 1 << bit
    if damaged[place] in b"\0\n\r":
        return
    *_, frame = GloveDecoder().feed(b"\n" + bytes(damaged) + b"\n20,1,2,3,4,5,6,7,8\n")
    if isinstance(frame, FrameRead):
        assert frame.values == (4, 5, 6, 7, 8, 1, 2, 3)
    else:
        assert isinstance(frame, Damaged)
        assert frame.reason in {Fault.ORDER, Fault.FIELDS}


def test_the_firmware_s_header_names_a_frame() -> None:
    assert are_names(HEADER.decode().split(","))
    header, _ = GloveDecoder().feed(b"\n" + HEADER + b"\n20,1,2,3,4,5,6,7,8\n")
    assert header == HeaderRead(NINE_FIELDS, {f"flex{finger}": (0, 1023) for finger in range(1, 6)})
