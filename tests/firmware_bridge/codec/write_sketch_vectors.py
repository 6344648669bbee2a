"""The writer of firmware_bridge/codec/sketch_vectors.json, without the codec: the expected events are written by hand.

python -m tests.firmware_bridge.codec.write_sketch_vectors
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from tests.firmware_bridge.codec.vector_bytes import HEADER, NAMED, damaged, frame, read, remark_event

VECTORS: Final = Path("firmware_bridge/codec/sketch_vectors.json")

Events = list[dict[str, Any]]
Values = tuple[float | None, ...]
Pieces = list[tuple[float, bytes]]

BEGIN_MS: Final = 1000.0
STEP_MS: Final = 20.0
COUNT: Final = 60
"""Lines of a case: a second and a bit, so that every clock is decided."""


def sample(n: int) -> tuple[float, ...]:
    """Return the values of line `n` in the order of CHANNELS: each column has its own range."""
    return (
        701.5 + n % 7,
        602.25 + n % 5,
        503.0 + n % 3,
        404.75 + n % 4,
        305.0 + n % 6,
        -1.5 - n % 3,
        2.25 + n % 2,
        33.0,
    )


def by_place(values: Sequence[float]) -> list[float]:
    """Return the values in the protocol's order: angles, then flex."""
    return [*values[5:], *values[:5]]


def text_of(number: float) -> str:
    return f"{number:g}"


def lines(
    time: Callable[[int], str] | None = lambda n: f"{n * 20}",
    separator: str = ",",
    end: str = "\n",
    trailing: str = "",
    decimal: str = ".",
    order: Callable[[Sequence[float]], Sequence[float]] = by_place,
    count: int = COUNT,
) -> list[bytes]:
    """Return the lines of a sketch."""
    out = []
    for n in range(count):
        numbers = [text_of(number).replace(".", decimal) for number in order(sample(n))]
        out.append((separator.join([*([] if time is None else [time(n)]), *numbers]) + trailing + end).encode())
    return out


def paced(messages: Iterable[bytes], step_ms: float = STEP_MS, first: bytes = b"\n") -> Pieces:
    """Return each message with the time at which it arrives, behind the end of a first line."""
    return [(BEGIN_MS, first), *((BEGIN_MS + n * step_ms, message) for n, message in enumerate(messages))]


def got(t_ms: float, values: Sequence[float | None], acceleration: Sequence[float] | None = None) -> dict[str, Any]:
    shown = None if acceleration is None else list(acceleration)
    return {"event": "frame", "t_ms": t_ms, "values": list(values), "acceleration": shown, "seq": None}


def device(count: int = COUNT, values: Callable[[int], Sequence[float | None]] = sample) -> Events:
    """Return frames at the times of the device."""
    return [got(n * STEP_MS, values(n)) for n in range(count)]


def arrived(count: int = COUNT, values: Callable[[int], Sequence[float | None]] = sample, first: int = 0) -> Events:
    """Return frames at the times at which they arrived, of which the first was message `first`."""
    return [got(BEGIN_MS + (first + n) * STEP_MS, values(n)) for n in range(count)]


def notice(code: str, **values: str) -> dict[str, Any]:
    return {"event": "notice", "code": code, "channel": None, "values": values}


def header(names: str, **ranges: tuple[float, float]) -> dict[str, Any]:
    shown = {channel: list(ends) for channel, ends in ranges.items()}
    return {"event": "header", "names": names.split(","), "ranges": shown}


def flexes(n: int) -> Values:
    return (*sample(n)[:5], None, None, None)


NO_TIME: Final = notice("time_by_arrival", reason="no_time")
PROTOCOL_HEADER: Final = NAMED


def separators() -> Iterable[tuple[str, Pieces, Events]]:
    """Return other separators and ends of lines."""
    for name, changes in (
        ("the protocol's own lines", {}),
        ("CR LF", {"end": "\r\n"}),
        ("LF CR", {"end": "\n\r"}),
        ("CR alone", {"end": "\r"}),
        ("tabs", {"separator": "\t"}),
        ("tabs with blanks, CR LF", {"separator": " \t ", "end": "\r\n"}),
        ("runs of blanks", {"separator": "   "}),
        ("commas with blanks", {"separator": ", "}),
        ("semicolons, decimal comma", {"separator": ";", "decimal": ","}),
        ("semicolons, one behind the last field", {"separator": ";", "trailing": ";"}),
        ("tabs, decimal comma", {"separator": "\t", "decimal": ","}),
        ("blanks, decimal comma", {"separator": " ", "decimal": ","}),
        ("a comma behind the last field", {"trailing": ","}),
        ("blanks behind the last field", {"separator": "\t", "trailing": "\t "}),
    ):
        yield name, paced(lines(**changes)), device()  # type: ignore[arg-type]
    yield (
        "a line that is too long, ended by CR",
        paced([b"7" * 600 + b"\r", *lines()]),
        [damaged("line too long"), *device()],
    )
    yield (
        "a byte-order mark before a header that comes first",
        paced([f"\ufeff{HEADER}\r\n".encode(), *lines()], first=b""),
        [PROTOCOL_HEADER, *device()],
    )


def headers() -> Iterable[tuple[str, Pieces, Events]]:
    """Return names, units and ranges."""
    yield (
        "a header that is the very first line, in another order",
        paced(
            [b"thumb,index,middle,ring,pinky,Pitch,Roll,Heading,millis\n", *with_time_last(lambda n: 20 * n)], first=b""
        ),
        [header("thumb,index,middle,ring,pinky,pitch,roll,heading,millis"), *device()],
    )
    yield (
        "units and ranges",
        paced(
            [
                b"timestamp(us),flex_1(0..4095),flex_2[0..4095 adc],flex3(0 .. 1023),flex4,flex5,"
                b"pitch(deg),roll_deg,yaw [deg]\n",
                *lines(lambda n: f"{n * 20_000}", order=lambda values: values),
            ]
        ),
        [
            header(
                "timestamp,flex_1,flex_2,flex3,flex4,flex5,pitch,roll_deg,yaw",
                flex1=(0.0, 4095.0),
                flex2=(0.0, 4095.0),
                flex3=(0.0, 1023.0),
            ),
            *device(),
        ],
    )
    yield (
        "radians and seconds by name",
        paced([b"time_s;pitch_rad;flex3\n", *(f"{n * 0.02:.2f};1;503\n".encode() for n in range(COUNT))]),
        [
            header("time_s,pitch_rad,flex3"),
            *device(values=lambda _: (None, None, 503.0, None, None, 57.29577951308232, None, None)),
        ],
    )
    yield (
        "five fingers alone, numbered from 0",
        paced([b"flex0,flex1,flex2,flex3,flex4\n", *lines(None, order=lambda values: values[:5])]),
        [header("flex0,flex1,flex2,flex3,flex4"), NO_TIME, *arrived(values=flexes, first=1)],
    )
    yield (
        "a 1 that became a 0 in a header moves no finger",
        paced([HEADER.replace("flex1", "flex0").encode() + b"\n", *lines(count=2)]),
        [
            damaged("header that does not name a frame"),
            *[damaged("follows a header that does not name a frame")] * 2,
        ],
    )
    body = lines(lambda n: f"{n * 20}", order=flexes_alone, count=COUNT)
    known = "timestamp,flex1,flex2"
    two = [(*sample(n)[:2], *[None] * 6) for n in range(COUNT)]
    flipped = [damaged("header that does not name a frame")]
    yield (
        "a bit that flipped in a header that is sent again moves no finger, and a header that comes twice counts",
        paced(
            [
                f"{known}\n".encode(), *body[:20], b"timestamp,flex1,flex3\n", *body[20:30], f"{known}\n".encode(),
                *body[30:40], b"timestamp,flex1,flex3\n" * 2, *body[40:],
            ]
        ),
        [
            header(known), *frames_of(two, 0, 20), *flipped, *frames_of(two, 20, 30), header(known),
            *frames_of(two, 30, 40), *flipped, header("timestamp,flex1,flex3"),
            *(got(n * STEP_MS, (two[n][0], None, two[n][1], *[None] * 5)) for n in range(40, COUNT)),
        ],
    )  # fmt: skip
    yield (
        "a header with commas over lines with tabs",
        paced([f"{HEADER}\n".encode(), *lines(separator="\t")]),
        [PROTOCOL_HEADER, *device()],
    )
    yield (
        "a plotter's fields",
        paced(plotter(range(COUNT), ",")),
        [header("thumb,index,middle,ring,pinky"), NO_TIME, *arrived(values=flexes)],
    )
    yield (
        "a plotter's fields with a blank behind the colon and tabs between them",
        paced([line.replace(b":", b": ") for line in plotter(range(COUNT), "\t")]),
        [header("thumb,index,middle,ring,pinky"), NO_TIME, *arrived(values=flexes)],
    )
    doubled = [b"thumb:1,index:2,thumb:%d,ring:4,little:5\n" % n for n in range(9)]
    yield (
        "a plotter's line that names a finger twice",
        paced(doubled),
        [
            *[damaged("header that does not name a frame")] * 8,
            notice("unreadable", line="thumb:1,index:2,thumb:0,ring:4,little:5", fields="5"),
            damaged("header that does not name a frame"),
        ],
    )
    yield (
        "a plotter's line with other names is damaged",
        paced(
            [*plotter(range(30), ","), b"thumb:1,index:2,middle:3,ring:4,index:5\n", *plotter(range(31, COUNT), ",")]
        ),
        [
            header("thumb,index,middle,ring,pinky"),
            NO_TIME,
            *arrived(30, flexes)[:30],
            damaged("wrong number of fields"),
            {"event": "frames by arrival", "count": 29},
        ],
    )


def flexes_alone(values: Sequence[float]) -> Sequence[float]:
    return values[:2]


def frames_of(values: Sequence[Sequence[float | None]], begin: int, end: int) -> Events:
    return [got(n * STEP_MS, values[n]) for n in range(begin, end)]


def plotter(numbers: Iterable[int], separator: str) -> list[bytes]:
    names = ("thumb", "index", "middle", "ring", "pinky")
    return [
        (separator.join(f"{name}:{value:g}" for name, value in zip(names, sample(n), strict=False)) + "\n").encode()
        for n in numbers
    ]


def with_time_last(time: Callable[[int], float]) -> list[bytes]:
    return [",".join([*map(text_of, sample(n)), text_of(time(n))]).encode() + b"\n" for n in range(COUNT)]


def words() -> Iterable[tuple[str, Pieces, Events]]:
    """Return lines that are no frames."""
    sentence = b"Gyro offsets found, please hold still\r\n"
    shown = remark_event("Gyro offsets found, please hold still")
    yield "a sentence with a comma first", paced([b"\r\n", sentence, *lines()], first=b"\n"), [shown, *device()]
    body = lines()
    yield (
        "a sentence in the middle",
        paced([*body[:30], b"WiFi lost, time: reconnecting\n", *body[30:]]),
        [*device()[:30], remark_event("WiFi lost, time: reconnecting"), *device()[30:]],
    )
    yield (
        "words that are names, and are no header",
        paced([*body[:30], b"time,ok\n", *body[30:]]),
        [*device()[:30], remark_event("time,ok"), *device()[30:]],
    )
    boot = (
        "ets Jun  8 2016 00:22:57",
        "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
        "configsip: 0, SPIWP:0xee",
        "clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00",
        "mode:DIO, clock div:1",
        "load:0x3fff0030,len:1184",
        "entry 0x400805e4",
    )
    yield (
        "an ESP32's boot text",
        paced([*(f"{line}\r\n".encode() for line in boot), *lines(end="\r\n")]),
        [*map(remark_event, boot), *device()],
    )
    panic = (
        "Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.",
        "Core  1 register dump:",
        "PC      : 0x400d1a2b  PS      : 0x00060a30  A0      : 0x800d2f3c  A1      : 0x3ffb2190",
        "Backtrace: 0x400d1a28:0x3ffb2190 0x400d2f39:0x3ffb21b0",
        "ELF file SHA256: 0000000000000000",
        "Rebooting...",
    )
    yield (
        "a panic, and the restart behind it",
        paced([*body[:55], *(f"{line}\r\n".encode() for line in panic), *lines(count=30)]),
        [
            *device(55),
            *map(remark_event, panic),
            {"event": "restarted", "before_ms": 1080.0, "t_ms": 0.0},
            *device(30),
        ],
    )
    hal = ("STM32 HAL: I2C error 0x20, retry 3", "HardFault_Handler", "R0: 20000000, R1: 00000004")
    yield (
        "an STM32's errors",
        paced([*body[:50], *(f"{line}\n".encode() for line in hal), *body[50:]]),
        [*device(50), *map(remark_event, hal), *device()[50:]],
    )
    yield (
        "terminal colours",
        paced([b"\x1b[0;32mI (27) boot: ESP-IDF v5.1\x1b[0m\n", *body]),
        [remark_event("I (27) boot: ESP-IDF v5.1"), *device()],
    )


def columns() -> Iterable[tuple[str, Pieces, Events]]:
    """Return fields without names."""
    yield "eight numbers", paced(lines(None)), [NO_TIME, *arrived()]
    yield (
        "five numbers",
        paced(lines(None, order=lambda values: values[:5])),
        [NO_TIME, *arrived(values=flexes)],
    )
    yield (
        "flex before the angles: a pitch of 701.5 degrees",
        paced(lines(order=lambda values: values, count=7)),
        [
            *[damaged("out of range")] * 2,
            damaged("out of range"),
            notice("unlikely_columns", field="pitch", value="701.5", line="0,701.5,602.25,503,404.75,305,-1.5,2.25,33"),
            *[damaged("out of range")] * 4,
        ],
    )
    seven = [b"%d,2,3,4,5,6,7\n" % n for n in range(9)]
    yield (
        "seven numbers",
        paced(seven),
        [
            *[damaged("wrong number of fields")] * 8,
            notice("unreadable", line="0,2,3,4,5,6,7", fields="7"),
            damaged("wrong number of fields"),
        ],
    )
    body = lines()
    yield (
        "a separator that became a point, and a point that became a separator",
        paced([*body[:30], body[30].replace(b",33,", b".33,"), body[31].replace(b".", b",", 1), *body[32:]]),
        [
            *device(30),
            *[damaged("wrong number of fields")] * 2,
            {"event": "missing", "t_ms": 640.0, "count": 2, "reason": "time"},
            *device()[32:],
        ],
    )
    yield (
        "a field of semicolons that lost its separator",
        paced(
            [
                *lines(separator=";", decimal=",", count=30),
                b"600;-1,5;2,25333;704;602;503;404,75;305\n",
                *lines(separator=";", decimal=",")[31:],
            ]
        ),
        [
            *device(30),
            damaged("wrong number of fields"),
            {"event": "missing", "t_ms": 620.0, "count": 1, "reason": "time"},
            *device()[31:],
        ],
    )


def clocks() -> Iterable[tuple[str, Pieces, Events]]:
    """Return other clocks."""
    for name, time, first in (
        ("microseconds", lambda n: f"{n * 20_000}", notice("time_unit", unit="us")),
        ("seconds with a fraction", lambda n: f"{n * 0.02:.3f}", notice("time_unit", unit="s")),
    ):
        yield name, paced(lines(time)), [first, *device()]
    for name, time, first in (
        ("a time that stands still", lambda n: "0", notice("time_by_arrival", reason="stands_still")),
        ("a counter", lambda n: f"{n}", notice("time_by_arrival", reason="counter")),
        ("ticks of 100 us", lambda n: f"{n * 200}", notice("time_by_arrival", reason="ticks")),
        ("whole seconds", lambda n: f"{n // 50}", notice("time_spread")),
        ("five frames share a time", lambda n: f"{n // 5 * 100}", notice("time_spread")),
    ):
        yield name, paced(lines(time)), [first, *arrived()]
    stored = lines(None)
    yield (
        "no time, and all that the port had stored comes at once",
        [(BEGIN_MS, b"\n" + b"".join(stored[:40])), *((BEGIN_MS + (n - 39) * 20, stored[n]) for n in range(40, COUNT))],
        [NO_TIME, *(got(BEGIN_MS + (n - 39) * STEP_MS, sample(n)) for n in range(COUNT))],
    )
    yield (
        "three lines without a time, silence, and a remark: the frames come first",
        [*paced(lines(None, count=3)), (BEGIN_MS + 6000, b"# still here\n")],
        [NO_TIME, *arrived(3), remark_event("still here")],
    )
    named = ["timestamp[ms]", *HEADER.split(",")[1:]]
    late = lines(lambda n: f"{n * 20 + (5000 if n else 0)}")
    yield (
        "a header that names the unit, one line, a pause of 5 s, and the stream",
        [
            (BEGIN_MS, f"\n{','.join(named)}\n".encode() + late[0]),
            *((BEGIN_MS + 5000 + n * STEP_MS, late[n]) for n in range(1, COUNT)),
        ],
        [PROTOCOL_HEADER, got(0.0, sample(0)), *(got(5000.0 + n * STEP_MS, sample(n)) for n in range(1, COUNT))],
    )
    yield (
        "eight numbers, one line, a pause of 5 s, and the stream",
        [
            (BEGIN_MS, b"\n" + stored[0]),
            *((BEGIN_MS + 5000 + n * STEP_MS, stored[n]) for n in range(1, COUNT)),
        ],
        [NO_TIME, got(BEGIN_MS, sample(0)), *(got(BEGIN_MS + 5000 + n * STEP_MS, sample(n)) for n in range(1, COUNT))],
    )
    yield (
        "a time that stops, and goes on by arrival",
        paced(lines(lambda n: f"{min(n, 20) * 20}")),
        [
            *(got(n * STEP_MS, sample(n)) for n in range(20)),
            *(got(400.0, sample(n)) for n in range(20, 24)),
            notice("time_by_arrival", reason="stands_still"),
            *(got(420.0 + (n - 24) * STEP_MS, sample(n)) for n in range(24, COUNT)),
        ],
    )
    slow = lines(lambda n: f"{n * 500}", count=8)
    times = (0, 300, 600, 900, 910, 1210)
    uneven = lines(lambda n: f"{times[n]}", count=len(times))
    seen = [got(float(time), sample(n)) for n, time in enumerate(times)]
    yield (
        "frames that come late for the most part, told with a late one",
        [(BEGIN_MS, b"\n"), *((BEGIN_MS + time, uneven[n]) for n, time in enumerate(times))],
        [*seen[:-1], notice("too_slow", hz="3.3", needed_hz="5"), seen[-1]],
    )
    yield (
        "two frames a second",
        paced(slow, 500.0),
        [
            *(got(n * 500.0, sample(n)) for n in range(4)),
            notice("too_slow", hz="2.0", needed_hz="5"),
            *(got(n * 500.0, sample(n)) for n in range(4, 8)),
        ],
    )
    yield (
        "binary keeps its own time",
        [(BEGIN_MS, b"\0"), *((BEGIN_MS + n * 20, frame(n, n * 20_000)) for n in range(3))],
        [read(n * 20.0, n) for n in range(3)],
    )


def motion() -> Iterable[tuple[str, Pieces, Events]]:
    """Return raw motion sensors: a level hand that lies still, then turns about the vertical."""
    level = (*sample(0)[:5], 0.0, 0.0, 0.0)
    names = "millis,ax(g),ay(g),az(g),gx(dps),gy(dps),gz(dps),flex1,flex2,flex3,flex4,flex5"
    numbers = ",".join(text_of(number) for number in level[:5])
    yield (
        "a still hand's motion sensors",
        paced([f"{names}\n".encode(), *(f"{n * 20},0,0,1,0,0,0,{numbers}\n".encode() for n in range(COUNT))]),
        [
            header("millis,ax,ay,az,gx,gy,gz,flex1,flex2,flex3,flex4,flex5"),
            *(got(n * STEP_MS, level, (0.0, 0.0, 1.0)) for n in range(COUNT)),
        ],
    )
    yield (
        "a hand that turns by 50 degrees a second",
        paced([f"{names}\n".encode(), *(f"{n * 20},0,0,1,0,0,50,{numbers}\n".encode() for n in range(COUNT))]),
        [
            header("millis,ax,ay,az,gx,gy,gz,flex1,flex2,flex3,flex4,flex5"),
            *(got(n * STEP_MS, (*level[:7], 1.0 * n), (0.0, 0.0, 1.0)) for n in range(COUNT)),
        ],
    )


def vectors() -> dict[str, Any]:
    cases = [*separators(), *headers(), *words(), *columns(), *clocks(), *motion()]
    return {
        "about": (
            "Test vectors of text from any sketch; docs/reference/link.md is the specification. A case has pieces "
            "(arrival in ms, bytes in hexadecimal) and the events of all pieces; t_ms and values are exact to 1 ms and "
            "0.01. The event 'frames by arrival' stands for `count` frames whose times rise."
        ),
        "cases": [
            {"name": name, "pieces": [[at_ms, data.hex()] for at_ms, data in pieces], "events": events}
            for name, pieces, events in cases
        ],
    }


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n"


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
