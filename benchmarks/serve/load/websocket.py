"""Minimal WebSocket client for the load: opens a stream and splits the received bytes into frames.

The library's protocol object does the handshake. After that every microsecond of the client counts, so frames are split
here, without the checks that the service's own tests make.
"""

from __future__ import annotations

import socket
from typing import Final

from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.uri import parse_uri

from scaleglove.errors import ScaleGloveError
from scaleglove.protocol import SUBPROTOCOL

_TIMEOUT_S: Final = 10.0
_CHUNK: Final = 65536
_HEAD_END: Final = b"\r\n\r\n"


class RefusedError(ScaleGloveError):
    """A stream that the server did not open."""


def open_stream(address: tuple[str, int], start: bytes) -> socket.socket:
    """Return a non-blocking socket on which a stream has started.

    Args:
        start: the masked start message.

    Raises:
        RefusedError: the server refused it; the text has its answer.
        OSError: no server listens at the address.
    """
    connection = open_socket(address, start)
    connection.setblocking(False)
    return connection


def open_socket(address: tuple[str, int], start: bytes | None) -> socket.socket:
    """Return a socket of a stream, started unless `start` is None; raises what `open_stream` raises."""
    return _open(address, "/v1/stream", start, is_started=start is not None)


def open_viewer(address: tuple[str, int], stream: str) -> socket.socket:
    """Return a non-blocking socket that watches a stream; raises what `open_stream` raises."""
    connection = _open(address, f"/v1/streams/{stream}/watch", None, is_started=True)
    connection.setblocking(False)
    return connection


def _open(address: tuple[str, int], path: str, first: bytes | None, is_started: bool) -> socket.socket:
    connection = socket.create_connection(address, _TIMEOUT_S)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = _shake_hands(connection, f"ws://{address[0]}:{address[1]}{path}")
        if first is not None:
            connection.sendall(first)
        if is_started:
            _await_started(connection, rest)
    except BaseException:
        connection.close()
        raise
    return connection


def split(received: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the whole frames in `received` as (opcode, payload), and the rest of its bytes.

    A server's frames are unmasked; this server's are never fragmented.
    """
    frames = []
    begin, end = 0, len(received)
    while end - begin >= 2:
        size, body = received[begin + 1], begin + 2
        if size == 126:
            body = begin + 4
            size = int.from_bytes(received[begin + 2 : body])
        elif size == 127:
            body = begin + 10
            size = int.from_bytes(received[begin + 2 : body])
        if body + size > end:
            break
        frames.append((received[begin] & 0x0F, received[body : body + size]))
        begin = body + size
    return frames, received[begin:]


def seq_of(prediction: bytes) -> int:
    """Return the `seq` of a prediction in JSON."""
    begin = prediction.index(b'"seq":') + 6
    end = begin
    while prediction[end : end + 1].isdigit():
        end += 1
    return int(prediction[begin:end])


def is_prediction(payload: bytes) -> bool:
    return b'"type":"prediction"' in payload


def _shake_hands(connection: socket.socket, url: str) -> bytes:
    """Open the WebSocket and return the bytes that follow the handshake."""
    protocol = ClientProtocol(parse_uri(url), subprotocols=[SUBPROTOCOL])  # type: ignore[list-item]
    protocol.send_request(protocol.connect())
    connection.sendall(b"".join(protocol.data_to_send()))
    received = b""
    while _HEAD_END not in received:
        received += _receive(connection)
    head, _, rest = received.partition(_HEAD_END)
    protocol.receive_data(head + _HEAD_END)
    if protocol.handshake_exc is not None or not protocol.events_received():
        raise RefusedError(f"the server refused the stream: {received[:300].decode(errors='replace')!r}")
    return rest


def _await_started(connection: socket.socket, received: bytes) -> None:
    while not (frames := split(received)[0]):
        received += _receive(connection)
    opcode, payload = frames[0]
    if opcode != Opcode.TEXT or b'"type":"started"' not in payload:
        raise RefusedError(f"the server did not start the stream: {payload[:300].decode(errors='replace')}")


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(_CHUNK)
    if not data:
        raise RefusedError("the server closed the connection")
    return data
