"""The codec against the vectors that other languages test against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.codec import cobs
from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Event,
    FrameRead,
    FrameRepeated,
    FramesMissing,
    HeaderRead,
    LetterRead,
    Remark,
)
from firmware_bridge.codec.letters import to_remark
from firmware_bridge.codec.packets import crc16, encode_frame, encode_letter, encode_remark
from tests.firmware_bridge.codec.write_vectors import VECTORS, text

ROOT = Path(__file__).parents[3]
KEPT: dict[str, Any] = json.loads((ROOT / VECTORS).read_text(encoding="utf-8"))


def as_vector(event: Event) -> dict[str, Any]:  # noqa: PLR0911 - one of each kind
    match event:
        case FrameRead():
            acceleration = None if event.acceleration is None else list(event.acceleration)
            values = list(event.values)
            return {
                "event": "frame",
                "t_ms": event.t_ms,
                "values": values,
                "acceleration": acceleration,
                "seq": event.seq,
            }
        case LetterRead():
            return {
                "event": "letter",
                "t_ms": event.t_ms,
                "place": event.place,
                "confidence": round(255 * event.confidence),
                "shares": [round(255 * share) for share in event.shares or (0, 0, 0)],
                "seq": event.seq,
            }
        case FramesMissing():
            return {"event": "missing", "t_ms": event.t_ms, "count": event.count, "reason": event.reason}
        case FrameRepeated():
            return {"event": "repeated", "t_ms": event.t_ms}
        case DeviceRestarted():
            return {"event": "restarted", "before_ms": event.before_ms, "t_ms": event.t_ms}
        case Remark():
            return {"event": "remark", "text": event.text, "values": dict(event.values)}
        case HeaderRead():
            ranges = {channel: list(ends) for channel, ends in event.ranges.items()}
            return {"event": "header", "names": list(event.names), "ranges": ranges}
        case Damaged():
            return {"event": "damaged", "reason": event.reason.value}


def test_the_kept_file_is_what_its_writer_says() -> None:
    assert (ROOT / VECTORS).read_text(encoding="utf-8") == text()


def test_crc_and_cobs() -> None:
    for vector in KEPT["crc16"]:
        assert crc16(bytes.fromhex(vector["bytes"])) == vector["crc"]
    for vector in KEPT["cobs"]:
        data, encoded = bytes.fromhex(vector["bytes"]), bytes.fromhex(vector["encoded"])
        assert cobs.encode(data) == encoded
        assert cobs.decode(encoded) == data


@pytest.mark.parametrize("vector", KEPT["encode"], ids=lambda vector: vector["name"])
def test_messages_are_encoded_to_the_byte(vector: dict[str, Any]) -> None:
    if vector["message"] == "letter":
        fields = vector["place"], vector["confidence"] / 255, [share / 255 for share in vector["shares"]]
        encoded = encode_letter(vector["seq"], vector["time_us"], *fields)
        assert f"# {to_remark(vector['time_us'] / 1000, *fields)}\n" == vector["line"]
    elif vector["message"] == "remark":
        encoded = encode_remark(vector["seq"], vector["time_us"], vector["text"])
    else:
        encoded = encode_frame(vector["seq"], vector["time_us"], vector["values"], vector["acceleration"])
    assert encoded.hex() == vector["bytes"]


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize("vector", KEPT["decode"], ids=lambda vector: vector["name"])
def test_bytes_are_decoded_to_the_event(vector: dict[str, Any], step: int) -> None:
    data, decoder = bytes.fromhex(vector["bytes"]), GloveDecoder()
    events = [event for at in range(0, len(data), step) for event in decoder.feed(data[at : at + step])]
    assert [as_vector(event) for event in events] == vector["events"]
