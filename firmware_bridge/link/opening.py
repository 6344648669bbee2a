"""Opening of ports: a device path, a pseudo-terminal, a pyserial URL, or an address that gloves connect to."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Final
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

from firmware_bridge.link.causes import Machine
from firmware_bridge.link.descriptor_port import DescriptorPort
from firmware_bridge.link.dial_in import DIAL_IN, DialInPort, DialInServer, start_server
from firmware_bridge.link.errors import PORT_ERRORS, PortNameError, open_error
from firmware_bridge.link.open_serial import open_serial
from firmware_bridge.link.port import Port, SerialPort, Tap, TappedPort
from firmware_bridge.link.port_names import device_name, is_distraction
from firmware_bridge.link.rate_port import RatePort
from firmware_bridge.link.rate_search import RateSearch
from firmware_bridge.link.serial_line import SerialLine
from firmware_bridge.link.state import Timing
from firmware_bridge.link.threaded_port import ThreadedPort

_CONNECTED: Final = {"socket", "rfc2217"}
_RATELESS: Final = {"socket", "loop"}
"""Schemes of pyserial whose ports have no baud rate."""

_KNOWN_RATES: Final = 64
"""Ports whose rate is remembered; more than a machine has."""


class PortOpener:
    """Opener of ports with the settings of `line`; `tap` receives their bytes.

    Gloves that connect by themselves are listened for from the first opening until the opener is closed, so that they
    find the address also while the link is between two openings.
    """

    def __init__(
        self,
        line: SerialLine | None = None,
        *,
        baud_s: float = Timing().baud_s,
        tap: Tap | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._line = line or SerialLine()
        self._baud_s = baud_s
        self._tap = tap
        self._machine = machine or Machine()
        self._rates: dict[str, int] = {}
        self._servers: dict[str, DialInServer] = {}

    @property
    def machine(self) -> Machine:
        """What can be learned about this machine's ports."""
        return self._machine

    async def open(self, name: str) -> Port:
        """Open the port with this name.

        Raises:
            PortNameError: the name is not valid.
            LinkError: the port cannot be opened.
        """
        check_name(name)
        scheme = _scheme(name)
        if scheme in DIAL_IN:
            return self._tapped(DialInPort(name, await self._server(name)), None)
        search = RateSearch(self._line.rates(self._rates.get(name)), self._baud_s)
        port = await self._open_serial(name, search.baud)
        if scheme in _RATELESS:
            return self._tapped(port, None)
        return RatePort(self._tapped(port, search.baud), search, lambda baud: self._settled(name, baud))

    async def close(self) -> None:
        """Stop listening for gloves."""
        while self._servers:
            await self._servers.popitem()[1].close()

    async def _server(self, name: str) -> DialInServer:
        if name not in self._servers:
            self._servers[name] = await start_server(name)
        return self._servers[name]

    async def _open_serial(self, name: str, baud: int) -> SerialPort:
        opening = asyncio.ensure_future(asyncio.to_thread(_open, name, self._line, baud, self._machine))
        try:
            port = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise
        if sys.platform == "win32" or not _has_descriptor(port):
            return ThreadedPort(name, port)
        return DescriptorPort(name, port)

    def _tapped(self, port: Port, baud: int | None) -> SerialPort:
        if self._tap is None:
            return port  # type: ignore[return-value]
        return TappedPort(port, self._tap, baud)

    def _settled(self, name: str, baud: int) -> None:
        if len(self._rates) < _KNOWN_RATES:
            self._rates[name] = baud


def check_name(name: str) -> None:
    """Check a port name; for an invalid one pyserial's message is the text of a Python error.

    Raises:
        PortNameError: the name is not valid.
    """
    if not name:
        raise PortNameError("the port name is empty: use a name such as /dev/ttyACM0, COM3 or socket://HOST:PORT")
    scheme = _scheme(name)
    if not scheme:
        return
    if scheme in DIAL_IN:
        if not _has_address(name, lowest=0):
            raise PortNameError(f"{name} is not an address to listen on: use {scheme}://HOST:PORT")
        return
    if scheme in _CONNECTED and not _has_address(name, lowest=1):
        raise PortNameError(f"{name} is not a network port: use {scheme}://HOST:PORT with PORT from 1 to 65535")
    try:
        serial.serial_for_url(name, do_not_open=True)
    except ValueError as error:
        raise PortNameError(f"{name} is not the name of a serial port: {error}") from None


def _scheme(name: str) -> str:
    scheme, separator, _ = name.partition("://")
    return scheme if separator else ""


def _has_address(url: str, *, lowest: int) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port is not None and parts.port >= lowest
    except ValueError:
        return False


def _open(name: str, line: SerialLine, baud: int, machine: Machine) -> serial.SerialBase:
    try:
        return open_serial(device_name(name, sys.platform), line, baud)
    except ValueError as error:
        raise PortNameError(f"{name} is not the name of a serial port: {error}") from None
    except PORT_ERRORS as error:
        existing = [info.device for info in list_ports.comports() if not is_distraction(info.device)]
        raise open_error(name, error, existing, machine) from None


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
