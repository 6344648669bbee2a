"""Messages between the supervisor and a worker: accepted connections, as file descriptors over a Unix socket.

The first bytes of a connection, which stay unread, decide where it goes: a glove's stream is long-lived and goes to the
worker with the fewest streams, everything else to each worker in turn. A worker answers each connection with its
number, counted from 0: it has taken it, or it cannot, and then the supervisor still has it for another worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from enum import Enum
from typing import Final

from service.path_prefix import MAX_PREFIX

_METHOD: Final = b"GET "
_STREAM: Final = b"/v1/stream"
READY: Final = b"ready"
ALIVE: Final = b"alive"
TAKEN: Final = b"taken"
FULL: Final = b"full"
FAULT: Final = b"fault"
"""Messages of a worker to its supervisor, one line each: it serves; its event loop runs, and has this number of
streams; it has taken the connection of this number; it has no descriptor left for it; the reason that it failed."""

_PEEK_BYTES: Final = len(_METHOD) + MAX_PREFIX + len(_STREAM) + 1

_FIRST_BYTES_S: Final = 1.0
"""Timeout for the first bytes of a connection. Clients send them at once; a silent one is passed on as Kind.OTHER."""


class Kind(Enum):
    """Kind of a connection; the value is sent with its descriptor."""

    STREAM = b"s"
    OTHER = b"o"


def kind_of(first: bytes, root_path: str = "") -> Kind:
    """Return the kind of a connection that begins with these bytes; a proxy may have left `root_path` on."""
    path = first.removeprefix(_METHOD).removeprefix(root_path.encode())
    end = path[len(_STREAM) : len(_STREAM) + 1]
    begins = first.startswith(_METHOD) and path.startswith(_STREAM) and end in {b" ", b"?"}
    return Kind.STREAM if begins else Kind.OTHER


async def first_bytes(connection: socket.socket) -> bytes:
    """Return the first bytes of a connection without consuming them; empty after a timeout."""
    with contextlib.suppress(BlockingIOError):
        return _peek(connection)
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, _set, readable)
    try:
        async with asyncio.timeout(_FIRST_BYTES_S):
            await readable
        return _peek(connection)
    except TimeoutError:
        return b""
    finally:
        loop.remove_reader(connection)


def pass_on(channel: socket.socket, connection: socket.socket, kind: Kind) -> bool:
    """Send a connection over a channel; return False if the other end is full or closed."""
    try:
        socket.send_fds(channel, [kind.value], [connection.fileno()])
    except OSError:
        return False
    return True


def take(channel: socket.socket) -> tuple[socket.socket | None, Kind] | None:
    """Receive the next connection of a channel; None if the other end is closed. Where this process has no descriptor
    left the connection is None.

    Raises:
        BlockingIOError: there is none yet.
    """
    # One byte at a time: a larger read would not tell which descriptor belongs to which byte.
    value, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    if not value:
        return None
    return (socket.socket(fileno=descriptors[0]) if descriptors else None), Kind(value)


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_PEEK_BYTES, socket.MSG_PEEK)
    except ConnectionError:
        return b""


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
