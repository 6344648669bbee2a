"""The serial port: bytes from the glove and commands to it, over anything that pyserial can open."""

from __future__ import annotations

import asyncio
import errno
import sys
import threading
from typing import Final, Self
from urllib.parse import urlsplit

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
_NETWORK_SCHEMES: Final = {"socket", "rfc2217"}

if sys.platform == "win32":
    _PORT_ERRORS: tuple[type[Exception], ...] = (serial.SerialException, OSError)
else:
    import termios

    # pyserial lets this one through when a device is pulled out while it is being opened.
    _PORT_ERRORS = (serial.SerialException, OSError, termios.error)


class LinkError(ScaleGloveError):
    """A serial port that cannot be opened; the text names the port and those that are there."""


class PortNameError(LinkError):
    """A text that names no port on any machine."""


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
            PortNameError: it is no name of a port.
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
                raise LinkLostError(_how_it_went(self.name, error)) from None

    def _write(self, line: bytes) -> None:
        with self._in_use:
            try:
                self._port.write(line)
            except _PORT_ERRORS as error:
                raise LinkLostError(_how_it_went(self.name, error)) from None

    def _close(self) -> None:
        with self._in_use:
            self._port.close()


def resolve_port(port: str) -> str:
    """`port` itself, or for `auto` the only USB serial port there is.

    Raises:
        PortNameError: it is no name of a port.
        LinkError: there is none, or more than one.
    """
    if port != AUTO:
        _check_name(port)
        return port
    usb = sorted(info.device for info in list_ports.comports() if info.vid is not None)
    if not usb:
        raise LinkError("no USB serial port found: plug the glove in, or name the port (--port)")
    if len(usb) > 1:
        raise LinkError(f"several USB serial ports found: {', '.join(usb)}; name the glove's (--port)")
    return str(usb[0])


def _check_name(port: str) -> None:
    """Refuse here what pyserial answers with the text of a Python error."""
    if not port:
        raise PortNameError("a serial port has a name, such as /dev/ttyACM0, COM3 or socket://HOST:PORT")
    scheme = port.partition("://")[0]
    if scheme not in _NETWORK_SCHEMES or scheme == port:
        return
    try:
        parts = urlsplit(port)
        complete = bool(parts.hostname and parts.port)
    except ValueError:
        complete = False
    if not complete:
        raise PortNameError(f"{port} is not a port on the network: {scheme}://HOST:PORT is, with PORT from 1 to 65535")


def _open(name: str) -> serial.SerialBase:
    try:
        return serial.serial_for_url(name, baudrate=BAUD, timeout=_READ_S, write_timeout=_WRITE_S, exclusive=True)
    except ValueError as error:
        raise PortNameError(f"{name} is not the name of a serial port: {error}") from None
    except _PORT_ERRORS as error:
        raise LinkError(_why(name, error)) from None


def _why(name: str, error: Exception) -> str:
    number = _number(error)
    if number == errno.EACCES:
        return f"no permission to open the serial port {name}: on Linux, join the group that owns it (often dialout)"
    if number in {errno.EAGAIN, errno.EBUSY}:
        return f"the serial port {name} is in use by another program"
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV}:
        there = sorted(info.device for info in list_ports.comports())
        return f"there is no serial port {name}; ports here: {', '.join(there) or 'none'}"
    if number in {errno.ENOTTY, errno.EISDIR}:
        return f"{name} is not a serial port"
    return f"cannot open the serial port {name}: {error}"


def _how_it_went(name: str, error: Exception) -> str:
    pulled = _number(error) in {errno.EIO, errno.ENXIO, errno.ENODEV} or "returned no data" in str(error)
    return f"the serial port {name} has gone: {'unplugged' if pulled else error}"


def _number(error: BaseException) -> int | None:
    """The system's number of an error; pyserial often keeps it only in the error that its own one replaces."""
    for cause in (error, error.__context__):
        number = cause.args[0] if cause is not None and cause.args else None
        if isinstance(number, int):
            return number
    return None
