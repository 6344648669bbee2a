"""One packet: its bytes, and the errors of those that are none."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec import cobs
from firmware_bridge.codec.events import Fault, Remark
from firmware_bridge.codec.packets import (
    MAX_ENCODED_BYTES,
    MAX_REMARK_BYTES,
    Packet,
    PacketError,
    crc16,
    decode,
    encode_frame,
    encode_remark,
)

NUMBER = st.floats(-1e6, 1e6, width=32)
VALUES = (801.0, 802.0, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)


def sealed(packet: bytes) -> bytes:
    """Encode any bytes with the right CRC."""
    return cobs.encode(packet + struct.pack("<H", crc16(packet)))


def test_the_crc_has_the_check_value_of_its_catalogue() -> None:
    assert crc16(b"123456789") == 0x29B1


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.lists(NUMBER, min_size=8, max_size=8))
def test_a_frame_comes_back_to_the_bit(seq: int, time_us: int, values: list[float]) -> None:
    encoded = encode_frame(seq, time_us, values)
    assert len(encoded) == 44
    assert encoded.count(0) == 1
    packet = decode(encoded[:-1])
    assert (packet.seq, packet.time_us, packet.remark) == (seq, time_us, None)
    assert np.array(packet.numbers, np.float32).tobytes() == np.array(values, np.float32).tobytes()


def test_acceleration_makes_it_eleven_numbers() -> None:
    encoded = encode_frame(1, 2, VALUES, (0.5, -0.25, 1.0))
    assert decode(encoded[:-1]) == Packet(1, 2, (*VALUES, 0.5, -0.25, 1.0))


def test_numbers_beyond_the_counters_wrap() -> None:
    assert encode_frame(2**16 + 3, 2**32 + 5, VALUES) == encode_frame(3, 5, VALUES)


def test_a_remark_has_a_bound() -> None:
    longest = "ㄱ" * (MAX_REMARK_BYTES // 3)
    encoded = encode_remark(7, 9, longest)
    assert len(encoded) == MAX_ENCODED_BYTES + 1
    assert decode(encoded[:-1]) == Packet(7, 9, remark=Remark(longest))
    for text in ("", longest + "x"):
        with pytest.raises(ValueError, match="1 to 120 bytes"):
            encode_remark(0, 0, text)


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"\x09\x01", Fault.COBS),
        (cobs.encode(b"\x01\x01\x00"), Fault.LENGTH),
        (encode_frame(0, 0, VALUES)[:-1].replace(b"\x40", b"\x41"), Fault.CRC),
        (sealed(b"\x02\x01" + bytes(38)), Fault.VERSION),
        (sealed(b"\x01\x07" + bytes(38)), Fault.TYPE),
        (sealed(b"\x01\x01" + bytes(37)), Fault.LENGTH),
        (sealed(b"\x01\x03" + bytes(6) + b"x" * 121), Fault.LENGTH),
        (encode_frame(0, 0, [*VALUES[:7], math.nan])[:-1], Fault.FINITE),
        (encode_frame(0, 0, [*VALUES[:7], -math.inf])[:-1], Fault.FINITE),
        (encode_frame(0, 0, [*VALUES[:7], 2e6])[:-1], Fault.RANGE),
    ],
)
def test_what_is_no_packet_is_refused_by_name(encoded: bytes, reason: Fault) -> None:
    with pytest.raises(PacketError) as refusal:
        decode(encoded)
    assert refusal.value.reason is reason
