"""An echo on the service's event loop: what sockets, WebSocket frames and waking up cost, and nothing else.

    python -m benchmarks.serve.peers.echo_service BYTES

uvicorn on uvloop opens the connection. Each message that would give a prediction is answered from the callback that
read it with as many bytes as a prediction has. Binary frames alone; nothing is checked.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any, Final, cast

import orjson
import uvicorn
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from benchmarks.serve.load.messages import FRAME_MS
from benchmarks.serve.peers.frame_header import HEADER, due

_LONG: Final = 126
"""Length in a frame's header that says: the next two bytes have it."""


class Echo:
    """Answers of one stream. Pure.

    Args:
        size: bytes of an answer, which has no fewer than its type and number need.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._hop = 0

    def answer(self, opcode: int, payload: bytes) -> bytes | None:
        """Return the frame that answers a message; None: it has no answer."""
        if opcode == Opcode.BINARY:
            _, _, count, first = HEADER.unpack_from(payload)
            newest = due(first, count, self._hop)
            return None if newest is None else self._prediction(newest)
        if opcode == Opcode.TEXT:
            self._hop = max(1, int(orjson.loads(payload)["hop_ms"] / FRAME_MS))
            return Frame(Opcode.TEXT, b'{"type":"started"}').serialize(mask=False)
        return None

    def _prediction(self, seq: int) -> bytes:
        text = b'{"type":"prediction","seq":%d,"padding":"' % seq
        payload = text + b" " * (self._size - len(text) - 2) + b'"}'
        if len(payload) < _LONG:
            return bytes((0x81, len(payload))) + payload
        return bytes((0x81, _LONG)) + len(payload).to_bytes(2, "big") + payload


def split(received: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the whole frames of a client as (opcode, payload), and the rest of the bytes."""
    frames = []
    begin, end = 0, len(received)
    while end - begin >= 2:
        size, mask = received[begin + 1] & 0x7F, begin + 2
        if size == _LONG:
            mask = begin + 4
            size = int.from_bytes(received[begin + 2 : mask], "big")
        body = mask + 4
        if body + size > end:
            break
        key = received[mask:body] * (size // 4 + 1)
        plain = int.from_bytes(received[body : body + size], "big") ^ int.from_bytes(key[:size], "big")
        frames.append((received[begin] & 0x0F, plain.to_bytes(size, "big")))
        begin = body + size
    return frames, received[begin:]


class EchoProtocol(asyncio.Protocol):
    """A WebSocket of uvicorn; made and called by it."""

    def __init__(self, size: int) -> None:
        self._echo = Echo(size)
        self._transport: asyncio.Transport | None = None
        self._opened = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if not self._opened:
            self._transport.write(_accepted(data))
            self._opened = True
            return
        frames, self._rest = split(self._rest + data)
        for opcode, payload in frames:
            if (answer := self._echo.answer(opcode, payload)) is not None:
                self._transport.write(answer)


def _accepted(request: bytes) -> bytes:
    """Return the answer to a WebSocket's handshake."""
    protocol = ServerProtocol()
    protocol.receive_data(request)
    for event in protocol.events_received():
        if isinstance(event, Request):
            protocol.send_response(protocol.accept(event))
    return b"".join(protocol.data_to_send())


async def _nothing(scope: object, receive: object, send: object) -> None:
    """Stand for the app, which no message reaches."""


def main() -> None:
    """Serve until a signal."""
    size = int(sys.argv[1])

    def protocol(**_: Any) -> EchoProtocol:
        return EchoProtocol(size)

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_nothing, ws=cast(Any, protocol), lifespan="off", log_level="warning", access_log=False)
    print(f"echo on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
