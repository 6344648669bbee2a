"""Probe of several ports for a glove: they are opened and read; nothing is written to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.link.errors import LinkCode, LinkError
from firmware_bridge.link.port import Port, open_port
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


async def probe_ports(candidates: Sequence[UsbPort], probe_s: float) -> ProbeResult:
    """Read all candidates at once for at most `probe_s` seconds, and choose the first in their order with a glove.

    Raises:
        LinkError: no candidate has a glove; the text gives the reason for each.
    """
    found = asyncio.Event()
    probes = [_PortProbe(usb, found) for usb in candidates]
    chosen: _PortProbe | None = None
    try:
        await _run(probes, found, probe_s)
        chosen = next((probe for probe in probes if probe.has_glove), None)
    finally:
        for probe in probes:
            if probe is not chosen:
                await probe.close()
    if chosen is None or chosen.port is None:
        raise LinkError("; ".join(_reasons(probes)), _code_of(probes))
    others = [probe.usb for probe in probes if probe.has_glove and probe is not chosen]
    return ProbeResult(chosen.usb, chosen.port, bytes(chosen.data), others)


class _PortProbe:
    """Reader of one port that looks for frames or letters in what it receives."""

    def __init__(self, usb: UsbPort, found: asyncio.Event) -> None:
        self.usb = usb
        self.port: Port | None = None
        self.error: LinkError | None = None
        self.data = bytearray()
        self._found = found
        self._decoder = GloveDecoder()

    @property
    def has_glove(self) -> bool:
        counts = self._decoder.counts
        return counts.frames + counts.letters >= _MIN_FRAMES and self.error is None

    async def run(self) -> None:
        """Read until cancelled, also after a glove is found, so that no byte is lost before the port is used."""
        try:
            self.port = await open_port(self.usb.path)
            while self.has_glove or len(self.data) < _MAX_BYTES:
                data = await self.port.read()
                self.data += data
                self._decoder.feed(data)
                if self.has_glove:
                    self._found.set()
        except LinkError as error:
            self.error = error

    async def close(self) -> None:
        if self.port is not None:
            await self.port.close()


async def _run(probes: Sequence[_PortProbe], found: asyncio.Event, probe_s: float) -> None:
    tasks = [asyncio.create_task(probe.run()) for probe in probes]
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(probe_s):
                await found.wait()
        if found.is_set() and len(probes) > 1:
            await asyncio.sleep(_GRACE_S)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _code_of(probes: Sequence[_PortProbe]) -> LinkCode:
    """Return the code that all ports failed with if it is the same one, else NO_GLOVE."""
    codes = {LinkCode.NO_GLOVE if probe.error is None else probe.error.code for probe in probes}
    return codes.pop() if len(codes) == 1 else LinkCode.NO_GLOVE


def _reasons(probes: Sequence[_PortProbe]) -> list[str]:
    silent = ", ".join(str(probe.usb) for probe in probes if probe.error is None)
    errors = [str(probe.error) for probe in probes if probe.error is not None]
    return [f"no glove found on {silent}", *errors] if silent else errors
