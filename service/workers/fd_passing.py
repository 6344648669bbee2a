"""What passes between the supervisor and a worker: accepted connections, as file descriptors over a Unix socket.

Connections are told apart by their first bytes, which stay unread: a glove's stream lasts, and so goes to the worker
with the fewest; everything else goes to each worker in turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from enum import Enum
from typing import Final

_OPENING: Final = b"GET /v1/stream"
READY: Final = b"ready"
LEFT: Final = b"left"
FAULT: Final = b"fault"
"""What a worker tells its supervisor, a line each: it serves; a stream has ended; why it cannot serve."""

_PATIENCE_S: Final = 1.0
"""For a connection's first bytes. Clients send them at once; one that does not is passed on as it is."""


class Kind(Enum):
    """What a connection brings; the value travels beside its descriptor."""

    STREAM = b"s"
    OTHER = b"o"


def kind_of(first: bytes) -> Kind:
    """What begins with these bytes."""
    begins = first.startswith(_OPENING) and first[len(_OPENING) : len(_OPENING) + 1] in {b" ", b"?"}
    return Kind.STREAM if begins else Kind.OTHER


async def first_bytes(connection: socket.socket) -> bytes:
    """The first bytes of a connection, which stay there to be read; none where nothing has come in time."""
    with contextlib.suppress(BlockingIOError):
        return _peek(connection)
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, _set, readable)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await readable
        return _peek(connection)
    except TimeoutError:
        return b""
    finally:
        loop.remove_reader(connection)


def pass_on(channel: socket.socket, connection: socket.socket, kind: Kind) -> bool:
    """Send a connection through a channel; False where the other end takes nothing now, or is gone."""
    try:
        socket.send_fds(channel, [kind.value], [connection.fileno()])
    except OSError:
        return False
    return True


def take(channel: socket.socket) -> tuple[socket.socket, Kind] | None:
    """The next connection that came through a channel; None when the other end is gone.

    Raises:
        BlockingIOError: there is none now.
    """
    # One byte at a time: what is read together loses which descriptor belongs to which byte.
    value, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    if not value:
        return None
    return socket.socket(fileno=descriptors[0]), Kind(value)


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(len(_OPENING) + 1, socket.MSG_PEEK)
    except ConnectionError:
        return b""


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
