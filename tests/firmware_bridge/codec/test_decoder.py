"""The decoder, on everything that a link may do to the bytes of a glove."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Event,
    Fault,
    FrameRead,
    FrameRepeated,
    FramesMissing,
    HeaderRead,
    Remark,
)
from firmware_bridge.codec.lines import MAX_LINE_BYTES
from firmware_bridge.codec.packets import encode_frame, encode_remark

VALUES = (801.0, 802.0, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)
HEADER = b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n"
INTERVAL_US = 20_000
_FLOAT32 = st.one_of(
    st.floats(-1e6, 1e6, width=32),
    st.binary(min_size=4, max_size=4)
    .map(lambda raw: struct.unpack("<f", raw)[0])
    .filter(lambda value: abs(value) <= 1e6),
    st.lists(st.sampled_from(b"\n\n07az\x80"), min_size=4, max_size=4)
    .map(lambda raw: struct.unpack("<f", bytes(raw))[0])
    .filter(lambda value: abs(value) <= 1e6),
)


def packet(seq: int, time_us: int | None = None) -> bytes:
    return encode_frame(seq, seq * INTERVAL_US if time_us is None else time_us, VALUES)


def line(t_ms: float) -> bytes:
    return b"%.3f,-1.5,2.25,179,801,802,803,804,805\n" % t_ms


def frame(seq: int, t_ms: float | None = None) -> FrameRead:
    return FrameRead(seq * INTERVAL_US / 1000 if t_ms is None else t_ms, VALUES, None, seq)


def frames_of(events: Iterable[Event]) -> list[FrameRead]:
    return [event for event in events if isinstance(event, FrameRead)]


def others(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, FrameRead)]


def begun(*, binary: bool = True) -> GloveDecoder:
    """Return a decoder that was opened at the very beginning of a stream."""
    decoder = GloveDecoder()
    assert decoder.feed(b"\0" if binary else b"\n") == []
    return decoder


def packets(seqs: Sequence[int]) -> bytes:
    return b"".join(map(packet, seqs))


def test_packets_become_frames() -> None:
    decoder = begun()
    assert decoder.format is None
    assert decoder.feed(packets(range(3))) == [frame(0), frame(1), frame(2)]
    assert decoder.format == "binary"


def test_acceleration_comes_with_the_frame() -> None:
    assert begun().feed(encode_frame(0, 0, VALUES, (0.5, -0.25, 1.0))) == [FrameRead(0.0, VALUES, (0.5, -0.25, 1.0), 0)]


def test_a_remark_stands_between_packets_and_takes_no_number() -> None:
    data = packet(0) + encode_remark(1, 30_000, "done=yawzero; yaw is 0 here") + packet(1)
    assert begun().feed(data) == [frame(0), Remark("yaw is 0 here", {"done": "yawzero"}), frame(1)]


def test_lines_between_packets_are_read_as_lines() -> None:
    assert begun().feed(packet(0) + b"# hello\n# you\n" + packet(1)) == [
        frame(0),
        Remark("hello"),
        Remark("you"),
        frame(1),
    ]


def test_text_turns_to_binary_and_back_in_mid_stream_and_nothing_is_lost() -> None:
    text = b"".join(line(t_ms) for t_ms in range(0, 400, 20))
    binary = b"\0" + b"".join(packet(20 + n) for n in range(20))
    again = b"# format text\n" + HEADER + b"".join(line(t_ms) for t_ms in range(800, 1200, 20))
    decoder = begun(binary=False)
    events = decoder.feed(text + binary + again)
    assert [event.t_ms for event in frames_of(events)] == list(range(0, 1200, 20))
    assert others(events) == [Remark("format text"), HeaderRead(tuple(HEADER.decode().strip().split(",")))]
    assert decoder.format == "text"


def test_a_binary_glove_that_starts_again_with_text_is_followed() -> None:
    cut = packet(150)[:17]
    booting = b"# boot\n" + HEADER + b"".join(line(t_ms) for t_ms in range(0, 200, 20))
    decoder = begun()
    decoder.feed(packets(range(140, 150)))
    events = decoder.feed(cut + booting)
    assert isinstance(events[0], Damaged)  # the piece of packet, and the line that it ran into
    assert events[1:3] == [
        HeaderRead(tuple(HEADER.decode().strip().split(","))),
        DeviceRestarted(149 * INTERVAL_US / 1000, 0.0),
    ]
    assert len(frames_of(events)) == 10


@pytest.mark.parametrize("cut", [1, 10, 22, 43])
def test_half_a_frame_is_reported_and_counted(cut: int) -> None:
    decoder = begun()
    events = decoder.feed(packet(0) + packet(1)[:cut] + packet(2) + packet(3))
    assert [event.seq for event in frames_of(events)] in ([0, 3], [0, 2, 3])
    assert decoder.counts.damaged.total() == 1
    assert decoder.counts.frames + decoder.counts.missing == 4


@pytest.mark.parametrize("cut", range(1, 44))
def test_what_is_met_in_the_middle_of_a_packet_on_joining_is_no_damage(cut: int) -> None:
    decoder = GloveDecoder()
    assert frames_of(decoder.feed(packet(9)[cut:] + packets([10, 11]))) == [frame(10), frame(11)]
    assert decoder.counts.damaged.total() == 0
    assert decoder.counts.partial <= 2


@given(
    st.integers(0, 2**16 - 3), st.integers(0, 2**32 - 1), st.integers(1, 43), st.lists(_FLOAT32, min_size=8, max_size=8)
)
def test_joining_a_binary_glove_anywhere_is_never_damage(seq: int, us: int, cut: int, values: list[float]) -> None:
    """Try packets with any bytes: ends of lines, letters, commas.

    A packet that is met just before an end of line might as well come from a glove that writes text.
    """
    sent = [encode_frame(seq + n, us + n * INTERVAL_US, values) for n in range(3)]
    assume(sent[0][cut] != 0x0A)
    decoder = GloveDecoder()
    read = frames_of(decoder.feed(b"".join(sent)[cut:]))
    assert [event.seq for event in read][-1:] == [seq + 2]
    assert decoder.counts.damaged.total() == 0


def test_one_flipped_bit_in_each_of_a_thousand_frames_is_always_caught() -> None:
    """Flip a bit in every other frame, so that each is alone; it may be in the end of the packet too."""
    chance = random.Random(1)
    stream = bytearray()
    for seq in range(0, 2000, 2):
        flipped = bytearray(packet(seq))
        bit = chance.randrange(8 * len(flipped))
        flipped[bit // 8] ^= 1 << bit % 8
        stream += flipped + packet(seq + 1)
    decoder = begun()
    read = frames_of(decoder.feed(bytes(stream) + packet(2000)))
    assert all(event == frame(event.seq or 0) for event in read)
    assert decoder.counts.frames + decoder.counts.missing == 2001 - (read[0].seq or 0)
    spared = sum(1 for event in read if event.seq is not None and event.seq % 2 == 0 and event.seq < 2000)
    assert spared == 0


def test_ten_million_random_bytes_hold_no_frame() -> None:
    chance = np.random.default_rng(1)
    decoder = begun()
    for _ in range(100):
        events = decoder.feed(chance.bytes(100_000))
        assert not frames_of(events)
    assert decoder.counts.frames == 0
    assert decoder.counts.damaged.total() > 10_000


@pytest.mark.parametrize("kind", ["any", "no zero", "zeros", "printable", "newlines"])
def test_a_megabyte_of_noise_between_frames_costs_no_memory_and_what_follows_is_read(kind: str) -> None:
    chance = np.random.default_rng(2)
    noise = {
        "any": chance.bytes(1_000_000),
        "no zero": chance.integers(1, 256, 1_000_000, np.uint8).tobytes(),
        "zeros": bytes(1_000_000),
        "printable": chance.integers(32, 127, 1_000_000, np.uint8).tobytes(),
        "newlines": b"\n" * 1_000_000,
    }[kind]
    decoder = begun()
    assert decoder.feed(packet(0)) == [frame(0)]
    for at in range(0, len(noise), 4096):
        decoder.feed(noise[at : at + 4096])
        assert len(decoder._pending) <= MAX_LINE_BYTES
    after = decoder.feed(b"\0" + packets(range(100, 110)))
    assert [event.seq for event in frames_of(after)] == list(range(100, 110))
    assert decoder.counts.missing == 99


def test_a_zero_in_a_line_costs_that_line() -> None:
    decoder = begun(binary=False)
    events = decoder.feed(line(0) + line(20).replace(b"803", b"8\x003") + b"".join(map(line, range(40, 400, 20))))
    assert [event.t_ms for event in frames_of(events)] == [0, *range(40, 400, 20)]
    assert decoder.counts.damaged == {Fault.CUT: 1, Fault.FIELDS: 1}


@given(st.data())
def test_any_split_of_any_bytes_gives_the_same_events(data: st.DataObject) -> None:
    piece = st.one_of(
        st.integers(0, 70_000).map(lambda seq: packet(seq % 2**16, seq * 1000)),
        st.integers(0, 10**9).map(line),
        st.sampled_from([b"\0", b"\n", b"# hello\n", HEADER, encode_remark(3, 9, "hi"), packet(7)[:20], bytes(200)]),
        st.binary(max_size=150),
        st.binary(min_size=500, max_size=700).map(lambda noise: noise.replace(b"\0", b"x")),
    )
    stream = b"".join(data.draw(st.lists(piece, max_size=14)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    whole, split = GloveDecoder(), GloveDecoder()
    expected = whole.feed(stream)
    events = [event for a, b in pairwise([0, *cuts, len(stream)]) for event in split.feed(stream[a:b])]
    assert events == expected
    assert split.counts == whole.counts
    assert split.format == whole.format


@pytest.mark.parametrize("size", [1, 131, 4096, 16_383, 100_000])
def test_a_long_stream_of_everything_is_the_same_in_pieces_of_any_size(size: int) -> None:
    chance = random.Random(3)
    kinds = [
        lambda n: packet(n % 2**16, n * INTERVAL_US % 2**32),
        lambda n: line(n * 20.0),
        lambda _: chance.randbytes(chance.randrange(300)),
        lambda _: b"x" * chance.randrange(700) + b"\0",
        lambda n: b"# hello\n" + line(n * 20.0) + b"\0",
    ]
    stream = b"".join(kinds[chance.choices(range(5), [20, 20, 1, 1, 1])[0]](n) for n in range(1500))
    assert len(stream) > 60_000
    whole, split = GloveDecoder(), GloveDecoder()
    expected = whole.feed(stream)
    assert [event for at in range(0, len(stream), size) for event in split.feed(stream[at : at + size])] == expected
    assert split.counts == whole.counts
    assert {type(event) for event in expected} >= {FrameRead, FramesMissing, Damaged, Remark}


def test_one_byte_at_a_time_is_as_good_as_all_at_once() -> None:
    stream = packet(5)[9:] + packets(range(6, 30)) + HEADER + b"".join(map(line, range(600, 900, 20))) + packets([45])
    whole, split = GloveDecoder(), GloveDecoder()
    expected = whole.feed(stream)
    assert [event for byte in stream for event in split.feed(bytes([byte]))] == expected


def test_duplicates_are_reported_and_left_out() -> None:
    decoder = begun()
    events = decoder.feed(packets([10, 11, 11, 12, 10, 11, 12, 13]))
    assert [event.seq for event in frames_of(events)] == [10, 11, 12, 13]
    assert sum(isinstance(event, FrameRepeated) for event in events) == 4
    assert decoder.counts.repeated == 4


def test_missing_numbers_are_counted_before_the_frame_that_follows() -> None:
    assert begun().feed(packets([0, 5])) == [frame(0), FramesMissing(100.0, 4, "sequence"), frame(5)]


@pytest.mark.parametrize("form", ["interval_ms={}; slow", "{} ms between frames"])
@pytest.mark.parametrize("ms", ["0", "0.000", "0.5", "1000.5", "9999", "\u0662\u0660"])
def test_an_interval_that_no_glove_keeps_is_only_a_remark(form: str, ms: str) -> None:
    decoder = begun(binary=False)
    decoder.feed(b"".join(map(line, range(0, 200, 20))))
    events = decoder.feed(f"# {form.format(ms)}\n".encode() + b"".join(map(line, range(200, 400, 20))))
    (remark,) = others(events)
    assert isinstance(remark, Remark)
    assert remark.interval_ms is None
    assert decoder.counts.frames == 20
