"""Packets written in C are those of the Python codec, byte for byte."""

from __future__ import annotations

import ctypes
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.letters import to_remark
from firmware_bridge.codec.packets import encode_frame, encode_letter, encode_remark
from tests.conftest import ROOT
from tests.firmware.core import LINE_MAX, WIRE_MAX, Frame, LetterMessage, filled, floats

VECTORS: dict[str, Any] = json.loads((ROOT / "firmware_bridge" / "codec" / "vectors.json").read_text(encoding="utf-8"))
FLOATS = st.floats(width=32, allow_nan=False)


def frame_of(seq: int, time_us: int, values: list[float], acceleration: list[float] | None) -> Frame:
    return Frame(
        time_us, seq, floats(*values[:5]), floats(*values[5:]), floats(*acceleration or (0, 0, 0)), bool(acceleration)
    )


def written(core: ctypes.CDLL, frame: Frame) -> bytes:
    return filled(WIRE_MAX, lambda wire: core.sg_packet_write_frame(wire, frame))


def written_remark(core: ctypes.CDLL, seq: int, time_us: int, text: bytes) -> bytes:
    return filled(WIRE_MAX, lambda wire: core.sg_packet_write_remark(wire, seq, time_us, text, len(text)))


def letter_of(seq: int, time_us: int, place: int, confidence: int, shares: list[int]) -> LetterMessage:
    return LetterMessage(time_us, seq, place, confidence, (ctypes.c_uint8 * 3)(*shares))


@pytest.mark.parametrize("vector", VECTORS["encode"], ids=lambda vector: vector["name"])
def test_vectors(core: ctypes.CDLL, vector: dict[str, Any]) -> None:
    if vector["message"] == "remark":
        wire = written_remark(core, vector["seq"], vector["time_us"], vector["text"].encode())
    elif vector["message"] == "letter":
        letter = letter_of(*(vector[name] for name in ("seq", "time_us", "place", "confidence", "shares")))
        wire = filled(WIRE_MAX, lambda wire: core.sg_packet_write_letter(wire, letter))
        line = filled(LINE_MAX, lambda line: core.sg_line_write_letter(line, letter))
        assert line.decode() == vector["line"]
    else:
        wire = written(core, frame_of(vector["seq"], vector["time_us"], vector["values"], vector["acceleration"]))
    assert wire.hex() == vector["bytes"]


@given(
    seq=st.integers(0, 2**16 - 1),
    time_us=st.integers(0, 2**32 - 1),
    values=st.lists(FLOATS, min_size=8, max_size=8),
    acceleration=st.none() | st.lists(FLOATS, min_size=3, max_size=3),
)
def test_frames(
    core: ctypes.CDLL, seq: int, time_us: int, values: list[float], acceleration: list[float] | None
) -> None:
    assert written(core, frame_of(seq, time_us, values, acceleration)) == encode_frame(
        seq, time_us, values, acceleration
    )


@given(
    seq=st.integers(0, 2**16 - 1),
    time_us=st.integers(0, 2**32 - 1),
    place=st.integers(0, 199),
    numbers=st.lists(st.integers(0, 255), min_size=4, max_size=4),
)
def test_letters(core: ctypes.CDLL, seq: int, time_us: int, place: int, numbers: list[int]) -> None:
    message = letter_of(seq, time_us, place, numbers[0], numbers[1:])
    shares = [number / 255 for number in numbers]
    wire = filled(WIRE_MAX, lambda wire: core.sg_packet_write_letter(wire, message))
    line = filled(LINE_MAX, lambda line: core.sg_line_write_letter(line, message))
    assert wire == encode_letter(seq, time_us, place, shares[0], shares[1:])
    assert line.decode() == f"# {to_remark(time_us / 1000, place, shares[0], shares[1:])}\n"


@given(seq=st.integers(0, 2**16 - 1), time_us=st.integers(0, 2**32 - 1), text=st.text(min_size=1, max_size=40))
def test_remarks(core: ctypes.CDLL, seq: int, time_us: int, text: str) -> None:
    wire = written_remark(core, seq, time_us, text.encode())
    assert wire == (encode_remark(seq, time_us, text) if len(text.encode()) <= 120 else b"")


def test_no_remark_is_written_of_nothing(core: ctypes.CDLL) -> None:
    assert written_remark(core, 0, 0, b"") == b""
