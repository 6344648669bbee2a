"""Endless requests, byte by byte over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from uvicorn.server import ServerState

from service.http import bounded_protocol
from service.http.bounded_protocol import MAX_HEAD_BYTES, BoundedHttp
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from tests.deadlines import EVENT_S
from tests.service.sockets import read, streams

MANY = 100 * MAX_HEAD_BYTES
CHUNKED = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextlib.contextmanager
def connected(service: Any) -> Iterator[socket.socket]:
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port), timeout=EVENT_S) as connection:
        yield connection


def answer(connection: socket.socket) -> bytes:
    """Return everything received until the service closes the connection."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def response(connection: socket.socket) -> bytes:
    """Return the next whole response: it may arrive in several pieces."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1])  # type: ignore[index]
    while len(body) < length:
        body += connection.recv(65536)
    assert len(body) == length
    return head


def pour(connection: socket.socket, begin: bytes, again: bytes) -> int:
    """Send `begin`, then `again` until the service closes the connection; return the number of bytes sent."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        connection.sendall(begin)
        while sent < MANY:
            connection.sendall(again)
            sent += len(again)
    return sent


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"GET /", b"x" * 1000),
        (b"GET / HTTP/1.1\r\nX: ", b"x" * 1000),
        (b"GET / HTTP/1.1\r\n", b"X-Header: x\r\n" * 100),
        (CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-Trailer: x\r\n" * 100),
        (CHUNKED + b"2;", b"x" * 1000),
    ],
    ids=["address", "header", "headers", "trailers", "chunk extension"],
)
def test_an_endless_request_closes_the_connection(service: Any, begin: bytes, again: bytes) -> None:
    with connected(service) as connection:
        assert pour(connection, begin, again) < MANY


def test_a_head_that_is_too_large_is_reported(service: Any) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        reader = threading.Thread(target=lambda: answers.append(answer(connection)))
        answers: list[bytes] = []
        reader.start()
        with contextlib.suppress(ConnectionError):
            while reader.is_alive():
                connection.sendall(b"x" * 1000)
        reader.join(EVENT_S)
    head, _, body = answers[0].partition(b"\r\n\r\n")
    if body:  # a client that keeps sending may miss it
        assert head.startswith(b"HTTP/1.1 431 ")
        assert json.loads(body)["code"] == "head_too_large"


class Transport(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self._closing = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self._closing = True

    def is_closing(self) -> bool:
        return self._closing


async def never_asked(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("the head was accepted")


UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % (b"X-Header: 0123456789\r\n" * 7500),
        b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: %b\r\n\r\n" % (b"x" * 150_000),
        b"GET /health/live?%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"x" * 150_000),
        b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n%bX: %b\r\n\r\n" % (UPGRADE, b"x" * 150_000),
        b"POST /v1/predict HTTP/1.1\r\nContent-Length: 2\r\nX: %b\r\n\r\n{}" % (b"x" * 150_000),
    ],
    ids=["headers", "header", "address", "handshake", "with a body"],
)
async def test_a_head_beyond_the_limit_is_refused_however_it_arrives(head: bytes) -> None:
    transport = Transport()
    config = uvicorn.Config(never_asked, ws=FastWebSocketProtocol, log_config=None)
    config.load()
    protocol = BoundedHttp(config, ServerState(), {})
    protocol.connection_made(transport)
    protocol.data_received(head + b"GET / HTTP/1.1\r\n\r\n")
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    assert transport.written.count(b"HTTP/1.1 ") == 1
    assert transport.written.startswith(b"HTTP/1.1 431 ")
    assert transport.is_closing()
    assert not protocol.tasks
    protocol.connection_lost(None)


def test_requests_within_the_bounds_one_after_another(service: Any) -> None:
    large = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * (MAX_HEAD_BYTES - 1000)
    small_chunks = b"".join(b"1\r\n \r\n" for _ in range(MAX_HEAD_BYTES // 4))
    with connected(service) as connection:
        for _ in range(3):
            connection.sendall(large)
            connection.sendall(b"\r\n\r\n")
            assert response(connection).startswith(b"HTTP/1.1 200 ")
        connection.sendall(CHUNKED + small_chunks + b"0\r\n\r\n")
        assert response(connection).startswith(b"HTTP/1.1 422 ")  # read to its end; there are no windows in it


@pytest.fixture
def impatient(start_service: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(bounded_protocol, "REQUEST_S", 0.5)
    with start_service() as service:
        yield service


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\nX: ", b"HTTP/1.1 408 "),
        (CHUNKED + b"2\r\n{}\r\n", b""),  # its answer is being made: nothing may be written into it
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_request_that_stays_incomplete_closes_the_connection(impatient: Any, sent: bytes, expected: bytes) -> None:
    with connected(impatient) as connection:
        connection.sendall(sent)
        assert answer(connection)[: len(expected) or None] == expected
    with connected(impatient) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert response(connection).startswith(b"HTTP/1.1 200 ")
        connection.sendall(sent or b"GET")
        assert answer(connection)[: len(expected) or None] == (expected if sent else b"HTTP/1.1 408 ")


def test_a_socket_lives_on(impatient: Any) -> None:
    with impatient.stream() as (connection, started):
        with pytest.raises(TimeoutError):
            connection.recv(timeout=2 * bounded_protocol.REQUEST_S)
        assert started["stream"] in streams(impatient)
        connection.send('{"type": "stop"}')
        assert read(connection)["type"] == "stopped"
