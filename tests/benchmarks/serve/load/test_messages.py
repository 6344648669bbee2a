from __future__ import annotations

import io

import numpy as np
import orjson
import pytest
from websockets.frames import Frame

from benchmarks.serve.load.messages import (
    VARIETIES,
    Rhythm,
    glove_messages,
    json_body,
    npy_body,
    start_message,
    windows,
)
from scaleglove.channels import CHANNELS
from scaleglove.protocol import (
    Frames,
    Start,
    decode_binary,
    decode_text,
)


def payload_of(message: bytes) -> bytes:
    """Return what a WebSocket library reads from one masked frame."""
    stream = io.BytesIO(message)

    def read_exact(size: int):
        yield from ()
        return stream.read(size)

    reading = Frame.parse(read_exact, mask=True)
    with pytest.raises(StopIteration) as read:
        next(reading)
    assert not stream.read(), "more than one frame"
    return read.value.value.data


@pytest.mark.parametrize("frames_per_message", [1, 5])
def test_text_and_binary_have_the_same_frames_in_sequence(frames_per_message: int) -> None:
    texts = glove_messages(Rhythm(False, frames_per_message), 4)
    packed = glove_messages(Rhythm(True, frames_per_message), 4)
    assert len(texts) == len(packed) == VARIETIES
    for text, binary in zip(texts, packed, strict=True):
        for number, (one, other) in enumerate(zip(text, binary, strict=True)):
            text_frames, binary_frames = decode_text(payload_of(one).decode()), decode_binary(payload_of(other))
            assert isinstance(text_frames, Frames)
            assert text_frames.seq == binary_frames.seq == number * frames_per_message
            np.testing.assert_array_equal(text_frames.t_ms, 10.0 * (text_frames.seq + np.arange(frames_per_message)))
            np.testing.assert_array_equal(text_frames.t_ms, binary_frames.t_ms)
            np.testing.assert_array_equal(text_frames.values, binary_frames.values)


def test_gloves_of_different_varieties_differ() -> None:
    first = {messages[0] for messages in glove_messages(Rhythm(True), 2)}
    assert len(first) == VARIETIES


def test_the_service_reads_the_start() -> None:
    start = decode_text(payload_of(start_message(Rhythm(hop_frames=10), "a model")).decode())
    assert isinstance(start, Start)
    assert (start.channels, start.sample_rate_hz, start.hop_ms, start.model) == (list(CHANNELS), 100, 100, "a model")


@pytest.mark.parametrize("rhythm", [Rhythm(), Rhythm(frames_per_message=5), Rhythm(hop_frames=2), Rhythm(False, 20)])
def test_a_measurement_holds_whole_hops(rhythm: Rhythm) -> None:
    messages = rhythm.messages_in(1.03)
    assert messages * rhythm.frames_per_message % rhythm.hop_frames == 0
    assert messages * rhythm.period_s == pytest.approx(1.0, abs=0.11)


def test_bodies_hold_the_windows() -> None:
    batch = windows(3, 20)
    assert batch.shape == (3, 20, 8)
    assert not np.array_equal(batch[0], batch[1])
    np.testing.assert_allclose(orjson.loads(json_body(batch))["windows"], batch, atol=0.005)
    np.testing.assert_array_equal(np.load(io.BytesIO(npy_body(batch))), batch)
