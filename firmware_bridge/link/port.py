"""Opening of ports: a device path, a pseudo-terminal or a pyserial URL, anything that pyserial can open."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Final, Protocol
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

from firmware_bridge.link.descriptor_port import DescriptorPort
from firmware_bridge.link.errors import PORT_ERRORS, PortNameError, open_error
from firmware_bridge.link.threaded_port import ThreadedPort

BAUD: Final = 115200

_THREAD_READ_S: Final = 0.05
"""Time that a read in a thread waits for the first byte, and so the longest time that closing takes."""

_THREAD_WRITE_S: Final = 1.0
_NETWORK_SCHEMES: Final = {"socket", "rfc2217"}


class Port(Protocol):
    """Open port; its errors are those of `errors.py`."""

    name: str

    async def read(self) -> bytes:
        """Wait for data and return it; a cancelled call consumes nothing."""
        ...

    async def write(self, line: bytes) -> None:
        """Write a line to the device."""
        ...

    async def close(self) -> None:
        """Close the port; it must not be being read."""
        ...


async def open_port(name: str) -> Port:
    """Open the port with this name.

    Raises:
        PortNameError: the name is not valid.
        LinkError: the port cannot be opened.
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
    """Check a port name; for an invalid one pyserial's message is the text of a Python error.

    Raises:
        PortNameError: the name is not valid.
    """
    if not name:
        raise PortNameError("the port name is empty: use a name such as /dev/ttyACM0, COM3 or socket://HOST:PORT")
    scheme, separator, _ = name.partition("://")
    if not separator:
        return
    if scheme in _NETWORK_SCHEMES and not _has_address(name):
        raise PortNameError(f"{name} is not a network port: use {scheme}://HOST:PORT with PORT from 1 to 65535")
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
        raise open_error(name, error, [info.device for info in list_ports.comports()]) from None


def _has_descriptor(port: serial.SerialBase) -> bool:
    try:
        port.fileno()
    except io.UnsupportedOperation:
        return False
    return True


def _close_unwanted(opening: asyncio.Future[serial.SerialBase]) -> None:
    """Close a port whose opening was cancelled."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
