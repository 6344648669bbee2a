"""Serial port that is read at the usual baud rates until one gives frames. It stays open, so no board restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from firmware_bridge.link.errors import LinkCode, LinkError, LinkLostError
from firmware_bridge.link.note import NO_NOTE, Note
from firmware_bridge.link.port import Port, SerialPort
from firmware_bridge.link.rate_search import RateSearch, Verdict
from firmware_bridge.link.serial_line import BAUDS


class RatePort(Port):
    """Port of which the rate is searched; `settled` is called once with the rate that gives frames.

    While a rate is judged, `read` returns no bytes, but still returns as they come.
    """

    def __init__(self, port: SerialPort, search: RateSearch, settled: Callable[[int], None]) -> None:
        self.name = port.name
        self._port = port
        self._search = search
        self._settled = settled
        self._held = b""

    @property
    def note(self) -> Note:
        """What is to be known about the rate."""
        search = self._search
        if search.doubtful:
            return Note(
                f"what comes at {search.baud} baud is not text: --baud auto tries the other usual rates",
                LinkCode.BAUD_DOUBTFUL,
            )
        if search.settled:
            if search.baud == BAUDS[0] or search.is_single:
                return NO_NOTE
            return Note(f"reading at {search.baud} baud, which was found by trying", LinkCode.BAUD_FOUND)
        if not search.tried:
            return NO_NOTE
        return Note(f"nothing readable at {search.previous} baud: trying {search.baud} baud", LinkCode.BAUD_SEARCHED)

    async def read(self) -> bytes:
        """Wait for data and return what is readable of it, or no bytes; a cancelled call consumes nothing.

        Raises:
            LinkLostError: the port is lost.
        """
        data = await self._port.read()
        if self._search.settled:
            return data
        verdict = self._search.judge(data, asyncio.get_running_loop().time())
        if verdict is Verdict.HOLD:
            self._held += data
            return b""
        held, self._held = self._held, b""
        if verdict is Verdict.NEXT:
            await asyncio.shield(self._change_rate())
            return b""
        if self._search.settled:
            self._settled(self._search.baud)
        return held + data

    async def write(self, line: bytes) -> None:
        """Write a line.

        Raises:
            LinkLostError: the port is lost.
            LinkError: the device does not read it.
        """
        await self._port.write(line)

    async def close(self) -> None:
        """Close the port; it must not be being read."""
        await self._port.close()

    async def _change_rate(self) -> None:
        try:
            await self._port.set_baud(self._search.baud)
        except LinkLostError:
            raise
        except LinkError:
            pass  # the driver does not know this rate: the search goes on from the bytes of the previous one
