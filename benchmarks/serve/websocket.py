"""WebSocket from the client's side, as little of it as a load needs: open a stream, and split what comes back.

The library's protocol object does the handshake; afterwards every microsecond of the client counts, so that frames are
split here, without checking what the service was tested for elsewhere.
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
    """The server did not open a stream."""


def open_stream(address: tuple[str, int], start: bytes) -> socket.socket:
    """A socket on which a stream has started, not blocking.

    Args:
        start: the masked start message.

    Raises:
        RefusedError: the server refused it, with the server's words.
        OSError: nobody listens there.
    """
    connection = socket.create_connection(address, _TIMEOUT_S)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = _shake_hands(connection, f"ws://{address[0]}:{address[1]}/v1/stream")
        connection.sendall(start)
        _await_started(connection, rest)
    except BaseException:
        connection.close()
        raise
    connection.setblocking(False)
    return connection


def split(received: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames in `received` as (opcode, payload), and what is left of the next one.

    A server's frames are unmasked; this server's are never fragmented.
    """
    frames = []
    place, end = 0, len(received)
    while end - place >= 2:
        size, body = received[place + 1], place + 2
        if size == 126:
            body = place + 4
            size = int.from_bytes(received[place + 2 : body])
        elif size == 127:
            body = place + 10
            size = int.from_bytes(received[place + 2 : body])
        if body + size > end:
            break
        frames.append((received[place] & 0x0F, received[body : body + size]))
        place = body + size
    return frames, received[place:]


def seq_of(prediction: bytes) -> int:
    """The number of the frame that a prediction, as JSON, answers."""
    begin = prediction.index(b'"seq":') + 6
    end = begin
    while prediction[end : end + 1].isdigit():
        end += 1
    return int(prediction[begin:end])


def is_prediction(payload: bytes) -> bool:
    return b'"type":"prediction"' in payload


def _shake_hands(connection: socket.socket, url: str) -> bytes:
    """Opens the WebSocket; gives what the server has sent beyond that."""
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
