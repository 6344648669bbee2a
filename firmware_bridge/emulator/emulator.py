"""Emulated board on a pseudo-terminal, and optionally on TCP, in real time.

It behaves like a UART: it never waits for a reader, and messages that are not read are lost as a whole.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import os
import select
import termios
import tty
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, Protocol, Self

from firmware_bridge.address import parse_address
from scaleglove.errors import ScaleGloveError

_READ_BYTES: Final = 1024
_TCP_UNSENT_BYTES: Final = 16 * 1024
"""More unsent bytes than this mean that the reader has stopped reading."""

_OPENED_STEP_S: Final = 0.02
_SETTLED_S: Final = 0.5
"""A program that opens a port discards the bytes that arrived before; it has done so after this time."""

_DRAIN_S: Final = 2.0
_DRAIN_STEP_S: Final = 0.01


class EmulatorError(ScaleGloveError):
    """Outlet that cannot be created; the text names the path or the address."""


class Outlet(Protocol):
    """Destination of the board's messages; `lost_messages` counts those that were not read."""

    lost_messages: int

    def write(self, message: bytes) -> None:
        """Write a message without waiting; it is lost as a whole if it does not fit."""
        ...

    async def drain(self) -> None:
        """Wait a short time for the reader to read what was written."""
        ...


class Board(Protocol):
    """Source of the bytes: an emulated device, or a recording of a real one."""

    def greeting(self) -> bytes:
        """Return the bytes that the board writes when it starts."""
        ...

    def next_message(self) -> tuple[float, bytes] | None:
        """Return the board's time (ms) of the next message and its bytes; None after the last."""
        ...

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the computer and return the answer."""
        ...


class PtyOutlet:
    """Outlet on a pseudo-terminal; a bridge opens `path`."""

    def __init__(self, on_bytes: Callable[[bytes], None]) -> None:
        self.lost_messages = 0
        self._on_bytes = on_bytes
        # The slave stays open here, so that readers can close and reopen it without a hang-up.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._unsent = b""
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def write(self, message: bytes) -> None:
        self._send(b"")
        if self._unsent:
            self.lost_messages += 1
        else:
            self._send(message)

    def _send(self, message: bytes) -> None:
        """Write as much as fits; a message that was partly written is completed first."""
        data = self._unsent + message
        try:
            sent = os.write(self._master, data) if data else 0
        except BlockingIOError:
            sent = 0
        if sent == 0 and not self._unsent:
            self.lost_messages += bool(message)
            return
        self._unsent = data[sent:]

    async def reader_came(self) -> None:
        """Wait until a program opens the terminal."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)  # without a reader it is always reported as readable
        os.close(self._slave)
        poll = select.poll()
        poll.register(self._master)
        while any(events & select.POLLHUP for _, events in poll.poll(0)):  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(_OPENED_STEP_S)
        self._slave = os.open(self.path, os.O_RDWR | os.O_NOCTTY)
        loop.add_reader(self._master, self._read)
        await asyncio.sleep(_SETTLED_S)

    def _read(self) -> None:
        self._on_bytes(os.read(self._master, _READ_BYTES))

    async def drain(self) -> None:
        waiting = array.array("i", [0])
        for _ in range(int(_DRAIN_S / _DRAIN_STEP_S)):
            self._send(b"")
            fcntl.ioctl(self._slave, termios.TIOCINQ, waiting)
            if waiting[0] == 0 and not self._unsent:
                return
            await asyncio.sleep(_DRAIN_STEP_S)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)


class TcpOutlet:
    """Outlet on TCP for one reader at a time, as on a UART."""

    def __init__(self, on_bytes: Callable[[bytes], None]) -> None:
        self.lost_messages = 0
        self._on_bytes = on_bytes
        self._writer: asyncio.StreamWriter | None = None

    def write(self, message: bytes) -> None:
        writer = self._writer
        if writer is None:
            return
        if writer.transport.get_write_buffer_size() > _TCP_UNSENT_BYTES:
            self.lost_messages += 1
        else:
            writer.write(message)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it is closed; other connections are closed immediately."""
        if self._writer is not None:
            writer.close()
            return
        self._writer = writer
        try:
            while data := await reader.read(_READ_BYTES):
                self._on_bytes(data)
        except ConnectionError:
            pass  # the reader closed the connection abruptly
        finally:
            self._writer = None
            writer.close()

    async def drain(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(self._writer.drain(), _DRAIN_S)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class Emulator:
    """Runner of a device, `speed` times as fast as the device's clock. With `wait` it begins when the pseudo-terminal
    is opened, so that its first frame is read too. A `patient` one waits for a slow reader before it writes on.

    async with Emulator(device).opened() as emulator:
        print(emulator.path)
        await emulator.run()
    """

    def __init__(self, device: Board, *, speed: float = 1.0, wait: bool = False, patient: bool = False) -> None:
        self._device = device
        self._speed = speed
        self._wait = wait
        self._patient = patient
        self._outlets: list[Outlet] = []
        self._pty: PtyOutlet | None = None
        self.path = ""
        self.address: str | None = None

    @property
    def lost_messages(self) -> int:
        """Messages that were lost because a reader was too slow or absent."""
        return sum(outlet.lost_messages for outlet in self._outlets)

    async def run(self) -> None:
        """Write until the device has no more messages."""
        loop = asyncio.get_running_loop()
        if self._wait and self._pty is not None:
            await self._pty.reader_came()
        self._write(self._device.greeting())
        begun = loop.time()
        while (due := self._device.next_message()) is not None:
            t_ms, message = due
            # Counted from the beginning, not from the last frame, so that delays do not add up.
            await asyncio.sleep(max(0.0, begun + t_ms / 1000.0 / self._speed - loop.time()))
            self._write(message)
            if self._patient:
                await self._drain()
        await self._drain()

    async def _drain(self) -> None:
        for outlet in self._outlets:
            await outlet.drain()

    def _write(self, message: bytes) -> None:
        for outlet in self._outlets:
            outlet.write(message)

    def _receive(self, data: bytes) -> None:
        if answer := self._device.receive(data):
            self._write(answer)

    @contextlib.asynccontextmanager
    async def opened(self, link: Path | None = None, listen: str | None = None) -> AsyncIterator[Self]:
        """Open the outlets: a pseudo-terminal (`link` is a symbolic link to it), and TCP on `listen`, a `HOST:PORT`.

        Raises:
            AddressError: `listen` is not an address.
            EmulatorError: the link cannot be made, or the address is not available.
        """
        pty = self._pty = PtyOutlet(self._receive)
        self._outlets.append(pty)
        self.path = pty.path
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(pty.close)
            if link is not None:
                stack.enter_context(linked(link, pty.path))
            if listen is not None:
                await stack.enter_async_context(self._listening(listen))
            yield self

    @contextlib.asynccontextmanager
    async def _listening(self, listen: str) -> AsyncIterator[None]:
        outlet = TcpOutlet(self._receive)
        host, port = parse_address(listen)
        try:
            server = await asyncio.start_server(outlet.serve, host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise EmulatorError(f"cannot listen on {listen}: {error}") from None
        self.address = f"{host}:{server.sockets[0].getsockname()[1]}"
        self._outlets.append(outlet)
        try:
            yield
        finally:
            outlet.close()
            server.close()
            await server.wait_closed()


@contextlib.contextmanager
def linked(link: Path, path: str) -> Iterator[None]:
    """Make a symbolic link to the pseudo-terminal for the block; an old link is replaced, another file never."""
    try:
        if link.is_symlink():
            link.unlink()
        link.symlink_to(path)
    except OSError as error:
        raise EmulatorError(f"cannot make the link {link}: {error.strerror}") from None
    try:
        yield
    finally:
        # Another emulator may use the name by now.
        if link.is_symlink() and str(link.readlink()) == path:
            link.unlink()
