from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from service.streams.websocket.text_frames import FrameBatch, payload_of, text_frame

SIZES = (0, 1, 125, 126, 127, 65535, 65536)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_what_the_library_makes(size: int) -> None:
    payload = b"x" * size
    frame = text_frame(payload)
    assert frame == Frame(Opcode.TEXT, payload).serialize(mask=False)
    assert payload_of(frame) == payload


@given(st.lists(st.tuples(st.binary(max_size=300), st.booleans()), min_size=1, max_size=20))
def test_a_batch_is_its_frames_in_order(messages: list[tuple[bytes, bool]]) -> None:
    batch = FrameBatch()
    for count, (payload, droppable) in enumerate(messages, start=1):
        batch.add(text_frame(payload), droppable)
        expected = [text_frame(each) for each, _ in messages[:count]]
        assert batch.joined == b"".join(expected)  # also of one that has been joined before
        assert batch.size == len(batch.joined)
    assert batch.frames == [(text_frame(payload), droppable) for payload, droppable in messages]


def test_a_batch_of_one_is_its_frame() -> None:
    batch = FrameBatch.of(b"{}", droppable=True)
    assert batch.frames == [(b"\x81\x02{}", True)]
    assert batch.joined is batch.frames[0][0]  # the same bytes for every reader
