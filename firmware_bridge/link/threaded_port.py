"""Port that is read in a thread because it has no file descriptor: Windows, and rfc2217://."""

from __future__ import annotations

import asyncio
import threading

import serial

from firmware_bridge.link.errors import PORT_ERRORS, LinkCode, LinkError, lost_error
from firmware_bridge.link.port import SerialPort, change_baud


class ThreadedPort(SerialPort):
    """Open port whose reads and writes run in threads, so that the event loop never blocks on a UART.

    `port` has a read timeout, after which a read without data is repeated.
    """

    def __init__(self, name: str, port: serial.SerialBase) -> None:
        self.name = name
        self._port = port
        # pyserial fails when a port is closed during a read that a cancelled task has left running in its thread.
        self._in_use = threading.Lock()
        self._reading: asyncio.Future[bytes] | None = None

    async def read(self) -> bytes:
        """Wait for data and return it; a cancelled call consumes nothing.

        Raises:
            LinkLostError: the port is lost.
        """
        while True:
            if self._reading is None:
                self._reading = asyncio.ensure_future(asyncio.to_thread(self._read))
            # Shielded and kept: the next call returns what the thread reads after a cancelled one.
            try:
                data = await asyncio.shield(self._reading)
            except LinkError:
                self._reading = None
                raise
            self._reading = None
            if data:
                return data

    async def write(self, line: bytes) -> None:
        """Write a line.

        Raises:
            LinkLostError: the port is lost.
            LinkError: the device does not read it.
        """
        await asyncio.to_thread(self._write, line)

    async def set_baud(self, baud: int) -> None:
        """Read and write at another rate; what was received at the previous one is dropped.

        Raises:
            LinkError: the port does not take this rate.
        """
        await asyncio.to_thread(self._set_baud, baud)

    async def close(self) -> None:
        """Close the port after the read in progress."""
        if self._reading is not None:
            self._reading.cancel()
        await asyncio.to_thread(self._close)

    def _read(self) -> bytes:
        with self._in_use:
            try:
                first = bytes(self._port.read(1))
                return first + bytes(self._port.read(self._port.in_waiting)) if first else b""
            except PORT_ERRORS as error:
                raise lost_error(self.name, error) from None

    def _write(self, line: bytes) -> None:
        with self._in_use:
            try:
                self._port.write(line)
            except serial.SerialTimeoutException:
                detail = f"the serial port {self.name} takes no commands: the device does not read"
                raise LinkError(detail, LinkCode.NOT_READING) from None
            except PORT_ERRORS as error:
                raise lost_error(self.name, error) from None

    def _set_baud(self, baud: int) -> None:
        with self._in_use:
            change_baud(self._port, baud)

    def _close(self) -> None:
        with self._in_use:
            self._port.close()
