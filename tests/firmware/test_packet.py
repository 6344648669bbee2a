"""Packets written in C are those of the Python codec, byte for byte."""

from __future__ import annotations

import ctypes
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.packets import encode_frame, encode_remark
from tests.conftest import ROOT
from tests.firmware.core import WIRE_MAX, Frame, filled, floats

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


@pytest.mark.parametrize("vector", VECTORS["encode"], ids=lambda vector: vector["name"])
def test_vectors(core: ctypes.CDLL, vector: dict[str, Any]) -> None:
    if vector["message"] == "remark":
        wire = written_remark(core, vector["seq"], vector["time_us"], vector["text"].encode())
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


@given(seq=st.integers(0, 2**16 - 1), time_us=st.integers(0, 2**32 - 1), text=st.text(min_size=1, max_size=40))
def test_remarks(core: ctypes.CDLL, seq: int, time_us: int, text: str) -> None:
    wire = written_remark(core, seq, time_us, text.encode())
    assert wire == (encode_remark(seq, time_us, text) if len(text.encode()) <= 120 else b"")


def test_no_remark_is_written_of_nothing(core: ctypes.CDLL) -> None:
    assert written_remark(core, 0, 0, b"") == b""
