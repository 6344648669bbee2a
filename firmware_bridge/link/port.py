"""Opening a port: a device path, a pseudo-terminal or a pyserial URL, over anything that pyserial can open."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

from firmware_bridge.link.descriptor_port import DescriptorPort
from firmware_bridge.link.errors import PORT_ERRORS, LinkError, PortNameError, not_opened
from firmware_bridge.link.threaded_port import ThreadedPort

BAUD: Final = 115200

_THREAD_READ_S: Final = 0.05
"""How long a read in a thread waits for the first byte, and so at most how long closing takes."""

_THREAD_WRITE_S: Final = 1.0
_NETWORK_SCHEMES: Final = {"socket", "rfc2217"}


class Port(Protocol):
    """An open port; its errors are those of `errors.py`."""

    name: str

    async def read(self) -> bytes:
        """What has arrived; waits until something has. A call that is cancelled takes nothing away."""
        ...

    async def write(self, line: bytes) -> None:
        """Hand a line to the device."""
        ...

    async def close(self) -> None:
        """Give the port back; not while it is being read."""
        ...


async def open_port(name: str) -> Port:
    """Open the port of this name.

    Raises:
        PortNameError: it is no name of a port.
        LinkError: it cannot be opened.
    """
    check_name(name)
    opening = asyncio.ensure_future(asyncio.to_thread(_open, name))
    try:
        port = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise
    if sys.platform == "win32" or not _has_descriptor(port):
        return ThreadedPort(name, port)
    return DescriptorPort(name, port)


def check_name(name: str) -> None:
    """Refuse here what pyserial answers with the text of a Python error.

    Raises:
        PortNameError: it is no name of a port.
    """
    if not name:
        raise PortNameError("a serial port has a name, such as /dev/ttyACM0, COM3 or socket://HOST:PORT")
    scheme, separator, _ = name.partition("://")
    if not separator:
        return
    if scheme in _NETWORK_SCHEMES and not _has_address(name):
        raise PortNameError(f"{name} is not a port on the network: {scheme}://HOST:PORT is, with PORT from 1 to 65535")
    try:
        serial.serial_for_url(name, do_not_open=True)
    except ValueError as error:
        raise PortNameError(f"{name} is not the name of a serial port: {error}") from None


def _has_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:
        return False


def _open(name: str) -> serial.SerialBase:
    try:
        return serial.serial_for_url(
            name, baudrate=BAUD, timeout=_THREAD_READ_S, write_timeout=_THREAD_WRITE_S, exclusive=True
        )
    except ValueError as error:
        raise PortNameError(f"{name} is not the name of a serial port: {error}") from None
    except PORT_ERRORS as error:
        raise not_opened(name, error, [info.device for info in list_ports.comports()]) from None


def _has_descriptor(port: serial.SerialBase) -> bool:
    try:
        port.fileno()
    except io.UnsupportedOperation:
        return False
    return True


def _close_unwanted(opening: asyncio.Future[serial.SerialBase]) -> None:
    """Whoever asked for the port has left while it was being opened."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class GloveLink:
    """The bridge's port until it is built on `link.py`."""

    def __init__(self, port: ThreadedPort) -> None:
        self._port = port
        self.name = port.name

    @classmethod
    async def open(cls, port: str) -> Self:
        name = await asyncio.to_thread(resolve_port, port)
        check_name(name)
        return cls(ThreadedPort(name, await asyncio.to_thread(_open, name)))

    async def read(self) -> bytes:
        try:
            async with asyncio.timeout(0.02):
                return await self._port.read()
        except TimeoutError:
            return b""

    async def command(self, command: str) -> None:
        await self._port.write(command.encode("ascii") + b"\n")

    async def close(self) -> None:
        await self._port.close()


def resolve_port(port: str) -> str:
    if port != "auto":
        return port
    usb = sorted(info.device for info in list_ports.comports() if info.vid is not None)
    if len(usb) != 1:
        raise LinkError("no USB serial port found: plug the glove in, or name the port (--port)")
    return str(usb[0])
