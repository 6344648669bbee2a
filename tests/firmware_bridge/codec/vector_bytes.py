"""The bytes and events of docs/reference/link.md by hand, without the codec, for the vectors."""

from __future__ import annotations

import struct
from typing import Any, Final

VALUES: Final = (788.0, 780.5, 861.25, 0.0, 1023.0, -17.5, -64.25, 179.75)
ODD: Final = (-0.0, 1e-45, 999999.9375, 0.1, 255.0, -180.0, 180.0, 1.0)
ACCELERATION: Final = (0.5, -0.25, 1.0)


def crc16(data: bytes) -> int:
    """Compute CRC-16/IBM-3740 bit by bit, as its catalogue describes it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def cobs(data: bytes) -> bytes:
    """Encode byte by byte, as the paper describes it."""
    out, block = bytearray(), bytearray()
    for byte in data:
        if byte:
            block.append(byte)
        if not byte or len(block) == 254:
            out += bytes([len(block) + 1]) + block
            block.clear()
    return bytes(out + bytes([len(block) + 1]) + block)


def packet(kind: int, seq: int, time_us: int, payload: bytes, *, version: int = 1, crc_off: int = 0) -> bytes:
    body = struct.pack("<BBHI", version, kind, seq, time_us) + payload
    return cobs(body + struct.pack("<H", crc16(body) ^ crc_off)) + b"\0"


def frame(seq: int, time_us: int, values: tuple[float, ...] = VALUES) -> bytes:
    return packet(2 if len(values) == 11 else 1, seq, time_us, struct.pack(f"<{len(values)}f", *values))


def remark(seq: int, time_us: int, text: str) -> bytes:
    return packet(3, seq, time_us, text.encode())


def letter(seq: int, time_us: int, *numbers: int) -> bytes:
    return packet(4, seq, time_us, bytes(numbers))


def line(t_ms: str, values: tuple[float, ...] = VALUES) -> bytes:
    flex, angles = values[:5], values[5:8]
    return ",".join([t_ms, *map(repr, (*angles, *values[8:], *flex))]).encode() + b"\n"


def f32(values: tuple[float, ...]) -> list[float]:
    return list(struct.unpack(f"<{len(values)}f", struct.pack(f"<{len(values)}f", *values)))


def read(
    t_ms: float, seq: int | None = None, values: tuple[float, ...] = VALUES, *, binary: bool = True
) -> dict[str, Any]:
    numbers = f32(values) if binary else list(values)
    return {"event": "frame", "t_ms": t_ms, "values": numbers[:8], "acceleration": numbers[8:] or None, "seq": seq}


def missing(t_ms: float, count: int, reason: str = "sequence") -> dict[str, Any]:
    return {"event": "missing", "t_ms": t_ms, "count": count, "reason": reason}


def damaged(reason: str) -> dict[str, Any]:
    return {"event": "damaged", "reason": reason}


def remark_event(text: str, **values: str) -> dict[str, Any]:
    return {"event": "remark", "text": text, "values": values}


def named(t_ms: float, place: int, numbers: tuple[int, ...], seq: int | None = None) -> dict[str, Any]:
    """Return a letter's event; `numbers` are the confidence and the three shares, of 255."""
    return {
        "event": "letter",
        "t_ms": t_ms,
        "place": place,
        "confidence": numbers[0],
        "shares": numbers[1:],
        "seq": seq,
    }


NAMES: Final = ("timestamp", "pitch", "roll", "yaw", "flex1", "flex2", "flex3", "flex4", "flex5")
HEADER: Final = ",".join(NAMES)
NAMED: Final = {"event": "header", "names": list(NAMES), "ranges": {}}
