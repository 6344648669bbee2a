from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from benchmarks.serve.load.websocket import is_prediction, seq_of, split
from scaleglove.protocol import Gesture, Prediction, encode

_PAYLOADS = st.lists(st.sampled_from([0, 1, 125, 126, 300, 65535, 65536]).map(bytes), max_size=5)


@given(payloads=_PAYLOADS, cut=st.floats(0, 1))
def test_frames_are_split_wherever_they_are_cut(payloads: list[bytes], cut: float) -> None:
    sent = b"".join(Frame(Opcode.TEXT, payload).serialize(mask=False) for payload in payloads)
    place = int(cut * len(sent))
    first, rest = split(sent[:place])
    second, left = split(rest + sent[place:])
    assert first + second == [(Opcode.TEXT, payload) for payload in payloads]
    assert left == b""


def test_a_prediction_is_known_and_its_number_read() -> None:
    prediction = encode(Prediction(1234, 12340.0, "ok", "ㄱ", 0.5, [], {})).encode()
    assert is_prediction(prediction)
    assert seq_of(prediction) == 1234
    assert not is_prediction(encode(Gesture("begin", "ㄱ", 0.0, 0.9)).encode())
    assert seq_of(b'{"type":"prediction","seq":7}') == 7
