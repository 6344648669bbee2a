"""A port with a file descriptor: the event loop reads it as soon as bytes are there. POSIX: ttys and TCP."""

from __future__ import annotations

import asyncio
import os
from typing import Final

import serial

from firmware_bridge.link.errors import PORT_ERRORS, LinkCode, LinkError, LinkLostError, lost

_READ_BYTES: Final = 65536

GATHER_S: Final = 0.002
"""Reads lie at least this far apart: at 1,000 Hz each then takes two or three frames, for a third of the work."""

_CLOSED: Final = ("its far end has closed the connection", LinkCode.CLOSED)
_UNPLUGGED: Final = ("unplugged", LinkCode.UNPLUGGED)


class DescriptorPort:
    """An open port of the running event loop; `name` is what it was opened by."""

    def __init__(self, name: str, port: serial.SerialBase) -> None:
        self.name = name
        self._port = port
        self._descriptor: int = port.fileno()
        self._loop = asyncio.get_running_loop()
        self._next_read_s = 0.0

    async def read(self) -> bytes:
        """What has arrived; waits until something has. A call that is cancelled takes nothing away.

        Raises:
            LinkLostError: the port has gone.
        """
        pause_s = self._next_read_s - self._loop.time()
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        ready = False
        while not (data := self._read_now()):
            # A tty gives no bytes when there are none (pyserial sets VMIN to 0), and also when it has been pulled out:
            # but then it calls itself readable.
            if ready and data is not None:
                far_end, code = _CLOSED if "://" in self.name else _UNPLUGGED
                raise LinkLostError(f"the serial port {self.name} has gone: {far_end}", code)
            await self._readable()
            ready = True
        self._next_read_s = self._loop.time() + GATHER_S
        return data

    async def write(self, line: bytes) -> None:
        """Hand a line to the port, without waiting for the device to read it.

        Raises:
            LinkLostError: the port has gone.
            LinkError: so much waits to be read by the device that the line does not fit.
        """
        try:
            written = os.write(self._descriptor, line)
        except BlockingIOError:
            written = 0
        except PORT_ERRORS as error:
            raise lost(self.name, error) from None
        if written < len(line):
            detail = f"the serial port {self.name} takes no commands: the device has not read those before"
            raise LinkError(detail, LinkCode.NOT_READING)

    async def close(self) -> None:
        """Give the port back; not while it is being read."""
        # In a thread: a driver may wait for the device to take what was written.
        await asyncio.to_thread(self._port.close)

    def _read_now(self) -> bytes | None:
        """What is there; None if nothing is, no bytes if nothing is or the port has gone."""
        try:
            return os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return None
        except PORT_ERRORS as error:
            raise lost(self.name, error) from None

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
