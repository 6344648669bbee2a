"""Text from any sketch against the vectors of docs/reference/link.md, which the reader in JavaScript is held to too."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from firmware_bridge.codec import decoder
from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Event,
    Fault,
    FrameRead,
    FrameRepeated,
    FramesMissing,
    HeaderRead,
    Notice,
    Remark,
)
from firmware_bridge.codec.glove_reader import GloveReader
from tests.firmware_bridge.codec import write_sketch_vectors

CASES: Final = json.loads((Path(decoder.__file__).parent / "sketch_vectors.json").read_text("utf-8"))["cases"]
CLOSE: Final = {"t_ms": 1.0, "before_ms": 1.0, "values": 0.01, "acceleration": 0.01}


def described(event: Event) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind of event
    """Return an event as the vectors write it."""
    match event:
        case FrameRead():
            return {"event": "frame", **event._asdict()}
        case HeaderRead():
            return {
                "event": "header",
                "names": list(event.names),
                "ranges": {k: list(v) for k, v in event.ranges.items()},
            }
        case Notice():
            return {"event": "notice", "code": event.code.value, "values": dict(event.values), "channel": event.channel}
        case Remark():
            return {"event": "remark", "text": event.text, "values": dict(event.values)}
        case Damaged():
            return {"event": "damaged", "reason": Fault(event.reason).value, "shown": event.shown}
        case FramesMissing():
            return {"event": "missing", "count": event.count, "reason": event.reason, "t_ms": event.t_ms}
        case FrameRepeated():
            return {"event": "repeated", "t_ms": event.t_ms}
        case DeviceRestarted():
            return {"event": "restarted", "t_ms": event.t_ms, "before_ms": event.before_ms}
        case _:
            raise AssertionError(event)


def is_same(actual: Any, expected: Any, distance: float) -> bool:
    if expected is None or actual is None or isinstance(expected, str):
        return bool(actual == expected)
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(
            is_same(*pair, distance) for pair in zip(actual, expected, strict=True)
        )
    return bool(abs(actual - expected) <= distance)


def check(event: Event, expected: dict[str, Any]) -> None:
    actual = described(event)
    for key, value in expected.items():
        if key in CLOSE and expected["event"] == "frame":
            assert is_same(actual[key], value, CLOSE[key]), (key, actual, expected)
        else:
            assert actual[key] == value, (key, actual, expected)


@pytest.mark.parametrize("step", [1000, 7, 1])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_vector_in_pieces_of_any_size(case: dict[str, Any], step: int) -> None:
    reader = GloveReader()
    read: list[Event] = []
    for arrival, text in case["pieces"]:
        data = bytes.fromhex(text)
        for at in range(0, len(data), step):
            read += reader.feed(data[at : at + step], arrival)
    for expected in case["events"]:
        if expected["event"] != "frames by arrival":
            check(read.pop(0), expected)
            continue
        frames, read = read[: expected["count"]], read[expected["count"] :]
        assert len(frames) == expected["count"]
        times = [frame.t_ms for frame in frames if isinstance(frame, FrameRead)]
        assert len(times) == len(frames)
        assert all(later > earlier for earlier, later in pairwise(times))
    assert read == []


def test_the_kept_file_is_what_its_writer_says() -> None:
    assert (Path(decoder.__file__).parents[2] / write_sketch_vectors.VECTORS).read_text(
        encoding="utf-8"
    ) == write_sketch_vectors.text()
