"""The fast path for messages, on real sockets, byte by byte: it behaves as uvicorn's own protocol does."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import uvicorn
from starlette.websockets import WebSocket
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from scaleglove.protocol import MAX_MESSAGE_BYTES
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from tests.deadlines import EVENT_S, wait_until
from tests.service.sockets import binary_frames, even, streams, text_frames

HANDSHAKE = (
    b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(data: str | bytes, fin: bool = True, opcode: Opcode | None = None, mask: bool = True) -> bytes:
    kind = opcode if opcode is not None else Opcode.TEXT if isinstance(data, str) else Opcode.BINARY
    return Frame(kind, data.encode() if isinstance(data, str) else data, fin).serialize(mask=mask)


class Raw:
    """A client that says exactly these bytes."""

    def __init__(self, service: Any) -> None:
        parts = urlsplit(service.url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=EVENT_S)
        self._data = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_handshake(self) -> bytes:
        while b"\r\n\r\n" not in self._data:
            self._more()
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        return head

    def read(self) -> tuple[int, bytes]:
        """Read the next frame's opcode and payload."""
        head = self._take(2)
        size = head[1]
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        return head[0] & 0x0F, self._take(size)

    def read_message(self) -> dict[str, Any]:
        opcode, payload = self.read()
        assert opcode == Opcode.TEXT
        message: dict[str, Any] = json.loads(payload)
        return message

    def read_close(self) -> int:
        """Skip to the close frame; return its code."""
        while True:
            opcode, payload = self.read()
            if opcode == Opcode.CLOSE:
                return int.from_bytes(payload[:2], "big")

    def _take(self, size: int) -> bytes:
        while len(self._data) < size:
            self._more()
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def _more(self) -> None:
        data = self.socket.recv(65536)
        assert data, "hung up"
        self._data += data


@contextmanager
def raw(service: Any) -> Iterator[Raw]:
    client = Raw(service)
    with client.socket:
        yield client


@contextmanager
def raw_stream(service: Any, started: Any) -> Iterator[Raw]:
    with raw(service) as client:
        client.send(HANDSHAKE)
        assert b"101" in client.read_handshake()
        client.send(frame(json.dumps(started())))
        assert client.read_message()["type"] == "started"
        yield client


class Ears:
    """Notes what a socket tells its listener."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, bool]] = []
        self.has_left = asyncio.Event()

    def take(self, data: bytes, is_text: bool) -> None:
        self.heard.append((data, is_text))

    def pause_sending(self) -> None: ...

    def resume_sending(self) -> None: ...

    def disconnected(self) -> None:
        self.has_left.set()


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection to an ASGI application under FastWebSocketProtocol, the handshake sent."""
    config = uvicorn.Config(app, log_config=None)
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: FastWebSocketProtocol(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(HANDSHAKE)
        yield reader, writer
        writer.close()


async def test_a_client_that_does_not_wait_for_the_handshakes_answer() -> None:
    requested, go_on, ears = asyncio.Event(), asyncio.Event(), Ears()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        requested.set()
        await go_on.wait()
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        FastWebSocketProtocol.of(websocket).attach(ears)
        await ears.has_left.wait()

    async with serving(app) as (reader, writer):
        await requested.wait()
        late = frame("late")
        writer.write(frame("early") + late[:3])
        await writer.drain()
        go_on.set()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(late[3:])
        writer.close()
        await asyncio.wait_for(ears.has_left.wait(), EVENT_S)
    assert ears.heard == [(b"early", True), (b"late", True)]


async def test_a_refusal_before_the_handshake_is_an_answer_and_no_error_of_the_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Anybody can have a socket refused: an error logged for each would fill a disk and hide what is one."""
    ended = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"not ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"here"})
        ended.set()

    async with asyncio.timeout(EVENT_S), serving(app) as (reader, _):
        answer = await reader.read()
        await ended.wait()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.endswith(b"not here")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_socket_that_both_the_library_and_the_application_close(caplog: pytest.LogCaptureFixture) -> None:
    """A message that the application refuses, and a malformed frame behind it, close it at once."""
    is_closed, ended, ears = asyncio.Event(), asyncio.Event(), Ears()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        channel = FastWebSocketProtocol.of(websocket)
        channel.attach(ears)
        await is_closed.wait()
        channel.detach()
        await websocket.close(1008)
        ended.set()

    async with asyncio.timeout(EVENT_S), serving(app) as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame("bad", mask=False))
        assert (await reader.readexactly(2))[0] == 0x80 | Opcode.CLOSE
        is_closed.set()
        await ended.wait()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_part_of_a_frame_is_left_alone_when_the_connection_is_lost() -> None:
    """A fault of what has arrived of it would be answered on a closed transport, which is an error in uvloop."""
    faults: list[Exception | None] = []
    ended, ears = asyncio.Event(), Ears()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        channel = FastWebSocketProtocol.of(websocket)
        channel.attach(ears)
        await ears.has_left.wait()
        channel.detach()
        faults.append(channel.conn.parser_exc)
        ended.set()

    async with asyncio.timeout(EVENT_S), serving(app) as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame(b"", opcode=Opcode.PING) + b"\xff\xff")
        await reader.readexactly(2)
        writer.close()
        await ended.wait()
    assert faults == [None]


def test_byte_by_byte(service: Any, started: Any, glove: Any) -> None:
    with raw_stream(service, started) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(binary_frames(0, even(0, 5), glove(5))) + frame(text_frames(5, even(5, 5), glove(5))):
            client.send(bytes([byte]))
        assert [client.read_message()["seq"] for _ in range(2)] == [4, 9]


def test_messages_in_pieces_and_pings_between_them(service: Any, started: Any, glove: Any) -> None:
    message = binary_frames(0, even(0, 5), glove(5))
    with raw_stream(service, started) as client:
        client.send(frame(message[:100], fin=False) + frame(b"hello", opcode=Opcode.PING))
        assert client.read() == (Opcode.PONG, b"hello")
        client.send(frame(message[100:], opcode=Opcode.CONT))
        assert client.read_message()["seq"] == 4
        client.send(frame(binary_frames(5, even(5, 5), glove(5))))
        assert client.read_message()["seq"] == 9


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (frame("{}", mask=False), 1002),
        (frame("{}", opcode=Opcode.CONT), 1002),
        (frame("{", fin=False) + frame("}"), 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x82\xff" + struct.pack("!QI", MAX_MESSAGE_BYTES + 1, 0), 1009),
        (b"\x82\xff" + b"\xff" * 12, 1009),
    ],
    ids=["not masked", "goes on with nothing", "begins in between", "unknown opcode", "too long", "far too long"],
)
def test_faults_of_the_frame_close_with_the_librarys_code(
    service: Any, started: Any, glove: Any, fault: bytes, code: int
) -> None:
    with raw_stream(service, started) as client:
        client.send(frame(binary_frames(0, even(0, 5), glove(5))) + fault)
        assert client.read_message()["seq"] == 4
        assert client.read_close() == code


def test_a_frame_cut_short_leaves_nothing_behind(service: Any, started: Any) -> None:
    before = set(streams(service))
    with raw_stream(service, started) as client:
        client.send(frame(binary_frames(0, even(0, 5), np.zeros((5, 8), np.float32)))[:-7])
        wait_until(lambda: len(set(streams(service)) - before) == 1)
    wait_until(lambda: not set(streams(service)) - before)


def test_the_largest_message_is_taken_and_the_stream_goes_on(service: Any, started: Any, glove: Any) -> None:
    """Longer than the socket's reads, with a length of eight bytes."""
    values = np.round(glove(1000).astype(np.float64), 15)
    message = json.dumps({"type": "frames", "seq": 0, "t_ms": even(0, 1000).tolist(), "values": values.tolist()})
    assert 65_536 < len(message) < MAX_MESSAGE_BYTES
    with raw_stream(service, started) as client:
        client.send(frame(message))
        seqs = [answer["seq"] for answer in (client.read_message() for _ in range(200)) if "top_k" in answer]
        assert seqs[:2] == [4, 9]
        client.send(frame('{"type": "stop"}'))
        assert client.read_close() == 1000


def test_a_client_that_ignores_pings_is_disconnected(start_service: Any, started: Any) -> None:
    with start_service(ping_interval_s=0.5) as service, raw_stream(service, started) as client:
        assert client.read()[0] == Opcode.PING
        assert client.read_close() == 1011
        wait_until(lambda: not streams(service))
