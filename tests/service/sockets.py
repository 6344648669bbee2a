"""Messages that tests send and receive on a socket."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader
from websockets.sync.client import ClientConnection

from scaleglove import protocol
from tests.deadlines import EVENT_S


def text_frames(seq: int, t_ms: np.ndarray, values: np.ndarray) -> str:
    message = {"type": "frames", "seq": seq, "t_ms": t_ms.tolist(), "values": values.astype(np.float64).tolist()}
    return json.dumps(message)


def binary_frames(seq: int, t_ms: np.ndarray, values: np.ndarray) -> bytes:
    return protocol.encode_frames(protocol.Frames(seq, t_ms, values))


def even(begin: int, count: int) -> np.ndarray:
    return (begin + np.arange(count)) * 20.0


VALID = binary_frames(0, even(0, 2), np.zeros((2, 8), np.float32))


def payloads_of(frames: bytes) -> list[bytes]:
    """Return the payloads of text frames as a server sends them, each whole and the only one of its message."""
    reader, payloads = StreamReader(), []
    reader.feed_data(frames)
    reader.feed_eof()
    while reader.buffer:
        parsing = Frame.parse(reader.read_exact, mask=False)
        with pytest.raises(StopIteration) as parsed:
            next(parsing)
        frame = parsed.value.value
        assert (frame.opcode, frame.fin) == (Opcode.TEXT, True)
        payloads.append(bytes(frame.data))
    return payloads


def read(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=EVENT_S))
    return message


def read_to_end(socket: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Return all messages until the close, and its code."""
    messages = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            messages.append(read(socket))
    assert socket.protocol.close_code is not None
    return messages, socket.protocol.close_code


def streams(service: Any) -> dict[str, dict[str, Any]]:
    return {stream["stream"]: stream for stream in httpx.get(f"{service.url}/v1/streams").json()["streams"]}
