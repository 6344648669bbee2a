"""The writer of firmware_bridge/codec/vectors.json, without the codec: the expected events are written by hand.

python -m tests.firmware_bridge.codec.write_vectors
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.firmware_bridge.codec.letter_vectors import letters_decoded, letters_encoded
from tests.firmware_bridge.codec.remark_vectors import remarks_decoded, remarks_encoded
from tests.firmware_bridge.codec.vector_bytes import (
    ACCELERATION,
    HEADER,
    NAMED,
    NAMES,
    ODD,
    VALUES,
    cobs,
    crc16,
    damaged,
    f32,
    frame,
    line,
    missing,
    packet,
    read,
    remark,
    remark_event,
)

VECTORS: Final = Path("firmware_bridge/codec/vectors.json")


def encoded() -> list[dict[str, Any]]:
    """Return messages and their bytes."""
    frames = [
        ("first frame after boot", 0, 0, VALUES),
        ("counters at their ends", 2**16 - 1, 2**32 - 1, VALUES),
        ("negative zero, the smallest number, numbers that are not exact", 513, 0x01020304, ODD),
        ("no byte of the numbers is zero", 0x0101, 0x01010101, (1.1,) * 8),
        ("all zeros", 0, 0, (0.0,) * 8),
        ("with acceleration", 7, 140_000, VALUES + ACCELERATION),
    ]
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
        + remarks_encoded()
        + letters_encoded()
    )


def decoded() -> list[dict[str, Any]]:
    """Return the bytes of links that were just opened, and their events."""
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
                {"event": "header", "names": list(reversed(NAMES)), "ranges": {}},
                read(20.0, None, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), binary=False),
            ],
        ),
        (
            "a header with units and ranges",
            b"\ntimestamp[ms],Pitch (-90..90 deg),roll_deg,yaw,flex1[0..4095],flex2(4095..0),flex3(adc),"
            b"flex4[0.5..3.25],flex5[7..7]\n" + lines[1],
            [
                {
                    "event": "header",
                    "names": ["timestamp", "pitch", "roll_deg", *NAMES[3:]],
                    "ranges": {
                        "pitch": [-90.0, 90.0],
                        "flex1": [0.0, 4095.0],
                        "flex2": [0.0, 4095.0],
                        "flex4": [0.5, 3.25],
                    },
                },
                text[1],
            ],
        ),
        (
            "a header in a unit that is not the frame's names no frame",
            f"\n{HEADER.replace('pitch', 'pitch[rad]')}\n".encode() + lines[0],
            [damaged("header that does not name a frame"), damaged("follows a header that does not name a frame")],
        ),
        (
            "a header that names no frame, and the line that follows it",
            b"\ntime,pitch\n" + lines[0],
            [damaged("header that does not name a frame"), damaged("follows a header that does not name a frame")],
        ),
        (
            "remarks in both formats",
            b"\n# hello\n\0" + remark(0, 0, "you") + three[0],
            [remark_event("hello"), remark_event("you"), read(0.0, 0)],
        ),
        (
            "lines between packets",
            b"\0" + three[0] + b"# hello\n" + three[1],
            [read(0.0, 0), remark_event("hello"), read(20.0, 1)],
        ),
        (
            "lines alone between zeros, the last one cut off",
            b"\0" + three[0] + b"# boot\n" + line("20") + b"# ca\0" + frame(2, 40_000),
            [read(0.0, 0), remark_event("boot"), read(20.0, binary=False), damaged("cut off"), read(40.0, 2)],
        ),
        (
            "text to binary",
            b"\n" + b"".join(lines) + b"\0" + frame(20, 400_000) + frame(21, 420_000),
            [*text, read(400.0, 20), read(420.0, 21)],
        ),
        (
            "binary to text",
            b"\0" + three[0] + f"# format text\n{HEADER}\n".encode() + b"".join(lines[1:]),
            [read(0.0, 0), remark_event("format text"), NAMED, *text[1:]],
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
            "a repeated packet",
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
        ("beyond the range", b"\0" + frame(0, 0, (2e6, *VALUES[1:])), [damaged("out of range")]),
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
        ("600 bytes without an end", b"\n" + b"7" * 600 + b"\n" + lines[1], [damaged("line too long"), text[1]]),
        *remarks_decoded(),
        *letters_decoded(),
        ("zeros between packets", b"\0\0\0" + three[0] + b"\0\0" + three[1], [read(0.0, 0), read(20.0, 1)]),
    ]
    return [{"name": name, "bytes": data.hex(), "events": events} for name, data, events in cases]


def vectors() -> dict[str, Any]:
    blocks = [b"", b"\0", b"\0\0", b"\x11\x22\0\x33", b"\x11\0\0\0", bytes(range(1, 256)), bytes(300), b"\x01" * 600]
    return {
        "about": "Test vectors of the serial link; docs/reference/link.md is the specification. Bytes are hexadecimal.",
        "crc16": [{"bytes": data.hex(), "crc": crc16(data)} for data in (b"", b"123456789", bytes(40))],
        "cobs": [{"bytes": data.hex(), "encoded": cobs(data).hex()} for data in blocks],
        "encode": encoded(),
        "decode": decoded(),
    }


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
