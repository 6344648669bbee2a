"""Probe of several ports for a glove: they are opened and read; nothing is written to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from firmware_bridge.codec.glove_reader import GloveReader
from firmware_bridge.link.errors import LinkCode, LinkError
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.port import Port
from firmware_bridge.link.ports import UsbPort

_MIN_FRAMES: Final = 3
"""One line of nine numbers may be chance; three frames or letters are a glove."""

_GRACE_S: Final = 0.5
"""Time to find other gloves after the first one: every running glove sends within it."""

_MAX_BYTES: Final = 256 * 1024
"""A port that sends this much without a frame has no glove; the bytes are kept until a port is chosen."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The chosen port, still open, the bytes received from it so far, and the other ports that have a glove."""

    usb: UsbPort
    port: Port
    data: bytes
    others: Sequence[UsbPort]


class ProbeRound:
    """Round of reading all candidates at once; ports that are plugged in meanwhile, as `listed` returns them every
    `search_s` seconds, are read too. `listening` is called with the ports that are read."""

    def __init__(
        self,
        opener: PortOpener,
        listed: Callable[[], Awaitable[Sequence[UsbPort]]],
        listening: Callable[[Sequence[UsbPort]], None],
        search_s: float,
    ) -> None:
        self._opener = opener
        self._listed = listed
        self._listening = listening
        self._search_s = search_s
        self._found = asyncio.Event()
        self._probes: dict[UsbPort, _PortProbe] = {}
        self._order: Sequence[UsbPort] = ()

    async def run(self, candidates: Sequence[UsbPort], probe_s: float) -> ProbeResult:
        """Read until one port has a glove, but no longer than `probe_s` seconds after the last one was plugged in, and
        choose the first in the order of the list.

        Raises:
            LinkError: no candidate has a glove; the text gives the reason for each.
        """
        chosen: _PortProbe | None = None
        try:
            await self._read(candidates, probe_s)
            chosen = next((probe for probe in self._in_order() if probe.has_glove), None)
        finally:
            for probe in self._probes.values():
                if probe is not chosen:
                    await probe.close()
        probes = self._in_order()
        if chosen is None or chosen.port is None:
            raise LinkError("; ".join(_reasons(probes)) or "the ports were unplugged", _code_of(probes))
        others = [probe.usb for probe in probes if probe.has_glove and probe is not chosen]
        return ProbeResult(chosen.usb, chosen.port, bytes(chosen.data), others)

    def _in_order(self) -> list[_PortProbe]:
        """Return the probes of ports that are still plugged in."""
        return [self._probes[usb] for usb in self._order if usb in self._probes]

    async def _read(self, candidates: Sequence[UsbPort], probe_s: float) -> None:
        try:
            end_s = self._begin(candidates, probe_s)
            while not self._found.is_set() and (rest_s := end_s - _now_s()) > 0 and not self._all_failed():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(rest_s, self._search_s)):
                        await self._found.wait()
                end_s = self._begin(await self._listed(), probe_s) or end_s
            if self._found.is_set() and len(self._probes) > 1:
                await asyncio.sleep(_GRACE_S)
        finally:
            await asyncio.gather(*(probe.stop() for probe in self._probes.values()))

    def _begin(self, candidates: Sequence[UsbPort], probe_s: float) -> float:
        """Read the ports that are new, and return when to end if there are any, else 0."""
        self._order = candidates
        for usb in [usb for usb, probe in self._probes.items() if usb not in candidates and probe.error is not None]:
            del self._probes[usb]
        new = [usb for usb in candidates if usb not in self._probes]
        for usb in new:
            self._probes[usb] = _PortProbe(usb, self._found, self._opener)
        if not new:
            return 0.0
        self._listening(candidates)
        return _now_s() + probe_s

    def _all_failed(self) -> bool:
        return all(probe.error is not None for probe in self._probes.values())


class _PortProbe:
    """Reader of one port that looks for frames or letters in what it receives."""

    def __init__(self, usb: UsbPort, found: asyncio.Event, opener: PortOpener) -> None:
        self.usb = usb
        self._opener = opener
        self.port: Port | None = None
        self.error: LinkError | None = None
        self.data = bytearray()
        self._found = found
        self._decoder = GloveReader()
        self._task = asyncio.create_task(self._run())

    @property
    def has_glove(self) -> bool:
        counts = self._decoder.counts
        return counts.frames + counts.letters >= _MIN_FRAMES and self.error is None

    async def _run(self) -> None:
        """Read until stopped, also after a glove is found, so that no byte is lost before the port is used."""
        try:
            self.port = await self._opener.open(self.usb.path)
            while self.has_glove or len(self.data) < _MAX_BYTES:
                data = await self.port.read()
                self.data += data
                self._decoder.feed(data, 1000 * _now_s())
                if self.has_glove:
                    self._found.set()
        except LinkError as error:
            self.error = error
            await self.close()

    async def stop(self) -> None:
        """End reading; the port stays open."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def close(self) -> None:
        """Close the port."""
        port, self.port = self.port, None
        if port is not None:
            await port.close()


def _code_of(probes: Sequence[_PortProbe]) -> LinkCode:
    """Return the code that all ports failed with if it is the same one, else NO_GLOVE."""
    codes = {LinkCode.NO_GLOVE if probe.error is None else probe.error.code for probe in probes}
    return codes.pop() if len(codes) == 1 else LinkCode.NO_GLOVE


def _reasons(probes: Sequence[_PortProbe]) -> list[str]:
    silent = ", ".join(str(probe.usb) for probe in probes if probe.error is None)
    errors = [str(probe.error) for probe in probes if probe.error is not None]
    return [f"no glove found on {silent}", *errors] if silent else errors


def _now_s() -> float:
    return asyncio.get_running_loop().time()
