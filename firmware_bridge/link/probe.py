"""Which of several ports has a glove: they are opened and listened to; nothing is written to them."""

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

_ENOUGH: Final = 3
"""One line of nine numbers may be chance; three frames or letters are a glove."""

_GRACE_S: Final = 0.5
"""Time for other gloves to be heard once one has been: whatever runs sends within it."""

_MAX_BYTES: Final = 256 * 1024
"""A port that says so much without a frame has no glove; what is heard is kept until one is chosen."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The port that is taken, still open, all that it has said meanwhile, and others that speak like a glove too."""

    usb: UsbPort
    port: Port
    data: bytes
    others: Sequence[UsbPort]


async def listen(candidates: Sequence[UsbPort], listen_s: float) -> Heard:
    """Listen to all of them at once, for `listen_s` at the most; the first in their order that speaks is taken.

    Raises:
        LinkError: none has; the text says what is known of each.
    """
    one_speaks = asyncio.Event()
    listeners = [_Listener(usb, one_speaks) for usb in candidates]
    taken: _Listener | None = None
    try:
        await _run(listeners, one_speaks, listen_s)
        taken = next((listener for listener in listeners if listener.speaks), None)
    finally:
        for listener in listeners:
            if listener is not taken:
                await listener.close()
    if taken is None or taken.port is None:
        raise LinkError("; ".join(_silence(listeners)), _code_of(listeners))
    others = [listener.usb for listener in listeners if listener.speaks and listener is not taken]
    return Heard(taken.usb, taken.port, bytes(taken.data), others)


class _Listener:
    def __init__(self, usb: UsbPort, one_speaks: asyncio.Event) -> None:
        self.usb = usb
        self.port: Port | None = None
        self.refused: LinkError | None = None
        self.data = bytearray()
        self._one_speaks = one_speaks
        self._decoder = GloveDecoder()

    @property
    def speaks(self) -> bool:
        counts = self._decoder.counts
        return counts.frames + counts.letters >= _ENOUGH and self.refused is None

    async def run(self) -> None:
        """Listen until cancelled: also when all is clear, so that nothing is lost until the port is taken."""
        try:
            self.port = await open_port(self.usb.path)
            while self.speaks or len(self.data) < _MAX_BYTES:
                data = await self.port.read()
                self.data += data
                self._decoder.feed(data)
                if self.speaks:
                    self._one_speaks.set()
        except LinkError as error:
            self.refused = error

    async def close(self) -> None:
        if self.port is not None:
            await self.port.close()


async def _run(listeners: Sequence[_Listener], one_speaks: asyncio.Event, listen_s: float) -> None:
    tasks = [asyncio.create_task(listener.run()) for listener in listeners]
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(listen_s):
                await one_speaks.wait()
        if one_speaks.is_set() and len(listeners) > 1:
            await asyncio.sleep(_GRACE_S)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _code_of(listeners: Sequence[_Listener]) -> LinkCode:
    """The code of the ports' refusals where all were refused for one reason; else that no glove is there."""
    codes = {LinkCode.NO_GLOVE if each.refused is None else each.refused.code for each in listeners}
    return codes.pop() if len(codes) == 1 else LinkCode.NO_GLOVE


def _silence(listeners: Sequence[_Listener]) -> list[str]:
    silent = ", ".join(str(listener.usb) for listener in listeners if listener.refused is None)
    reasons = [str(listener.refused) for listener in listeners if listener.refused is not None]
    return [f"nothing that speaks like a glove at {silent}", *reasons] if silent else reasons
