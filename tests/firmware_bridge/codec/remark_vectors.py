"""The vectors of remarks and their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tests.firmware_bridge.codec.vector_bytes import frame, letter, line, missing, named, read, remark, remark_event

NEARLY_VALUES: Final = (
    "interval_ms=",
    "=20; no key",
    "Interval_ms=20",
    "interval-ms=20",
    "2_ms=20",
    "interval_ms =20",
    "interval_ms= 20",
    "interval_ms=20 ; a blank before the semicolon",
    "interval_ms=20  letters=on; two blanks",
    "interval_ms=20 interval_ms=40; twice",
    "interval_ms=20 and words without a semicolon",
    "interval_ms=2=0; two equals signs",
    "interval_ms=20\tletters=on",
    "interval_ms=\ufeff20; not ASCII",
    "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9; more than eight",
    "20 ms between frames; letters only",
    "letters only.",
    "20 ms between frames.",
    "20. ms between frames",
    ";",
)
"""Each is words alone."""

REMARKS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("interval_ms=20; 20 ms between frames", "20 ms between frames", {"interval_ms": "20"}),
    ("interval_ms=2.5", "interval_ms=2.5", {"interval_ms": "2.5"}),
    ("letters=off;", "letters=off", {"letters": "off"}),
    ("error=unknown_command; unknown command; try a=b", "unknown command; try a=b", {"error": "unknown_command"}),
    (
        "a=1 b2=-x.Y_+ c_=0 d=4 e=5 f=6 g=7 h=8;보정",
        "보정",
        {"a": "1", "b2": "-x.Y_+", "c_": "0", "d": "4", "e": "5", "f": "6", "g": "7", "h": "8"},
    ),
    ("later_key=later; words", "words", {"later_key": "later"}),
    ("interval_ms=0; out of range", "out of range", {"interval_ms": "0"}),
)
"""A remark as sent, its words and its values."""

BEFORE_0_2_0: Final = (
    ("20 ms between frames", {"interval_ms": "20"}),
    ("33.333 ms between frames", {"interval_ms": "33.333"}),
    ("letters on", {"letters": "on"}),
    ("letters only", {"letters": "only"}),
    ("letters off", {"letters": "off"}),
    ("unknown command; known: interval,MS header recal yawzero", {"error": "unknown_command"}),
    ("interval takes 1 to 1000 milliseconds", {"error": "interval_out_of_range"}),
)


def remarks_encoded() -> list[dict[str, Any]]:
    """Return remarks and their bytes."""
    remarks = [
        ("remark", "interval_ms=20; 20 ms between frames"),
        ("remark of firmware before 0.2.0", "20 ms between frames"),
        ("remark in Hangul", "보정"),
    ]
    return [
        {
            "name": name,
            "message": "remark",
            "seq": 3,
            "time_us": 60_000,
            "text": text,
            "bytes": remark(3, 60_000, text).hex(),
        }
        for name, text in remarks
    ]


def remarks_decoded() -> list[tuple[str, bytes, list[dict[str, Any]]]]:
    """Return names, the bytes of a link that was just opened, and their events."""
    lines = [line(f"{n * 20}") for n in range(20)]
    text = [read(n * 20.0, binary=False) for n in range(20)]
    slower = range(460, 660, 60)
    by_values = [remark_event(words, **values) for _, words, values in REMARKS]
    return [
        ("remarks with values, in text", _lines(sent for sent, _, _ in REMARKS), by_values),
        ("remarks with values, in binary", _packets(sent for sent, _, _ in REMARKS), by_values),
        (
            "remarks that nearly have values, in text",
            _lines(NEARLY_VALUES),
            [remark_event(sent) for sent in NEARLY_VALUES],
        ),
        (
            "remarks that nearly have values, in binary",
            _packets(NEARLY_VALUES),
            [remark_event(sent) for sent in NEARLY_VALUES],
        ),
        (
            "remarks of firmware before 0.2.0, in text",
            _lines(sent for sent, _ in BEFORE_0_2_0),
            [remark_event(sent, **values) for sent, values in BEFORE_0_2_0],
        ),
        (
            "remarks of firmware before 0.2.0, in binary",
            _packets(sent for sent, _ in BEFORE_0_2_0),
            [remark_event(sent, **values) for sent, values in BEFORE_0_2_0],
        ),
        *(
            (
                name,
                b"\n" + b"".join(lines) + f"# {sent}\n".encode() + b"".join(line(f"{ms}") for ms in slower),
                [*text, remark_event(words, interval_ms="60"), *(read(float(ms), binary=False) for ms in slower)],
            )
            for name, sent, words in (
                ("three times the interval, by a value: no frame is missing", "interval_ms=60; slow now", "slow now"),
                (
                    "three times the interval, by the form of firmware before 0.2.0",
                    "60 ms between frames",
                    "60 ms between frames",
                ),
            )
        ),
        (
            "letters in the place of frames, by a value",
            b"\0"
            + frame(9, 180_000)
            + remark(10, 180_000, "letters=only; letters only")
            + letter(14, 280_000, *[0] * 5)
            + frame(20, 300_000)
            + frame(22, 340_000),
            [
                read(180.0, 9),
                remark_event("letters only", letters="only"),
                named(280.0, 0, (0,) * 4, 14),
                read(300.0, 20),
                missing(340.0, 1),
                read(340.0, 22),
            ],
        ),
        (
            "an interval out of range, which no glove keeps",
            b"\n# interval_ms=0; never\n# 0 ms between frames\n# interval_ms=1000.001\n" + b"".join(lines),
            [
                remark_event("never", interval_ms="0"),
                remark_event("0 ms between frames", interval_ms="0"),
                remark_event("interval_ms=1000.001", interval_ms="1000.001"),
                *text,
            ],
        ),
    ]


def _lines(remarks: Iterable[str]) -> bytes:
    return b"\n" + b"".join(f"# {text}\n".encode() for text in remarks)


def _packets(remarks: Iterable[str]) -> bytes:
    return b"\0" + b"".join(remark(0, 0, text) for text in remarks)
