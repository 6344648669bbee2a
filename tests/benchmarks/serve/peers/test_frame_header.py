from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.serve.load.messages import binary_message, readings
from benchmarks.serve.peers.frame_header import FRAME_FLOATS, HEADER, due


@given(first=st.integers(0, 10_000), count=st.integers(1, 50), hop=st.integers(1, 60))
def test_last_frame_of_a_hop_is_due(first: int, count: int, hop: int) -> None:
    last = [number for number in range(first, first + count) if (number + 1) % hop == 0]
    assert due(first, count, hop) == (last[-1] if last else None)


@given(first=st.integers(0, 10_000), count=st.integers(1, 5))
def test_header_is_that_of_the_protocol(first: int, count: int) -> None:
    message = binary_message(first, readings(count))
    assert HEADER.unpack_from(message)[2:] == (count, first)
    assert len(message) == HEADER.size + 4 * count * FRAME_FLOATS
