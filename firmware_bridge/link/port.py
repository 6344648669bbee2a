"""What every port does, however it is read; `opening.py` opens them."""

from __future__ import annotations

from typing import Final, Protocol

import serial

from firmware_bridge.link.errors import PORT_ERRORS, LinkCode, LinkError
from firmware_bridge.link.note import NO_NOTE, Note

_REFUSED_RATE: Final[tuple[type[Exception], ...]] = (ValueError, *PORT_ERRORS)


class Port(Protocol):
    """Open port; its errors are those of `errors.py`."""

    name: str

    @property
    def note(self) -> Note:
        """What is to be known about the open port at the moment."""
        return NO_NOTE

    async def read(self) -> bytes:
        """Wait for data and return it, or no bytes where those that came are still judged; a cancelled call consumes
        nothing."""
        ...

    async def write(self, line: bytes) -> None:
        """Write a line to the device."""
        ...

    async def close(self) -> None:
        """Close the port; it must not be being read."""
        ...


class SerialPort(Port, Protocol):
    """Port with a baud rate."""

    async def set_baud(self, baud: int) -> None:
        """Read and write at another rate; what was received at the previous one is dropped."""
        ...


class Tap(Protocol):
    """Listener to the bytes of all ports, such as a raw recording; it never raises."""

    def opened(self, name: str, baud: int | None) -> int:
        """Return the number of a port that was opened."""
        ...

    def baud_changed(self, number: int, baud: int) -> None:
        """Take the rate at which the next bytes are read."""
        ...

    def received(self, number: int, data: bytes) -> None:
        """Take the bytes of one read."""
        ...

    def wrote(self, number: int, data: bytes) -> None:
        """Take bytes that were written."""
        ...

    def closed(self, number: int, reason: str) -> None:
        """Take the end of a port, and why it was lost if it was."""
        ...


class TappedPort(SerialPort):
    """Port of which a tap receives the bytes as they arrive, before anything judges them."""

    def __init__(self, port: Port, tap: Tap, baud: int | None) -> None:
        self.name = port.name
        self._port = port
        self._tap = tap
        self._number = tap.opened(port.name, baud)
        self._lost = ""

    @property
    def note(self) -> Note:
        """What is to be known about the open port."""
        return self._port.note

    async def read(self) -> bytes:
        """Wait for data and return it; a cancelled call consumes nothing.

        Raises:
            LinkLostError: the port is lost.
        """
        try:
            data = await self._port.read()
        except LinkError as error:
            self._lost = str(error)
            raise
        self._tap.received(self._number, data)
        return data

    async def write(self, line: bytes) -> None:
        """Write a line.

        Raises:
            LinkLostError: the port is lost.
            LinkError: the device does not read it.
        """
        await self._port.write(line)
        self._tap.wrote(self._number, line)

    async def set_baud(self, baud: int) -> None:
        """Read and write at another rate.

        Raises:
            LinkError: the port does not take this rate, or has none.
        """
        if not hasattr(self._port, "set_baud"):
            raise LinkError(f"{self.name} has no baud rate", LinkCode.CANNOT_OPEN)
        await self._port.set_baud(baud)
        self._tap.baud_changed(self._number, baud)

    async def close(self) -> None:
        """Close the port; it must not be being read."""
        await self._port.close()
        self._tap.closed(self._number, self._lost)


def change_baud(port: serial.SerialBase, baud: int) -> None:
    """Set the rate of a pyserial port, in this thread, and drop what it received.

    Raises:
        LinkError: the port does not take this rate.
    """
    try:
        port.baudrate = baud
        port.reset_input_buffer()
    except _REFUSED_RATE as error:
        # A port that was unplugged meanwhile fails at the next read too.
        raise LinkError(f"the serial port {port.port} does not take {baud} baud: {error}") from None
