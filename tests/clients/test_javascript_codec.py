"""Test that the JavaScript decoder of the serial link gives the same events as the Python one, for any bytes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    Notice,
    Remark,
)
from firmware_bridge.codec.glove_reader import GloveReader
from firmware_bridge.codec.letters import to_remark
from firmware_bridge.codec.packets import encode_frame, encode_letter, encode_remark
from tests.clients.test_javascript import node  # noqa: F401 - a fixture
from tests.conftest import ROOT
from tests.firmware_bridge.codec.headers import HEADERS

Pieces = Sequence[bytes | None]
"""Bytes as they arrive; None opens the link again."""

Decode = Callable[[str, Pieces], dict[str, Any]]

_KINDS = {
    FrameRead: "frame",
    LetterRead: "letter",
    FramesMissing: "missing",
    FrameRepeated: "repeated",
    DeviceRestarted: "restarted",
    Remark: "remark",
    HeaderRead: "header",
    Notice: "notice",
    Damaged: "damaged",
}


@pytest.fixture(scope="module")
def decode(node: list[str]) -> Iterator[Decode]:  # noqa: F811
    """Yield a function that decodes in Node."""
    command = [*node, str(ROOT / "tests" / "clients" / "decode_glove.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def ask(reader: str, pieces: Pieces) -> dict[str, Any]:
            timed = [None if piece is None else (piece.hex(), arrival) for arrival, piece in arriving(pieces)]
            stdin.write(json.dumps({"reader": reader, "pieces": timed}) + "\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(stdout.readline())
            return answer

        yield ask
        stdin.close()


def arriving(pieces: Pieces) -> Iterator[tuple[float, bytes | None]]:
    """Yield pieces with the times of their arrival in ms, some of them together."""
    for number, piece in enumerate(pieces):
        yield 1000.0 + 20.0 * (number - number % 3 // 2), piece


def as_json(event: Event) -> dict[str, Any]:
    """Return an event as the JavaScript decoder gives it."""
    fields: dict[str, Any] = event._asdict() if isinstance(event, tuple) else asdict(event)
    fields.pop("detail", None)  # the sentence of a damaged line is Python's alone
    if isinstance(event, Notice):
        del fields["text"]  # programs read the code
    return {"event": _KINDS[type(event)], **fields}


def in_python(reader: str, pieces: Pieces) -> dict[str, Any]:
    """Decode in Python."""
    decoder, events = GloveReader() if reader == "sketch" else GloveDecoder(), list[Event]()
    for arrival, piece in arriving(pieces):
        if piece is None:
            decoder.rejoin()
        else:
            events += decoder.feed(piece, arrival)
    state = {
        "format": decoder.format,
        "joined": decoder.joined,
        "wantsHeader": decoder.wants_header,
        "counts": decoder.counts.as_dict(),
    }
    answer: dict[str, Any] = json.loads(json.dumps({"events": list(map(as_json, events)), "state": state}))
    return answer


_READINGS = st.lists(st.floats(-1e7, 1e7, width=32), min_size=8, max_size=8)
_STILL = st.just([788.0, 780.5, 861.25, 0.0, 1023.0, -17.5, -64.25, 179.75])
_SHARES = st.tuples(*[st.floats(0, 1)] * 3)
_WORDS = st.one_of(
    st.sampled_from([
        "interval_ms=20; 20 ms between frames", "interval_ms=60", "letters=only; letters only", "letters only",
        "letters off", "20 ms between frames", "unknown command", "a=1 a=2; twice", "letter 2 250 102 26 127 at 0",
        "\u00a0\x1f보정\ufeff ",
    ]),
    st.text(min_size=1, max_size=20),
)  # fmt: skip
_HEADERS = st.sampled_from([
    b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5",
    b"flex5, flex4,flex3,flex2,flex1,yaw,roll,pitch,T_MS",
    b"t_ms,pitch,roll,yaw,accel_x,accel_y,accel_z,flex1,flex2,flex3,flex4,flex5,extra",
    b"time,pitch",
    b"nan,inf",
])  # fmt: skip
_ENDS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b""])
_FIELDS = st.one_of(
    st.floats(-2000, 2000).map(lambda value: f"{value:.2f}"),
    st.sampled_from(["", " 5", "-.5", "+5.", "1e3", "1e400", "8_0", "0x10", "ovf", "-inf", "78o", "\t7 ", "1e", "２"]),
)


@st.composite
def _sent(draw: st.DrawFn) -> bytes:
    """Draw what a glove sends: frames of a clock that mostly goes on, with what else a link may have."""
    seq, us, step_us = draw(st.sampled_from([0, 65530])), draw(st.sampled_from([0, 2**32 - 100_000, 5_000_000])), 20_000
    sent, is_text = bytearray(draw(st.sampled_from([b"", b"\0", b"\n", b"half a line\n"]))), draw(st.booleans())
    for _ in range(draw(st.integers(0, 25))):
        match draw(
            st.sampled_from(["frame"] * 12 + ["lose", "silence", "repeat", "restart", "rate", "switch", "other"])
        ):
            case "lose":
                lost = draw(st.integers(1, 40_000))
                seq, us = seq + lost, us + lost * step_us
            case "silence":
                us += draw(st.integers(0, 2**33))
            case "repeat":
                back = draw(st.integers(0, 300))
                seq, us = seq - back, max(0, us - back * step_us)
            case "restart":
                seq, us = draw(st.integers(0, 3)), draw(st.integers(0, 100_000))
            case "rate":
                step_us = draw(st.integers(1000, 100_000))
            case "switch":
                is_text = not is_text
            case "other":
                sent += draw(_other(seq, us, is_text))
            case _:
                values = draw(st.one_of(_STILL, _READINGS))
                if is_text:
                    fields = [us / 1000, *values[5:], *values[:5]]
                    sent += ",".join(f"{value:.3f}" for value in fields).encode() + draw(st.just(b"\n") | _ENDS)
                else:
                    acceleration = draw(st.none() | st.just((0.0, 0.5, 1.0)))
                    sent += encode_frame(seq, us, values, acceleration)
                seq, us = seq + 1, us + step_us
    return bytes(sent)


@st.composite
def _other(draw: st.DrawFn, seq: int, us: int, is_text: bool) -> bytes:
    """Draw a remark, a letter, a header, a line of odd fields, or noise."""
    kind = draw(st.sampled_from(["remark", "letter", "header", "line", "noise"]))
    if kind == "header":
        return draw(_HEADERS | HEADERS) + draw(_ENDS)
    if kind == "line":
        return ",".join(draw(st.lists(_FIELDS, min_size=1, max_size=13))).encode() + b"\n"
    if kind == "noise":
        return draw(st.binary(max_size=700))
    if kind == "letter":
        letter = draw(st.integers(0, 199)), draw(st.floats(0, 1)), draw(st.none() | _SHARES)
        return f"# {to_remark(us / 1000, *letter)}\n".encode() if is_text else encode_letter(seq, us, *letter)
    words = draw(_WORDS)
    return f"#{words}\n".encode() if is_text else encode_remark(seq, us, words)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """Draw what a glove sends, with some bits flipped and some bytes lost."""
    data = bytearray(draw(_sent()))
    for _ in range(draw(st.integers(0, 3))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] ^= 1 << draw(st.integers(0, 7))
            at = draw(st.integers(0, len(data)))
            del data[at : at + draw(st.integers(0, 40))]
    return bytes(data)


@st.composite
def _pieces(draw: st.DrawFn) -> Pieces:
    """Draw bytes cut into pieces, between which the link may be opened again."""
    pieces: list[bytes | None] = []
    for data in draw(st.lists(st.one_of(_sent(), _damaged(), st.binary(max_size=1500)), min_size=1, max_size=3)):
        cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
        pieces += [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        if draw(st.booleans()):
            pieces.append(None)
    return pieces


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_pieces())
def test_any_bytes_give_the_same_events_and_counts(decode: Decode, pieces: Pieces) -> None:
    assert decode("link", pieces) == in_python("link", pieces)


_SKETCH_HEADERS = st.sampled_from([
    "time,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5",
    "timestamp_us,flex1(0..4095),flex2(0..4095),flex3,flex4,flex5",
    "time,ax,ay,az,flex1",
    "time,ax,ay,az,gx,gy,gz,flex1,flex2",
    "time_ms,ax_g,ay_g,az_g,gx_rad/s,gy_rad/s,gz_rad/s,flex1",
    "seconds,thumb,index,middle,ring,pinky,roll(rad),pitch(rad),heading(rad)",
    "count,thumb,index,middle,ring,little",
    "flex0,flex1,flex2,flex3,flex4",
    "flex0,flex2,flex3,flex4,flex5",
    "flex1,flex1,flex2",
    "time,label",
    "time,ok",
])  # fmt: skip
_STATUS = st.sampled_from([
    "hello, glove", "uptime:60", "t:5 flex1:700", "ets Jun  8 2016 00:22:57", "rst:0x1 (POWERON_RESET),boot:0x13",
    "# interval_ms=20; 20 ms between frames", "nan", ",,,", ":", "flex1:", "1e999,2", "\x1b[0;32mI (27)\x1b[0m", "보정",
])  # fmt: skip


@st.composite
def _sketch(draw: st.DrawFn) -> Pieces:
    """Draw what a maker's sketch prints, a piece for each line or so, with what may go wrong on the way."""
    separator = draw(st.sampled_from([",", ";", "\t", " ", ", "]))
    end = draw(st.sampled_from(["\n", "\r", "\r\n", "\n\r", ",\n"]))
    pieces: list[bytes | None] = [draw(st.sampled_from([b"\n", b"", b"7,8\n"]))]
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            pieces.append((draw(_SKETCH_HEADERS).replace(",", separator) + end).encode())
        fields, time, step = (
            draw(st.integers(1, 10)),
            draw(st.integers(0, 5000)),
            draw(st.sampled_from([0, 1, 20, 20000])),
        )
        is_named, base = draw(st.booleans()) and draw(st.booleans()), draw(st.integers(0, 900))
        for number in range(draw(st.integers(1, 70))):
            values = [time + number * step, *(base + 7 * place + number % 5 for place in range(1, fields))]
            if draw(st.integers(0, 60)) == 0:
                values[draw(st.integers(0, fields - 1))] = draw(st.sampled_from([-5, 10**7, 10**300, 0]))
            texts = [f"name{place}:{value}" if is_named else str(value) for place, value in enumerate(values)]
            if is_named and fields > 1:
                texts[1] = texts[1].replace("name1", "thumb")
            pieces.append((separator.join(texts) + end).encode())
            if draw(st.integers(0, 25)) == 0:
                pieces.append((draw(_STATUS) + end).encode())
    if draw(st.booleans()):
        at = draw(st.integers(0, len(pieces) - 1))
        broken = bytearray(pieces[at] or b"?")
        broken[draw(st.integers(0, len(broken) - 1))] ^= 1 << draw(st.integers(0, 7))
        pieces[at] = bytes(broken)
    return pieces


def rounded(value: Any) -> Any:
    """Return a value with its numbers to a millionth: sines and roots differ in their last digits."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items() if name != "text" or "code" not in value}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return pytest.approx(value, rel=1e-6, abs=1e-6) if isinstance(value, float) else value


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_sketch() | _pieces())
def test_any_sketch_gives_the_same_events_and_counts_and_no_error(decode: Decode, pieces: Pieces) -> None:
    in_javascript, expected = decode("sketch", pieces), in_python("sketch", pieces)
    for event in in_javascript["events"]:
        if event["event"] == "notice":
            del event["text"]
    assert in_javascript["state"] == expected["state"]
    assert in_javascript["events"] == rounded(expected["events"])
