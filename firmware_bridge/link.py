"""The serial port: bytes from the glove and commands to it, over anything that pyserial can open."""

from __future__ import annotations

import asyncio
import errno
import sys
import threading
from typing import Final, Self

import serial
from serial.tools import list_ports

from models.contract import ScaleGloveError

BAUD: Final = 115200
AUTO: Final = "auto"
"""The port name that stands for the only USB serial port of the machine."""

_READ_S: Final = 0.02
"""One read gathers what arrives in this time: a frame or two, well under the tenth of a second between predictions."""

_READ_BYTES: Final = 4096
_WRITE_S: Final = 1.0

if sys.platform == "win32":
    _PORT_ERRORS: tuple[type[Exception], ...] = (serial.SerialException, OSError)
else:
    import termios

    # pyserial lets this one through when a device is pulled out while it is being opened.
    _PORT_ERRORS = (serial.SerialException, OSError, termios.error)


class LinkError(ScaleGloveError):
    """A serial port that cannot be opened; the text names the port and those that are there."""


class LinkLostError(LinkError):
    """A port that worked and does not any more: unplugged, or its far end has gone."""


class GloveLink:
    """An open port. Reads run in a thread, so that the event loop never waits for a UART."""

    def __init__(self, name: str, port: serial.SerialBase) -> None:
        self.name = name
        self._port = port
        # pyserial breaks when a port is closed under a read that a cancelled task has left behind in its thread.
        self._in_use = threading.Lock()

    @classmethod
    async def open(cls, port: str) -> Self:
        """Open a device path, a pseudo-terminal, a pyserial URL such as `socket://host:port`, or `auto`.

        Raises:
            LinkError: it cannot be opened.
        """
        name = await asyncio.to_thread(resolve_port, port)
        return cls(name, await asyncio.to_thread(_open, name))

    async def read(self) -> bytes:
        """What has arrived within 20 ms; empty when nothing has.

        Raises:
            LinkLostError: the port has gone.
        """
        return await asyncio.to_thread(self._read)

    async def command(self, command: str) -> None:
        """Send one command line, such as `header` or `interval,20`.

        Raises:
            LinkLostError: the port has gone.
        """
        await asyncio.to_thread(self._write, command.encode("ascii") + b"\n")

    async def close(self) -> None:
        """Give the port back; waits for a read under way."""
        await asyncio.to_thread(self._close)

    def _read(self) -> bytes:
        with self._in_use:
            try:
                return bytes(self._port.read(_READ_BYTES))
            except _PORT_ERRORS as error:
                raise LinkLostError(f"the serial port {self.name} has gone: {error}") from None

    def _write(self, line: bytes) -> None:
        with self._in_use:
            try:
                self._port.write(line)
            except _PORT_ERRORS as error:
                raise LinkLostError(f"the serial port {self.name} has gone: {error}") from None

    def _close(self) -> None:
        with self._in_use:
            self._port.close()


def resolve_port(port: str) -> str:
    """`port` itself, or for `auto` the only USB serial port there is.

    Raises:
        LinkError: there is none, or more than one.
    """
    if port != AUTO:
        return port
    usb = sorted(info.device for info in list_ports.comports() if info.vid is not None)
    if not usb:
        raise LinkError("no USB serial port found: plug the glove in, or name the port (--port)")
    if len(usb) > 1:
        raise LinkError(f"several USB serial ports found: {', '.join(usb)}; name the glove's (--port)")
    return str(usb[0])


def _open(name: str) -> serial.SerialBase:
    try:
        return serial.serial_for_url(name, baudrate=BAUD, timeout=_READ_S, write_timeout=_WRITE_S, exclusive=True)
    except (*_PORT_ERRORS, ValueError) as error:
        raise LinkError(_why(name, error)) from None


def _why(name: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        return f"no permission to open the serial port {name}: on Linux, join the group that owns it (often dialout)"
    if number in {errno.EAGAIN, errno.EBUSY}:
        return f"the serial port {name} is in use by another program"
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV}:
        there = sorted(info.device for info in list_ports.comports())
        return f"there is no serial port {name}; ports here: {', '.join(there) or 'none'}"
    return f"cannot open the serial port {name}: {error}"
