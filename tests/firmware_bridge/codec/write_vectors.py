"""Writes firmware_bridge/codec/vectors.json, without the codec: what is expected is said here by hand.

python -m tests.firmware_bridge.codec.write_vectors
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Final

VECTORS: Final = Path("firmware_bridge/codec/vectors.json")

VALUES: Final = (788.0, 780.5, 861.25, 0.0, 1023.0, -17.5, -64.25, 179.75)
ODD: Final = (-0.0, 1e-45, 999999.9375, 0.1, 255.0, -180.0, 180.0, 1.0)
ACCELERATION: Final = (0.5, -0.25, 1.0)


def crc16(data: bytes) -> int:
    """Bit by bit, as the catalogue describes CRC-16/IBM-3740."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def cobs(data: bytes) -> bytes:
    """Byte by byte, as the paper describes it."""
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


def said(text: str) -> dict[str, Any]:
    return {"event": "remark", "text": text}


def named(t_ms: float, text: str, numbers: tuple[int, ...], seq: int | None = None) -> dict[str, Any]:
    """`numbers`: the confidence and the three shares, of 255."""
    return {
        "event": "letter",
        "t_ms": t_ms,
        "letter": text,
        "confidence": numbers[0],
        "shares": numbers[1:],
        "seq": seq,
    }


NEARLY_LETTERS: Final = (
    "letter 24 250 102 26 127 at 0",
    "letter 2 256 0 0 0 at 0",
    "letter 2 1 1 1 1",
    "letter 2 1 1 1 1 at -1",
)
NAMES: Final = ("timestamp", "pitch", "roll", "yaw", "flex1", "flex2", "flex3", "flex4", "flex5")
HEADER: Final = ",".join(NAMES)
NAMED: Final = {"event": "header", "names": list(NAMES)}


def encoded() -> list[dict[str, Any]]:
    """One message and its bytes."""
    frames = [
        ("first frame after boot", 0, 0, VALUES),
        ("counters at their ends", 2**16 - 1, 2**32 - 1, VALUES),
        ("negative zero, the smallest number, numbers that are not exact", 513, 0x01020304, ODD),
        ("no byte of the numbers is zero", 0x0101, 0x01010101, (1.1,) * 8),
        ("all zeros", 0, 0, (0.0,) * 8),
        ("with acceleration", 7, 140_000, VALUES + ACCELERATION),
    ]
    letters = [
        ("a letter that the glove itself says", 129, 2_580_000, "ㄱ", 0, (250, 102, 26, 127)),
        ("a letter of which it does not say the scales", 2**16 - 1, 2**32 - 1, "ㅣ", 23, (255, 0, 0, 0)),
    ]
    remarks = [("remark", 3, 60_000, "20 ms between frames"), ("remark in Hangul", 3, 60_000, "보정")]
    return (
        [
            {
                "name": name,
                "message": "frame",
                "seq": seq,
                "time_us": time_us,
                "values": f32(values)[:8],
                "acceleration": f32(values)[8:] or None,
                "bytes": frame(seq, time_us, values).hex(),
            }
            for name, seq, time_us, values in frames
        ]
        + [
            {
                "name": name,
                "message": "remark",
                "seq": seq,
                "time_us": us,
                "text": text,
                "bytes": remark(seq, us, text).hex(),
            }
            for name, seq, us, text in remarks
        ]
        + [
            {
                "name": name,
                "message": "letter",
                "seq": seq,
                "time_us": us,
                "letter": text,
                "confidence": numbers[0],
                "shares": numbers[1:],
                "bytes": letter(seq, us, place, *numbers).hex(),
                "line": f"# letter {place} {' '.join(map(str, numbers))} at {us / 1000:.3f}\n",
            }
            for name, seq, us, text, place, numbers in letters
        ]
    )


def decoded() -> list[dict[str, Any]]:
    """The bytes of a link that was just opened, and the events of it."""
    three = [frame(n, n * 20_000) for n in range(3)]
    lines = [line(f"{n * 20}") for n in range(20)]
    text = [read(n * 20.0, binary=False) for n in range(20)]
    flipped = bytearray(three[1])
    flipped[20] ^= 0x10
    silent = [((2**32 - 200_000 + n * 20_000) % 2**32, 40_000 + n) for n in [*range(6), 1506]]  # 30 s
    wrap = [frame(65534 + n & 0xFFFF, (2**32 - 30_000 + n * 20_000) % 2**32) for n in range(4)]
    cases: list[tuple[str, bytes, list[dict[str, Any]]]] = [
        ("nothing but the zero a device begins with", b"\0", []),
        ("binary from the beginning", b"\0" + b"".join(three), [read(n * 20.0, n) for n in range(3)]),
        ("acceleration", b"\0" + frame(0, 0, VALUES + ACCELERATION), [read(0.0, 0, VALUES + ACCELERATION)]),
        ("joined in the middle of a packet", three[0][11:] + three[1] + three[2], [read(20.0, 1), read(40.0, 2)]),
        ("joined in the middle of a line", lines[0][4:] + lines[1] + lines[2], text[1:3]),
        ("lines", b"\n" + b"".join(lines), text),
        (
            "lines with a fraction and carriage returns",
            b"\r\n" + line("20.125").replace(b"\n", b"\r\n"),
            [read(20.125, binary=False)],
        ),
        (
            "lines with acceleration",
            b"\n" + line("0", VALUES + ACCELERATION),
            [read(0.0, None, VALUES + ACCELERATION, binary=False)],
        ),
        (
            "a header changes the order",
            f"\n{','.join(reversed(NAMES))}\n5,4,3,2,1,8,7,6,20\n".encode(),
            [
                {"event": "header", "names": list(reversed(NAMES))},
                read(20.0, None, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), binary=False),
            ],
        ),
        (
            "a header that names no frame, and the line that follows it",
            b"\ntime,pitch\n" + lines[0],
            [damaged("header that does not name a frame"), damaged("follows a header that does not name a frame")],
        ),
        (
            "remarks in both formats",
            b"\n# hello\n\0" + remark(0, 0, "you") + three[0],
            [said("hello"), said("you"), read(0.0, 0)],
        ),
        (
            "lines between packets",
            b"\0" + three[0] + b"# hello\n" + three[1],
            [read(0.0, 0), said("hello"), read(20.0, 1)],
        ),
        (
            "lines alone between zeros, the last one cut off",
            b"\0" + three[0] + b"# boot\n" + line("20") + b"# ca\0" + frame(2, 40_000),
            [read(0.0, 0), said("boot"), read(20.0, binary=False), damaged("cut off"), read(40.0, 2)],
        ),
        (
            "text to binary",
            b"\n" + b"".join(lines) + b"\0" + frame(20, 400_000) + frame(21, 420_000),
            [*text, read(400.0, 20), read(420.0, 21)],
        ),
        (
            "binary to text",
            b"\0" + three[0] + f"# format text\n{HEADER}\n".encode() + b"".join(lines[1:]),
            [read(0.0, 0), said("format text"), NAMED, *text[1:]],
        ),
        (
            "reset in the middle of a packet, into text",
            b"\0"
            + frame(500, 10_000_000)
            + frame(501, 10_020_000)[:15]
            + f"# boot\n{HEADER}\n".encode()
            + b"".join(lines),
            [
                read(10_000.0, 500),
                damaged("not ASCII"),
                NAMED,
                {"event": "restarted", "before_ms": 10_000.0, "t_ms": 0.0},
                *text,
            ],
        ),
        ("a lost frame", b"\0" + three[0] + three[2], [read(0.0, 0), missing(40.0, 1), read(40.0, 2)]),
        (
            "a flipped bit",
            b"\0" + three[0] + bytes(flipped) + three[2],
            [read(0.0, 0), damaged("wrong CRC"), missing(40.0, 1), read(40.0, 2)],
        ),
        (
            "a packet cut off",
            b"\0" + three[0] + three[1][:9] + b"\0" + three[2],
            [read(0.0, 0), damaged("wrong length"), missing(40.0, 1), read(40.0, 2)],
        ),
        (
            "a packet again",
            b"\0" + frame(10, 200_000) * 2 + frame(11, 220_000),
            [read(200.0, 10), {"event": "repeated", "t_ms": 200.0}, read(220.0, 11)],
        ),
        (
            "sequence and microseconds wrap around",
            b"\0" + b"".join(wrap),
            [read((2**32 - 30_000 + n * 20_000) / 1000, 65534 + n & 0xFFFF) for n in range(4)],
        ),
        (
            "microseconds wrap around in a silence of 30 s",
            b"\0" + b"".join(frame(seq, us) for us, seq in silent),
            [
                *(read(us / 1000, seq) for us, seq in silent[:-1]),
                missing((2**32 - 200_000 + 1506 * 20_000) / 1000, 1500),
                read((2**32 - 200_000 + 1506 * 20_000) / 1000, 41_506),
            ],
        ),
        (
            "a reboot soon after the start, its first frame lost: number 1 is another frame than before",
            b"\0" + b"".join(three) + frame(1, 19_000) + frame(2, 39_000),
            [
                *(read(n * 20.0, n) for n in range(3)),
                {"event": "restarted", "before_ms": 40.0, "t_ms": 19.0},
                read(19.0, 1),
                read(39.0, 2),
            ],
        ),
        (
            "a reboot in binary",
            b"\0" + frame(700, 14_000_000) + b"\0" + three[0] + three[1],
            [
                read(14_000.0, 700),
                {"event": "restarted", "before_ms": 14_000.0, "t_ms": 0.0},
                read(0.0, 0),
                read(20.0, 1),
            ],
        ),
        ("an unknown version", b"\0" + packet(1, 0, 0, bytes(32), version=2), [damaged("unknown version")]),
        ("an unknown type", b"\0" + packet(9, 0, 0, bytes(32)), [damaged("unknown type")]),
        ("a frame of another length", b"\0" + packet(1, 0, 0, bytes(28)), [damaged("wrong length")]),
        ("a wrong CRC", b"\0" + packet(1, 0, 0, bytes(32), crc_off=1), [damaged("wrong CRC")]),
        ("not a number", b"\0" + frame(0, 0, (float("nan"), *VALUES[1:])), [damaged("NaN or infinity")]),
        ("beyond all sense", b"\0" + frame(0, 0, (2e6, *VALUES[1:])), [damaged("out of range")]),
        ("too few fields", b"\n1,2,3\n" + lines[1], [damaged("wrong number of fields"), text[1]]),
        (
            "not a number in a line",
            b"\n" + lines[0].replace(b"780.5", b"78o.5") + lines[1],
            [damaged("not a number"), text[1]],
        ),
        (
            "blanks around numbers, of which a carriage return is none",
            b"\n" + line("20").replace(b",", b" ,\t") + line("40").replace(b",-", b",\r"),
            [read(20.0, binary=False), damaged("not a number")],
        ),
        (
            "an interval of 0, which no glove keeps",
            b"\n# 0 ms between frames\n" + b"".join(lines),
            [
                said("0 ms between frames"),
                *text,
            ],
        ),
        ("600 bytes without an end", b"\n" + b"7" * 600 + b"\n" + lines[1], [damaged("line too long"), text[1]]),
        (
            "letters beside frames",
            b"\0" + three[0] + letter(0, 0, 2, 250, 102, 26, 127) + three[1] + letter(1, 20_000, 23, 1, 0, 0, 0),
            [
                read(0.0, 0),
                named(0.0, "ㄷ", (250, 102, 26, 127), 0),
                read(20.0, 1),
                named(20.0, "ㅣ", (1, 0, 0, 0), 1),
            ],
        ),
        (
            "letters without frames, while the microseconds wrap around, and a frame again",
            b"\0"
            + frame(9, 2**32 - 150_000)
            + letter(14, 2**32 - 50_000, *[0] * 5)
            + letter(19, 50_000, *[0] * 5)
            + frame(20, 70_000),
            [
                read((2**32 - 150_000) / 1000, 9),
                named((2**32 - 50_000) / 1000, "ㄱ", (0,) * 4, 14),
                named((2**32 + 50_000) / 1000, "ㄱ", (0,) * 4, 19),
                missing((2**32 + 70_000) / 1000, 10),
                read((2**32 + 70_000) / 1000, 20),
            ],
        ),
        (
            "letters in the place of frames: those that are not sent are not missing",
            b"\0"
            + frame(9, 2**32 - 150_000)
            + remark(10, 2**32 - 149_000, "letters only")
            + letter(14, 2**32 - 50_000, *[0] * 5)
            + letter(19, 50_000, *[0] * 5)
            + remark(20, 51_000, "letters off")
            + frame(20, 70_000)
            + frame(22, 110_000),
            [
                read((2**32 - 150_000) / 1000, 9),
                said("letters only"),
                named((2**32 - 50_000) / 1000, "ㄱ", (0,) * 4, 14),
                named((2**32 + 50_000) / 1000, "ㄱ", (0,) * 4, 19),
                said("letters off"),
                read((2**32 + 70_000) / 1000, 20),
                missing((2**32 + 110_000) / 1000, 1),
                read((2**32 + 110_000) / 1000, 22),
            ],
        ),
        (
            "a reboot while letters come in the place of frames",
            b"\0"
            + frame(9, 180_000)
            + remark(10, 0, "letters only")
            + letter(14, 280_000, *[0] * 5)
            + b"\0"
            + three[0],
            [
                read(180.0, 9),
                said("letters only"),
                named(280.0, "ㄱ", (0,) * 4, 14),
                {"event": "restarted", "before_ms": 180.0, "t_ms": 0.0},
                read(0.0, 0),
            ],
        ),
        (
            "letters in text",
            b"\n" + lines[0] + b"# letter 2 250 102 26 127 at 0.000\n" + lines[1] + b"#letter 3 9 0 0 0 at 20\n",
            [text[0], named(0.0, "ㄷ", (250, 102, 26, 127)), text[1], named(20.0, "ㄹ", (9, 0, 0, 0))],
        ),
        (
            "remarks that are nearly letters",
            b"\n" + b"".join(b"# %s\n" % text.encode() for text in NEARLY_LETTERS),
            [said(text) for text in NEARLY_LETTERS],
        ),
        ("a letter beyond the last", b"\0" + letter(0, 0, 24, 1, 1, 1, 1), [damaged("out of range")]),
        ("a letter of another length", b"\0" + letter(0, 0, 2, 250), [damaged("wrong length")]),
        (
            "a remark in binary that is written like a letter",
            b"\0" + remark(0, 0, "letter 2 1 1 1 1 at 0"),
            [said("letter 2 1 1 1 1 at 0")],
        ),
        ("zeros between packets", b"\0\0\0" + three[0] + b"\0\0" + three[1], [read(0.0, 0), read(20.0, 1)]),
    ]
    return [{"name": name, "bytes": data.hex(), "events": events} for name, data, events in cases]


def vectors() -> dict[str, Any]:
    blocks = [b"", b"\0", b"\0\0", b"\x11\x22\0\x33", b"\x11\0\0\0", bytes(range(1, 256)), bytes(300), b"\x01" * 600]
    return {
        "about": "Test vectors of the serial link; docs/link.md is the specification. Bytes are hexadecimal.",
        "crc16": [{"bytes": data.hex(), "crc": crc16(data)} for data in (b"", b"123456789", bytes(40))],
        "cobs": [{"bytes": data.hex(), "encoded": cobs(data).hex()} for data in blocks],
        "encode": encoded(),
        "decode": decoded(),
    }


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
