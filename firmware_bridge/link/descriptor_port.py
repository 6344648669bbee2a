"""Port with a file descriptor that the event loop waits for. POSIX: ttys and TCP."""

from __future__ import annotations

import asyncio
import os
from typing import Final

import serial

from firmware_bridge.link.errors import PORT_ERRORS, LinkCode, LinkError, LinkLostError, lost_error
from firmware_bridge.link.port import SerialPort, change_baud

_READ_BYTES: Final = 65536

GATHER_S: Final = 0.002
"""Minimum time between reads: at 1,000 Hz each then returns two or three frames, for a third of the work."""

_CLOSED: Final = ("the other side closed the connection", LinkCode.CLOSED)
_UNPLUGGED: Final = ("it was unplugged", LinkCode.UNPLUGGED)


class DescriptorPort(SerialPort):
    """Open port of the running event loop; `name` is the name it was opened with."""

    def __init__(self, name: str, port: serial.SerialBase) -> None:
        self.name = name
        self._port = port
        self._descriptor: int = port.fileno()
        self._loop = asyncio.get_running_loop()
        self._next_read_s = 0.0

    async def read(self) -> bytes:
        """Wait for data and return it; a cancelled call consumes nothing.

        Raises:
            LinkLostError: the port is lost.
        """
        pause_s = self._next_read_s - self._loop.time()
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        ready = False
        while not (data := self._read_now()):
            # A tty returns no bytes both when there are none (pyserial sets VMIN to 0) and when it was unplugged, but
            # then it is reported as readable.
            if ready and data is not None:
                reason, code = _CLOSED if "://" in self.name else _UNPLUGGED
                raise LinkLostError(f"the serial port {self.name} is lost: {reason}", code)
            await self._readable()
            ready = True
        self._next_read_s = self._loop.time() + GATHER_S
        return data

    async def write(self, line: bytes) -> None:
        """Write a line without waiting for the device to read it.

        Raises:
            LinkLostError: the port is lost.
            LinkError: the line does not fit into the write buffer because the device does not read.
        """
        try:
            written = os.write(self._descriptor, line)
        except BlockingIOError:
            written = 0
        except PORT_ERRORS as error:
            raise lost_error(self.name, error) from None
        if written < len(line):
            detail = f"the serial port {self.name} takes no commands: the device has not read the previous ones"
            raise LinkError(detail, LinkCode.NOT_READING)

    async def set_baud(self, baud: int) -> None:
        """Read and write at another rate; what was received at the previous one is dropped.

        Raises:
            LinkError: the port does not take this rate.
        """
        await asyncio.to_thread(change_baud, self._port, baud)

    async def close(self) -> None:
        """Close the port; it must not be being read."""
        # In a thread: a driver may wait until the device has read what was written.
        await asyncio.to_thread(self._port.close)

    def _read_now(self) -> bytes | None:
        """Return the available bytes: None if there are none, empty if there are none or the port is lost."""
        try:
            return os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return None
        except PORT_ERRORS as error:
            raise lost_error(self.name, error) from None

    async def _readable(self) -> None:
        ready = self._loop.create_future()
        self._loop.add_reader(self._descriptor, _resolve, ready)
        try:
            await ready
        finally:
            self._loop.remove_reader(self._descriptor)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
