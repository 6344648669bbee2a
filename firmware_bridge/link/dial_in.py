"""Gloves that connect by themselves: over TCP (`listen://HOST:PORT`) or with UDP datagrams (`udp://HOST:PORT`).

One glove at a time. Another one is refused while the first sends, and takes its place when the first is silent: a board
that restarts leaves a connection behind that nobody closes.
"""

from __future__ import annotations

import asyncio
import errno
from collections import deque
from typing import Final, Protocol
from urllib.parse import urlsplit

from firmware_bridge.link.errors import LinkCode, LinkError, LinkLostError
from firmware_bridge.link.note import NO_NOTE, Note
from firmware_bridge.link.port import Port

DIAL_IN: Final = ("listen", "udp")

SILENT_S: Final = 3.0
"""Silence after which another glove may take the place: three times the longest interval between frames."""

_READ_BYTES: Final = 65536
_UNSENT_BYTES: Final = 4096
"""Commands that a glove has not read, some hundred of them."""

_DATAGRAMS: Final = 1024
"""Datagrams that wait to be read, a second of them at the highest rate; the oldest are dropped. Each is at most 64 KB,
and those of gloves some 100 bytes."""

_QUEUED_BYTES: Final = 1024 * 1024
_DELIMITERS: Final = b"\n\r\0"


class DialInServer(Protocol):
    """Server that outlives the port: it keeps listening while the link is between two openings."""

    address: str

    @property
    def peer(self) -> str:
        """Address of the glove, or empty if none has connected."""
        ...

    async def read(self) -> bytes:
        """Wait for bytes of one glove.

        Raises:
            LinkLostError: the glove has closed the connection, or another has taken its place.
        """
        ...

    def write(self, line: bytes) -> None:
        """Write to the glove.

        Raises:
            LinkError: there is none, or it does not read.
        """
        ...

    def drop(self) -> None:
        """Let go of the glove; the next one may come."""
        ...

    async def close(self) -> None:
        """Stop listening."""
        ...


class DialInPort(Port):
    """Port of whichever glove connects to `server`."""

    def __init__(self, name: str, server: DialInServer) -> None:
        self.name = name
        self._server = server

    @property
    def note(self) -> Note:
        """What is waited for."""
        if self._server.peer:
            return NO_NOTE
        return Note(f"listening on {self._server.address}: no glove has connected yet", LinkCode.NO_PEER)

    async def read(self) -> bytes:
        """Wait for data and return it; a cancelled call consumes nothing.

        Raises:
            LinkLostError: the glove has closed the connection, or another has taken its place.
        """
        return await self._server.read()

    async def write(self, line: bytes) -> None:
        """Write a line to the glove.

        Raises:
            LinkError: no glove has connected, or it does not read.
        """
        self._server.write(line)

    async def close(self) -> None:
        """Let go of the glove."""
        self._server.drop()


async def start_server(name: str) -> DialInServer:
    """Listen on the address of a `listen://` or `udp://` port.

    Raises:
        LinkError: the address is not available.
    """
    parts = urlsplit(name)
    host, number = parts.hostname or "", parts.port or 0
    try:
        if parts.scheme == "udp":
            return await UdpServer.start(host, number)
        return await TcpServer.start(name, host, number)
    except (OSError, UnicodeError) as error:
        is_busy = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "another program listens there" if is_busy else str(error)
        code = LinkCode.PORT_BUSY if is_busy else LinkCode.CANNOT_OPEN
        raise LinkError(f"cannot listen on {name}: {reason}", code) from None


def no_peer(address: str) -> LinkError:
    """Return the error for a command when no glove has connected."""
    return LinkError(f"no glove has connected to {address}", LinkCode.LINK_LOST)


class _Connection:
    """TCP connection of a glove."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, now_s: float) -> None:
        self.reader = reader
        self.writer = writer
        self.heard_s = now_s
        host, number = writer.get_extra_info("peername")[:2]
        self.peer = f"{host}:{number}"


class TcpServer:
    """TCP server for one glove at a time."""

    def __init__(self, name: str) -> None:
        self.address = ""
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._connection: _Connection | None = None
        self._reading: _Connection | None = None
        self._connected = asyncio.Event()
        self._server: asyncio.Server | None = None

    @classmethod
    async def start(cls, name: str, host: str, number: int) -> TcpServer:
        """Listen on an address; the system's error is raised if it is not available."""
        server = cls(name)
        server._server = await asyncio.start_server(server._accept, host, number, limit=_READ_BYTES)
        server.address = _address(server._server.sockets[0].getsockname())
        return server

    @property
    def peer(self) -> str:
        """Address of the glove, or empty if none has connected."""
        return "" if self._connection is None else self._connection.peer

    async def read(self) -> bytes:
        """Wait for a glove and its bytes.

        Raises:
            LinkLostError: the glove has closed the connection, or another has taken its place.
        """
        while (connection := self._connection) is None:
            self._connected.clear()
            await self._connected.wait()
        self._reading = self._reading or connection
        try:
            data = await self._reading.reader.read(_READ_BYTES) if self._reading is connection else b""
        except OSError:
            data = b""
        if self._reading is not self._connection:
            raise LinkLostError(f"another glove has connected to {self._name}", LinkCode.REPLACED)
        if not data:
            self.drop()
            raise LinkLostError(f"the glove at {connection.peer} closed the connection", LinkCode.CLOSED)
        connection.heard_s = self._loop.time()
        return data

    def write(self, line: bytes) -> None:
        """Write to the glove.

        Raises:
            LinkError: there is none, or it does not read.
        """
        if self._connection is None:
            raise no_peer(self.address)
        writer = self._connection.writer
        if writer.transport.get_write_buffer_size() > _UNSENT_BYTES:
            detail = f"the glove at {self.peer} takes no commands: it has not read the previous ones"
            raise LinkError(detail, LinkCode.NOT_READING)
        writer.write(line)

    def drop(self) -> None:
        """Close the connection of the glove that was read, but not that of one which has taken its place."""
        reading, self._reading = self._reading, None
        if reading is not None and reading is self._connection:
            self._connection = None
            reading.writer.transport.abort()

    async def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            self._connection.writer.transport.abort()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now_s = self._loop.time()
        current = self._connection
        if current is not None:
            if now_s - current.heard_s < SILENT_S and not current.reader.at_eof():
                writer.write(f"# refused: another glove is connected from {current.peer}\n".encode())
                writer.close()
                return
            current.writer.transport.abort()
        self._connection = _Connection(reader, writer, now_s)
        self._connected.set()


class UdpServer(asyncio.DatagramProtocol):
    """UDP socket for one glove at a time: the first sender is pinned until it is silent.

    Each datagram holds whole lines or packets; one without the delimiter at its end is given it. Lost datagrams show by
    the numbers of the frames.
    """

    def __init__(self) -> None:
        self.address = ""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self._pinned: tuple[str, int] | None = None
        self._heard_s = 0.0
        self._joined = False
        self._replaced = False
        self._queue: deque[bytes] = deque(maxlen=_DATAGRAMS)
        self._queued_bytes = 0
        self._arrived = asyncio.Event()

    @classmethod
    async def start(cls, host: str, number: int) -> UdpServer:
        """Bind an address; the system's error is raised if it is not available."""
        loop = asyncio.get_running_loop()
        transport, server = await loop.create_datagram_endpoint(cls, local_addr=(host, number))
        server._transport = transport
        server.address = _address(transport.get_extra_info("sockname"))
        return server

    @property
    def peer(self) -> str:
        """Address of the glove, or empty if none has sent."""
        return "" if self._pinned is None else _address(self._pinned)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """Queue a datagram of the glove, and drop those of others."""
        now_s = self._loop.time()
        if sender != self._pinned:
            if self._pinned is not None:
                if now_s - self._heard_s < SILENT_S:
                    return
                self._replaced = True
                self._forget_queue()
            self._pinned = sender
        self._heard_s = now_s
        while self._queue and self._queued_bytes + len(data) > _QUEUED_BYTES:
            self._queued_bytes -= len(self._queue.popleft())
        if data:
            if len(self._queue) == _DATAGRAMS:
                self._queued_bytes -= len(self._queue.popleft())
            self._queue.append(data)
            self._queued_bytes += len(data)
            self._arrived.set()

    async def read(self) -> bytes:
        """Wait for datagrams.

        Raises:
            LinkLostError: another glove has taken the place.
        """
        while not self._queue:
            self._arrived.clear()
            await self._arrived.wait()
        if self._replaced:
            self._replaced = False
            raise LinkLostError(f"another glove sends to {self.address}", LinkCode.REPLACED)
        data = b"".join(map(delimited, self._queue))
        self._forget_queue()
        if not self._joined:
            self._joined = True
            return _delimiter(data) + data  # a datagram begins with a whole message
        return data

    def write(self, line: bytes) -> None:
        """Write to the glove.

        Raises:
            LinkError: none has sent yet.
        """
        if self._pinned is None or self._transport is None:
            raise no_peer(self.address)
        self._transport.sendto(line, self._pinned)

    def drop(self) -> None:
        """Begin with a whole message again; a silent glove is forgotten, so that the next one may come."""
        self._joined = False
        if self._loop.time() - self._heard_s >= SILENT_S:
            self._pinned = None

    async def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()

    def _forget_queue(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0


def delimited(datagram: bytes) -> bytes:
    """Return a datagram with the delimiter of its format at the end."""
    return datagram if datagram[-1] in _DELIMITERS else datagram + _delimiter(datagram)


def _delimiter(data: bytes) -> bytes:
    return b"\0" if b"\0" in data or not data.isascii() else b"\n"


def _address(name: tuple[str, int]) -> str:
    host, number = name[:2]
    return f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
