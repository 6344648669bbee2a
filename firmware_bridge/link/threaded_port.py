"""A port that can only be waited for in a thread: those of Windows, and rfc2217://."""

from __future__ import annotations

import asyncio
import threading

import serial

from firmware_bridge.link.errors import PORT_ERRORS, LinkCode, LinkError, lost


class ThreadedPort:
    """An open port whose reads and writes run in threads, so that the event loop never waits for a UART.

    `port` has a read timeout, after which a read that got nothing is begun anew.
    """

    def __init__(self, name: str, port: serial.SerialBase) -> None:
        self.name = name
        self._port = port
        # pyserial breaks when a port is closed under a read that a cancelled task has left behind in its thread.
        self._in_use = threading.Lock()
        self._reading: asyncio.Future[bytes] | None = None

    async def read(self) -> bytes:
        """What has arrived; waits until something has. A call that is cancelled takes nothing away.

        Raises:
            LinkLostError: the port has gone.
        """
        while True:
            if self._reading is None:
                self._reading = asyncio.ensure_future(asyncio.to_thread(self._read))
            # Shielded and kept: what the thread reads after a cancelled call is there for the next one.
            try:
                data = await asyncio.shield(self._reading)
            except LinkError:
                self._reading = None
                raise
            self._reading = None
            if data:
                return data

    async def write(self, line: bytes) -> None:
        """Hand a line to the port.

        Raises:
            LinkLostError: the port has gone.
            LinkError: the device does not take it.
        """
        await asyncio.to_thread(self._write, line)

    async def close(self) -> None:
        """Give the port back; waits for a read under way."""
        if self._reading is not None:
            self._reading.cancel()
        await asyncio.to_thread(self._close)

    def _read(self) -> bytes:
        with self._in_use:
            try:
                first = bytes(self._port.read(1))
                return first + bytes(self._port.read(self._port.in_waiting)) if first else b""
            except PORT_ERRORS as error:
                raise lost(self.name, error) from None

    def _write(self, line: bytes) -> None:
        with self._in_use:
            try:
                self._port.write(line)
            except serial.SerialTimeoutException:
                detail = f"the serial port {self.name} takes no commands: the device does not read"
                raise LinkError(detail, LinkCode.NOT_READING) from None
            except PORT_ERRORS as error:
                raise lost(self.name, error) from None

    def _close(self) -> None:
        with self._in_use:
            self._port.close()
