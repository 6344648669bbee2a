"""Frames cut fast are the frames that the library cuts."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from service.streams.websocket.frame_parser import (
    BINARY,
    OTHER,
    TEXT,
    FrameParser,
)

LIMIT = 70_000


def frame(opcode: int, payload: bytes, fin: bool = True) -> bytes:
    return Frame(Opcode(opcode), payload, fin).serialize(mask=True)


ORDINARY = st.tuples(st.sampled_from([TEXT, BINARY]), st.sampled_from([0, 1, 44, 125, 126, 200, 65_535, 65_536]))
STREAM = st.lists(ORDINARY, min_size=1, max_size=6)


@given(STREAM, st.lists(st.integers(1, 50_000), min_size=1, max_size=8))
def test_any_pieces_give_the_same_messages(stream: list[tuple[int, int]], pieces: list[int]) -> None:
    sent = [(opcode, bytes(index % 251 for index in range(size))) for opcode, size in stream]
    data = b"".join(frame(*message) for message in sent)
    cutter, got, begin = FrameParser(LIMIT), [], 0
    for piece in [*pieces, len(data)]:
        got += cutter.feed(data[begin : begin + piece])
        begin += piece
    assert got == sent
    assert cutter.take_rest() == b""


@given(st.lists(st.one_of(ORDINARY, st.sampled_from(["ping", "pieces"])), max_size=8), st.integers(1, 40))
def test_only_whole_frames_are_passed_on(stream: list[tuple[int, int] | str], piece: int) -> None:
    """The library, fed with OTHER alone, sees whole frames; nothing is lost or changed on either way."""
    data, ordinary, others = b"", [], []
    for item in stream:
        if item == "ping":
            data += frame(Opcode.PING, b"hello")
            others.append((Opcode.PING, b"hello", True))
        elif item == "pieces":
            for opcode, payload, fin in ((TEXT, b"a", False), (Opcode.PING, b"", True), (Opcode.CONT, b"b", True)):
                data += frame(opcode, payload, fin)
                others.append((Opcode(opcode), payload, fin))
        else:
            opcode, size = item
            ordinary.append((opcode, b"x" * min(size, 200)))
            data += frame(*ordinary[-1])
    cutter, library = FrameParser(LIMIT), Protocol(Side.SERVER)
    got = []
    for begin in range(0, len(data), piece):
        for kind, payload in cutter.feed(data[begin : begin + piece]):
            if kind == OTHER:
                library.receive_data(payload)
            else:
                got.append((kind, payload))
    assert got == ordinary
    received = [event for event in library.events_received() if isinstance(event, Frame)]
    assert [(event.opcode, event.data, event.fin) for event in received] == others
    assert library.parser_exc is None


def test_a_message_in_pieces_keeps_later_ones_from_being_taken_for_ordinary() -> None:
    """A text frame in the middle of a message in pieces is a fault, which the library has to see."""
    data = frame(TEXT, b"a", fin=False) + frame(TEXT, b"b")
    assert [kind for kind, _ in FrameParser(LIMIT).feed(data)] == [OTHER, OTHER]


def test_faults_are_handed_on_with_all_that_follows() -> None:
    unmasked = Frame(Opcode.TEXT, b"no").serialize(mask=False)
    large = b"\x82\xff" + struct.pack("!QI", LIMIT + 1, 0)
    endless = b"\x82\xff" + b"\xff" * 12
    for fault in (unmasked, large, endless):
        cutter = FrameParser(LIMIT)
        data = frame(TEXT, b"a") + fault
        assert list(cutter.feed(data)) == [(TEXT, b"a"), (OTHER, fault)]
        assert list(cutter.feed(b"anything")) == [(OTHER, b"anything")]


@given(st.binary(max_size=400), st.integers(1, 30))
def test_any_bytes_are_parsed_or_passed_on_without_loss(data: bytes, piece: int) -> None:
    whole, pieces = FrameParser(100), FrameParser(100)
    once = list(whole.feed(data))
    cut = [event for begin in range(0, len(data), piece) for event in pieces.feed(data[begin : begin + piece])]

    def others(events: list[tuple[int, bytes]]) -> bytes:
        return b"".join(payload for kind, payload in events if kind == OTHER)

    assert others(once) == others(cut)
    assert [event for event in once if event[0] != OTHER] == [event for event in cut if event[0] != OTHER]
    assert len(pieces.take_rest()) <= 100 + 14
