"""Messages that tests send and receive on a socket."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from scaleglove import protocol


def text_frames(seq: int, t_ms: np.ndarray, values: np.ndarray) -> str:
    message = {"type": "frames", "seq": seq, "t_ms": t_ms.tolist(), "values": values.astype(np.float64).tolist()}
    return json.dumps(message)


def binary_frames(seq: int, t_ms: np.ndarray, values: np.ndarray) -> bytes:
    return protocol.encode_frames(protocol.Frames(seq, t_ms, values))


def even(begin: int, count: int) -> np.ndarray:
    return (begin + np.arange(count)) * 20.0


VALID = binary_frames(0, even(0, 2), np.zeros((2, 8), np.float32))


def read(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=10))
    return message


def read_to_end(socket: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Return all messages until the close, and its code."""
    messages = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            messages.append(read(socket))
    assert socket.protocol.close_code is not None
    return messages, socket.protocol.close_code


def wait_until(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def streams(service: Any) -> dict[str, dict[str, Any]]:
    return {stream["stream"]: stream for stream in httpx.get(f"{service.url}/v1/streams").json()["streams"]}
