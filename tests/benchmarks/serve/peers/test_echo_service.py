from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from benchmarks.serve.load import websocket
from benchmarks.serve.load.messages import binary_message, readings
from benchmarks.serve.peers.echo_service import Echo, split

START = b'{"type":"start","hop_ms":100.0}'


@given(
    payloads=st.lists(st.tuples(st.sampled_from([Opcode.TEXT, Opcode.BINARY]), st.binary(max_size=300)), max_size=5),
    cut=st.integers(0, 2000),
)
def test_frames_of_a_client_are_split_wherever_the_bytes_are(payloads: list[tuple[Opcode, bytes]], cut: int) -> None:
    data = b"".join(Frame(opcode, payload).serialize(mask=True) for opcode, payload in payloads)
    first, rest = split(data[:cut])
    second, rest = split(rest + data[cut:])
    assert [*first, *second] == payloads
    assert rest == b""


@given(size=st.integers(60, 1000), hops=st.integers(1, 1000))
def test_answer_is_as_long_as_it_was_asked_to_be(size: int, hops: int) -> None:
    echo = Echo(size)
    started = echo.answer(Opcode.TEXT, START)
    assert started is not None
    assert b'"type":"started"' in started
    last = 10 * hops - 1
    assert echo.answer(Opcode.BINARY, binary_message(last - 1, readings(1))) is None
    answer = echo.answer(Opcode.BINARY, binary_message(last, readings(1)))
    assert answer is not None
    (opcode, payload), *others = websocket.split(answer)[0]
    assert not others
    assert (opcode, len(payload)) == (Opcode.TEXT, size)
    assert websocket.is_prediction(payload)
    assert websocket.seq_of(payload) == last


def test_other_frames_have_no_answer() -> None:
    assert Echo(100).answer(Opcode.PING, b"") is None
