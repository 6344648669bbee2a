"""COBS and the CRC in C are those of the Python codec."""

from __future__ import annotations

import ctypes
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec import cobs
from firmware_bridge.codec.packets import crc16
from tests.conftest import ROOT
from tests.firmware.core import filled

VECTORS: dict[str, Any] = json.loads((ROOT / "firmware_bridge" / "codec" / "vectors.json").read_text(encoding="utf-8"))
FEW_ZEROS = st.lists(st.one_of(st.binary(max_size=20), st.integers(250, 260).map(lambda n: b"\1" * n)), max_size=5)


def encoded(core: ctypes.CDLL, data: bytes) -> bytes:
    return filled(len(data) + len(data) // 254 + 1, lambda stuffed: core.sg_cobs_encode(stuffed, data, len(data)))


def decoded(client: ctypes.CDLL, stuffed: bytes) -> bytes | None:
    data, length = ctypes.create_string_buffer(max(1, len(stuffed))), ctypes.c_size_t()
    if not client.sg_cobs_decode(data, ctypes.byref(length), stuffed, len(stuffed)):
        return None
    return data.raw[: length.value]


def test_vectors(core: ctypes.CDLL) -> None:
    for vector in VECTORS["crc16"]:
        data = bytes.fromhex(vector["bytes"])
        assert core.sg_crc16(data, len(data)) == vector["crc"]
    for vector in VECTORS["cobs"]:
        assert encoded(core, bytes.fromhex(vector["bytes"])).hex() == vector["encoded"]


@given(data=FEW_ZEROS.map(b"".join))
def test_what_is_encoded_is_what_python_encodes_and_comes_back(
    core: ctypes.CDLL, client: ctypes.CDLL, data: bytes
) -> None:
    stuffed = encoded(core, data)
    assert stuffed == cobs.encode(data)
    assert decoded(client, stuffed) == data
    assert core.sg_crc16(data, len(data)) == crc16(data)


@given(stuffed=st.binary(max_size=300).map(lambda data: data.replace(b"\0", b"\1")))
def test_what_no_encoder_makes_is_refused_as_in_python(client: ctypes.CDLL, stuffed: bytes) -> None:
    assert decoded(client, stuffed) == cobs.decode(stuffed)


def test_a_zero_inside_is_refused(client: ctypes.CDLL) -> None:
    assert decoded(client, b"\x02\x11\0\x02\x11") is None
