"""The encoder and decoder of binary packets. docs/reference/link.md is the specification.

    u8 version = 1 | u8 type | u16 sequence | u32 device time in microseconds | payload | u16 CRC-16

little endian, then COBS, then 0x00.
"""

from __future__ import annotations

import math
import struct
from binascii import crc_hqx
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firmware_bridge.codec import cobs, letters, remarks
from firmware_bridge.codec.events import Damaged, Fault, LetterRead, Remark
from scaleglove.channels import CHANNELS, MAX_MAGNITUDE

VERSION: Final = 1
FRAME: Final = 1
FRAME_WITH_ACCELERATION: Final = 2
REMARK: Final = 3
LETTER: Final = 4

DELIMITER: Final = b"\0"
MAX_REMARK_BYTES: Final = 120

_HEAD: Final = struct.Struct("<BBHI")
_CRC: Final = struct.Struct("<H")
_FRAME: Final = struct.Struct("<BBHI8f")
_FRAME_WITH_ACCELERATION: Final = struct.Struct("<BBHI11f")
_LETTER: Final = struct.Struct("<BBHI5B")
_AROUND: Final = _HEAD.size + _CRC.size

MAX_ENCODED_BYTES: Final = _AROUND + MAX_REMARK_BYTES + 1
"""The longest packet between two delimiters: a full remark and its COBS code byte."""

_NAMES: Final = (*CHANNELS, "accel_x", "accel_y", "accel_z")
_LIMIT: Final = MAX_MAGNITUDE
_SHOWN_BYTES: Final = 30


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as sent: `seq` modulo 2**16, `time_us` modulo 2**32; `numbers` of a frame (8 or 11), a `remark`, or a
    `letter` with its time as sent."""

    seq: int
    time_us: int
    numbers: tuple[float, ...] = ()
    remark: Remark | None = None
    letter: LetterRead | None = None


class PacketError(Exception):
    """Bytes that are no packet: the kind of fault, and its description."""

    def __init__(self, reason: Fault, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def crc16(data: bytes) -> int:
    """Compute CRC-16/IBM-3740, also called CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, not reflected."""
    return crc_hqx(data, 0xFFFF)


def encode_frame(seq: int, time_us: int, values: Sequence[float], acceleration: Sequence[float] | None = None) -> bytes:
    """Encode a frame with its delimiter: 8 values in channel order and, if given, the acceleration in g (x, y, z)."""
    head = (seq % 2**16, time_us % 2**32)
    if acceleration is None:
        return _closed(_FRAME.pack(VERSION, FRAME, *head, *values))
    return _closed(_FRAME_WITH_ACCELERATION.pack(VERSION, FRAME_WITH_ACCELERATION, *head, *values, *acceleration))


def encode_remark(seq: int, time_us: int, text: str) -> bytes:
    """Encode a remark with its delimiter; `seq` is that of the next frame.

    Raises:
        ValueError: the text is not 1 to 120 bytes as UTF-8.
    """
    payload = text.encode()
    if not 1 <= len(payload) <= MAX_REMARK_BYTES:
        raise ValueError(f"a remark must have 1 to {MAX_REMARK_BYTES} bytes, not {len(payload)}")
    return _closed(_HEAD.pack(VERSION, REMARK, seq % 2**16, time_us % 2**32) + payload)


def encode_letter(
    seq: int, time_us: int, place: int, confidence: float, shares: Sequence[float] | None = None
) -> bytes:
    """Encode a letter of the glove's own with its delimiter; `seq` and `time_us` are those of its newest frame.

    Raises:
        ValueError: the index is not from 0 to 199, or a share not from 0 to 1.
    """
    numbers = letters.to_numbers(place, confidence, shares)
    return _closed(_LETTER.pack(VERSION, LETTER, seq % 2**16, time_us % 2**32, *numbers))


def decode(encoded: bytes) -> Packet:
    """Decode the packet between two delimiters.

    Raises:
        PacketError: the bytes are no packet.
    """
    packet = cobs.decode(encoded)
    if packet is None:
        raise PacketError(Fault.COBS, "a block is longer than the bytes that remain")
    if len(packet) <= _AROUND:
        raise PacketError(Fault.LENGTH, f"{len(packet)} bytes are too few for a packet")
    if crc16(packet[:-2]) != packet[-2] | packet[-1] << 8:
        raise PacketError(Fault.CRC, "the CRC does not match the packet")
    if packet[0] != VERSION:
        raise PacketError(Fault.VERSION, f"version is {packet[0]}; only version {VERSION} is known")
    if packet[1] == REMARK:
        return _remark(packet)
    if packet[1] == LETTER:
        return _letter(packet)
    return _frame(packet)


def damaged(encoded: bytes, reason: Fault, detail: str) -> Damaged:
    """Return the event of bytes that are no packet."""
    return Damaged(encoded[:_SHOWN_BYTES].hex(), reason, detail)


def _frame(packet: bytes) -> Packet:
    layout = _FRAMES.get(packet[1])
    if layout is None:
        raise PacketError(Fault.TYPE, f"type is {packet[1]}; types {FRAME} to {LETTER} are known")
    _check_length(packet, layout)
    _, _, seq, time_us, *numbers = layout.unpack_from(packet)
    for name, number in zip(_NAMES, numbers, strict=False):
        if not -_LIMIT <= number <= _LIMIT:  # NaN included
            reason = Fault.RANGE if math.isfinite(number) else Fault.FINITE
            raise PacketError(reason, f"{name} is {number:g}")
    return Packet(seq, time_us, tuple(numbers))


def _letter(packet: bytes) -> Packet:
    _check_length(packet, _LETTER)
    _, _, seq, time_us, *numbers = _LETTER.unpack_from(packet)
    letter = letters.from_numbers(time_us / 1000, numbers, seq)
    if letter is None:
        raise PacketError(Fault.RANGE, f"letter is {numbers[0]}; there are {letters.MOST} at most, from 0 on")
    return Packet(seq, time_us, letter=letter)


def _check_length(packet: bytes, layout: struct.Struct) -> None:
    if len(packet) != layout.size + _CRC.size:
        raise PacketError(Fault.LENGTH, f"type {packet[1]} has {layout.size + _CRC.size} bytes, not {len(packet)}")


def _remark(packet: bytes) -> Packet:
    payload = packet[_HEAD.size : -_CRC.size]
    if len(payload) > MAX_REMARK_BYTES:
        raise PacketError(Fault.LENGTH, f"a remark of {len(payload)} bytes is longer than {MAX_REMARK_BYTES}")
    _, _, seq, time_us = _HEAD.unpack_from(packet)
    return Packet(seq, time_us, remark=remarks.from_bytes(payload))


def _closed(packet: bytes) -> bytes:
    return cobs.encode(packet + _CRC.pack(crc16(packet))) + DELIMITER


_FRAMES: Final = {FRAME: _FRAME, FRAME_WITH_ACCELERATION: _FRAME_WITH_ACCELERATION}
