"""The vectors of a glove's own letters."""

from __future__ import annotations

from typing import Any, Final

from tests.firmware_bridge.codec.vector_bytes import (
    damaged,
    frame,
    letter,
    line,
    missing,
    named,
    read,
    remark,
    remark_event,
)

NEARLY_LETTERS: Final = (
    "letter 200 250 102 26 127 at 0",
    "letter 2 256 0 0 0 at 0",
    "letter 2 1 1 1 1",
    "letter 2 1 1 1 1 at -1",
)


def letters_encoded() -> list[dict[str, Any]]:
    """Return letters and their bytes."""
    letters = [
        ("a letter of the glove's own", 129, 2_580_000, 0, (250, 102, 26, 127)),
        ("a letter without the shares of the scales", 2**16 - 1, 2**32 - 1, 199, (255, 0, 0, 0)),
    ]
    return [
        {
            "name": name,
            "message": "letter",
            "seq": seq,
            "time_us": us,
            "place": place,
            "confidence": numbers[0],
            "shares": numbers[1:],
            "bytes": letter(seq, us, place, *numbers).hex(),
            "line": f"# letter {place} {' '.join(map(str, numbers))} at {us / 1000:.3f}\n",
        }
        for name, seq, us, place, numbers in letters
    ]


def letters_decoded() -> list[tuple[str, bytes, list[dict[str, Any]]]]:
    """Return names, the bytes of a link that was just opened, and their events."""
    three = [frame(n, n * 20_000) for n in range(3)]
    lines = [line(f"{n * 20}") for n in range(20)]
    text = [read(n * 20.0, binary=False) for n in range(20)]
    return [
        (
            "letters beside frames",
            b"\0" + three[0] + letter(0, 0, 2, 250, 102, 26, 127) + three[1] + letter(1, 20_000, 23, 1, 0, 0, 0),
            [
                read(0.0, 0),
                named(0.0, 2, (250, 102, 26, 127), 0),
                read(20.0, 1),
                named(20.0, 23, (1, 0, 0, 0), 1),
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
                named((2**32 - 50_000) / 1000, 0, (0,) * 4, 14),
                named((2**32 + 50_000) / 1000, 0, (0,) * 4, 19),
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
                remark_event("letters only", letters="only"),
                named((2**32 - 50_000) / 1000, 0, (0,) * 4, 14),
                named((2**32 + 50_000) / 1000, 0, (0,) * 4, 19),
                remark_event("letters off", letters="off"),
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
                remark_event("letters only", letters="only"),
                named(280.0, 0, (0,) * 4, 14),
                {"event": "restarted", "before_ms": 180.0, "t_ms": 0.0},
                read(0.0, 0),
            ],
        ),
        (
            "letters in text",
            b"\n" + lines[0] + b"# letter 2 250 102 26 127 at 0.000\n" + lines[1] + b"#letter 3 9 0 0 0 at 20\n",
            [text[0], named(0.0, 2, (250, 102, 26, 127)), text[1], named(20.0, 3, (9, 0, 0, 0))],
        ),
        (
            "remarks that are nearly letters",
            b"\n" + b"".join(b"# %s\n" % text.encode() for text in NEARLY_LETTERS),
            [remark_event(text) for text in NEARLY_LETTERS],
        ),
        ("a letter beyond the last", b"\0" + letter(0, 0, 200, 1, 1, 1, 1), [damaged("out of range")]),
        ("a letter of another length", b"\0" + letter(0, 0, 2, 250), [damaged("wrong length")]),
        (
            "a remark in binary that is written like a letter",
            b"\0" + remark(0, 0, "letter 2 1 1 1 1 at 0"),
            [remark_event("letter 2 1 1 1 1 at 0")],
        ),
    ]
