"""The decoder in C against the Python decoder, on any bytes and any split of them."""

from __future__ import annotations

import ctypes
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.codec import cobs
from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Damaged, Fault, FrameRead
from firmware_bridge.codec.events import Event as PythonEvent
from firmware_bridge.codec.lines import LineReader
from firmware_bridge.codec.packets import crc16, encode_frame, encode_letter, encode_remark
from tests.conftest import ROOT
from tests.firmware.client import FAULTS, ClientDecoder, Words
from tests.firmware_bridge.codec.headers import HEADERS
from tests.firmware_bridge.codec.test_vectors import as_vector

VECTORS: dict[str, Any] = json.loads((ROOT / "firmware_bridge" / "codec" / "vectors.json").read_text(encoding="utf-8"))


def same(mine: PythonEvent, theirs: PythonEvent) -> bool:
    """Compare two events; only Python describes damage, and it shows packets in hexadecimal."""
    if isinstance(mine, Damaged) and isinstance(theirs, Damaged):
        return mine.reason == theirs.reason and theirs.shown in {mine.shown, mine.detail}
    return mine == theirs


def assert_same(events: list[PythonEvent], expected: list[PythonEvent]) -> None:
    assert len(events) == len(expected), (events, expected)
    for mine, theirs in zip(events, expected, strict=True):
        assert same(mine, theirs), (mine, theirs)


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize("vector", VECTORS["decode"], ids=lambda vector: vector["name"])
def test_vectors(client: ctypes.CDLL, vector: dict[str, Any], step: int) -> None:
    data, decoder = bytes.fromhex(vector["bytes"]), ClientDecoder(client)
    events = [event for at in range(0, len(data), step) for event in decoder.feed(data[at : at + step])]
    assert [as_vector(event) for event in events] == vector["events"]


@st.composite
def numbered_packets(draw: st.DrawFn) -> bytes:
    """Draw a run of frames as a glove sends them, some lost, some twice, some with a bit flipped."""
    seq, time_us = (
        draw(st.sampled_from([0, 7, 65530])),
        draw(st.sampled_from([0, 140_000, 2**32 - 50_000, 2**32 - 20_000_000])),
    )
    sent = bytearray(draw(st.sampled_from([b"", b"\0", b"\0" + encode_remark(0, 0, "20 ms between frames")])))
    for _ in range(draw(st.integers(1, 8))):
        values = draw(st.lists(st.floats(-2e6, 2e6, width=32), min_size=8, max_size=8))
        acceleration = draw(st.none() | st.just([0.0, 0.5, 1.0]))
        packet = bytearray(encode_frame(seq, time_us, values, acceleration))
        if draw(st.integers(0, 9)) == 0:
            packet[draw(st.integers(0, len(packet) - 1))] ^= 1 << draw(st.integers(0, 7))
        sent += packet * draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
        sent += draw(
            st.sampled_from([b"", b"", encode_letter(seq, time_us, 1, 0.5), encode_remark(seq, 0, "letters only")])
        )
        step = draw(st.sampled_from([1, 1, 1, 2, 300, 1500]))
        seq, time_us = (seq + step) % 2**16, (time_us + step * 20_000) % 2**32
    return bytes(sent)


@st.composite
def timed_lines(draw: st.DrawFn) -> bytes:
    """Draw a run of lines as a glove sends them, some lost, some twice, some without a piece."""
    t_ms, interval_ms = draw(st.sampled_from([0.0, 5000.0, 2.0**32 - 50])), draw(st.sampled_from([20, 33, 2.5]))
    fields = draw(st.sampled_from([9, 12]))
    sent = b""
    for number in range(draw(st.integers(1, 12))):
        line = ",".join([f"{t_ms:.3f}", *(f"{number + place}.5" for place in range(fields - 1))]).encode() + b"\n"
        if draw(st.integers(0, 9)) == 0:
            cut = draw(st.integers(0, len(line)))
            line = line[:cut] + line[cut + draw(st.integers(1, 9)) :]
        sent += line * draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
        t_ms = (t_ms + interval_ms * draw(st.sampled_from([1, 1, 1, 1, 2, 7]))) % 2**32
    return sent


ODD_LINES = st.sampled_from(
    [
        b"time_ms,Pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5,accel_x,accel_y,accel_z,button\n",
        b"time,pitch\n",
        b"timestamp[ms],pitch[deg],roll[deg],yaw[deg],accel_x[g],accel_y[g],accel_z[g],"
        b"flex1[0..1023],flex2[0..1023],flex3[0..1023],flex4[0..1023],flex5[0..1023]\n",
        b"timestamp[ms],pitch[rad],roll,yaw,flex1,flex2,flex3,flex4,flex5\n",
        b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5,flex1(raw)\n",
        b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex4\n",
        b"1,2,3\n",
        b"1e3,+1.,-.5,3e-2,1,2,3,4,5\n",
        b"1,nan,0,0,1,2,3,4,5\n",
        b"1,-OVF,0,0,1,2,3,4,5\n",
        b"1,1e999,0,0,1,2,3,4,5\n",
        b"1,8_0,0,0,1,2,3,4,5\n",
        b"-1,0,0,0,1,2,3,4,5\n",
        b"9007199254740992,0,0,0,1,2,3,4,5\n",
        b"1,0,0,0,1,2,3,4,1000001\n",
        b"\x1f\n",
        b"1, 2 ,\t3,\x1c4,5,6,7,8,9\r\n",
        b"\xec\x8a\xa4,1\n",
        b"7" * 513,
        b" \r\n",
    ]
)
REMARKS = st.sampled_from(
    [
        b"# hello\n",
        b"#20 ms between frames\n",
        b"# 2.5 ms between frames\n",
        b"# hello\n1,2,3,4,5,6,7,8,9\n\0",
        b"# 0 ms between frames\n",
        b"# 1000.001 ms between frames\n",
        "# \u0662\u0660 ms between frames\n".encode(),  # 20, in Arabic digits
        b"#\n",
        b"#\xff\n",
        b"# letters only\n",
        b"# letters=only\n",
        b"# interval_ms=2.5; 2.5 ms between frames\n",
        b"#interval_ms=20 letters=off ;\n",
        b"# interval_ms=20;\xe3\x80\x80\n",
        "#\u3000interval_ms=20\n".encode(),
        b"# unknown commander\n",
        b"# interval takes\n",
        b"# letter 23 255 0 128 127 at 5000\n",
        b"#letter 0 0 0 0 0 at 4294967295.999 \n",
        b"# letter 0 0 0 0 0 at 9007199254740992\n",
        b"# letter 24 0 0 0 0 at 0\n",
        b"# letter 1 256 0 0 0 at 0\n",
        b"# letter 1  0 0 0 0 at 0\n",
        b"# letter 1 2 3 4 at 0\n",
        b"# letter 1 2 3 4 5 at 0 \x1f1\n",
        b"# letter 1 2 3 4 5 at .5\n",
        b"# letter 1 2 3 4 5 at 1.\n",
        b"# letter 1 2 3 4 5 at 1e3\n",
    ]
)
VALUES = st.lists(
    st.sampled_from(["interval_ms=40", "interval_ms=2.5", "letters=only", "letters=on", "a=", "b=c=d", "E=f", "=", ""])
    | st.text("ab_0=; ", max_size=6),
    max_size=10,
).map(" ".join)
BINARY_REMARKS = st.one_of(
    st.text(min_size=1, max_size=30), st.tuples(VALUES, st.sampled_from([";", "; ", ""]), VALUES).map("".join)
).map(lambda text: encode_remark(1, 2, text[:120] or ";"))
STREAMS = st.lists(
    st.one_of(
        numbered_packets(),
        timed_lines(),
        HEADERS.map(lambda header: header + b"\n"),
        ODD_LINES,
        REMARKS,
        BINARY_REMARKS,
        st.binary(max_size=200),
        st.binary(min_size=1, max_size=3),
        st.text("0123456789,.\n#", max_size=200).map(str.encode),
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=200)
@given(stream=STREAMS, cuts=st.lists(st.integers(1, 300), min_size=1, max_size=10), rejoined=st.integers(0, 30))
def test_any_bytes_cut_anywhere(client: ctypes.CDLL, stream: bytes, cuts: list[int], rejoined: int) -> None:
    mine, theirs, at = ClientDecoder(client), GloveDecoder(), 0
    expected = theirs.feed(stream)
    events = []
    for turn in range(len(stream)):
        events += mine.feed(stream[at : at + cuts[turn % len(cuts)]])
        at += cuts[turn % len(cuts)]
    assert_same(events, expected)
    mine.rejoin()
    theirs.rejoin()
    assert_same(mine.feed(stream[rejoined:]), theirs.feed(stream[rejoined:]))


@given(header=HEADERS)
def test_headers_with_units_and_ranges(client: ctypes.CDLL, header: bytes) -> None:
    mine, theirs = ClientDecoder(client), GloveDecoder()
    stream = b"\n" + header + b"\n1,2,3,4,5,6,7,8,9\n"
    assert_same(mine.feed(stream), theirs.feed(stream))


def test_endless_garbage_takes_no_memory_and_no_time(client: ctypes.CDLL) -> None:
    mine, theirs = ClientDecoder(client), GloveDecoder()
    garbage = bytes(7 * n * n % 251 for n in range(100_000))
    assert_same(mine.feed(garbage), theirs.feed(garbage))


def packet(body: bytes) -> bytes:
    return cobs.encode(body + crc16(body).to_bytes(2, "little")) + b"\0"


@pytest.mark.parametrize("size", range(12))
@pytest.mark.parametrize("kind", [0, 1, 3])
def test_packets_too_short_for_any(client: ctypes.CDLL, kind: int, size: int) -> None:
    stream = b"\0" + packet(bytes([1, kind, *bytes(10)])[:size])
    assert_same(ClientDecoder(client).feed(stream), GloveDecoder().feed(stream))


@pytest.mark.parametrize("back", [0, 1, 255, 256, 257, 40_000])
@pytest.mark.parametrize("back_us", [-20_000, 0, 1, 2_000_000])
def test_frames_that_go_back(client: ctypes.CDLL, back: int, back_us: int) -> None:
    mine, theirs = ClientDecoder(client), GloveDecoder()
    for seq, time_us in ((60_000, 10_000_000), (60_000 - back, 10_000_000 - back_us), (60_001, 10_020_000)):
        stream = b"\0" + encode_frame(seq, time_us, [1.0] * 8)
        assert_same(mine.feed(stream), theirs.feed(stream))


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-(10**6), 10**6, places=3).map(str),
    st.from_regex(r"[+-]?[0-9]{0,25}\.?[0-9]{0,25}(e[+-]?[0-9]{1,3})?", fullmatch=True),
    st.text("0123456789.eE+-infa_ ", max_size=10),
)


@given(text=NUMBERS)
def test_numbers_are_read_as_python_reads_them(client: ctypes.CDLL, text: str) -> None:
    value = ctypes.c_double()
    fault = client.sg_number_read(Words.of(text.encode()), value)
    given_text = f"{text},0,0,0,0,0,0,0,0".encode() if text == text.strip() and text else b""
    (read,) = LineReader().read(given_text) or (None,)
    if isinstance(read, FrameRead):
        assert fault == 0
        assert value.value == pytest.approx(read.t_ms, rel=2e-15, abs=1e-300)
    elif isinstance(read, Damaged) and read.reason in {Fault.NUMBER, Fault.FINITE}:
        assert FAULTS[fault - 1] == read.reason


@given(number=st.decimals(-(10**6), 10**6, places=6))
def test_numbers_of_up_to_15_digits_are_exact(client: ctypes.CDLL, number: Any) -> None:
    value = ctypes.c_double()
    assert client.sg_number_read(Words.of(str(number).encode()), value) == 0
    assert value.value == float(str(number))
