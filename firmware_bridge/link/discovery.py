"""Discovery of the glove's port: the named port, its new name after the glove is replugged, or `auto`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from firmware_bridge.link.errors import LinkCode, LinkError, taken_error
from firmware_bridge.link.note import NO_NOTE, Note
from firmware_bridge.link.opening import PortOpener, check_name
from firmware_bridge.link.port import Port
from firmware_bridge.link.ports import Lister, UsbPort, by_likelihood, find_again, is_alike, port_at
from firmware_bridge.link.probe import ProbeResult, ProbeRound
from firmware_bridge.link.state import Timing
from scaleglove.backoff import Backoff

AUTO: Final = "auto"


class NoGloveError(LinkError):
    """`auto` has not found a glove."""


@dataclass(frozen=True, slots=True)
class FoundPort:
    """An open port, the bytes already received from it, a note about the choice, and the board if it is on USB."""

    port: Port
    received: bytes = b""
    note: Note = NO_NOTE
    usb: UsbPort | None = None


class PortFinder:
    """Finder that opens the port of one glove, repeatedly; `path` is where it was last found."""

    def __init__(self, name: str, lister: Lister, timing: Timing, opener: PortOpener) -> None:
        if name != AUTO:
            check_name(name)
        self._name = name
        self._lister = lister
        self._timing = timing
        self._opener = opener
        self._probe_time = Backoff(timing.probe_s, timing.max_probe_s)
        self._silent: tuple[list[UsbPort], float, LinkError] | None = None
        self._glove: UsbPort | None = None
        self._others: list[UsbPort] = []
        """The boards that `auto` has not chosen."""
        self._left: list[UsbPort] | None = None
        """The boards that were there when the glove was first found to be gone; None while it is there."""
        self.path: str | None = None if name == AUTO else name

    async def open(self, searching: Callable[[str], None], opening: Callable[[str, Note], None]) -> FoundPort:
        """Open the glove's port; `searching` or `opening` is called first, with what is being done.

        Raises:
            NoGloveError: `auto` has found no glove.
            LinkError: the port does not exist or cannot be opened.
        """
        ports = [] if "://" in self._name else await self._ports()
        if self._name == AUTO and (self._glove is None or self._has_successor(self._glove, ports)):
            return await self._search(self._possible(ports), searching)
        path, note = self._locate(ports)
        opening(path, note)
        port = await self._opener.open(path)
        self.path = path
        usb = port_at(path, ports)
        self._glove, self._left = usb or self._glove, None
        return FoundPort(port, note=note, usb=usb)

    async def _ports(self) -> list[UsbPort]:
        return by_likelihood(await asyncio.to_thread(self._lister))

    def _possible(self, ports: Sequence[UsbPort]) -> list[UsbPort]:
        """Return the ports at which the glove may be: not those of the boards that have been there beside it."""
        self._others = [board for board in self._others if find_again(board, ports) is not None]
        return [port for port in ports if find_again(port, self._others) is None]

    def _has_successor(self, glove: UsbPort, ports: Sequence[UsbPort]) -> bool:
        """Return whether the glove is unplugged and another board was plugged in since."""
        return find_again(glove, ports) is None and bool(self._possible(ports))

    def _locate(self, ports: list[UsbPort]) -> tuple[str, Note]:
        """Return the glove's current path and a note if it has changed."""
        if self._glove is None:
            return self._name, NO_NOTE
        found = find_again(self._glove, ports) or self._moved(self._glove, ports)
        if found is not None:
            if found.path == self._glove.path:
                return found.path, NO_NOTE
            return found.path, Note(f"the same glove as before at {self._glove.path}", LinkCode.MOVED)
        if self._name == AUTO:
            raise LinkError(
                f"the glove at {self._glove} has been unplugged: plug it in again, or another one",
                LinkCode.UNPLUGGED,
            )
        return self._name, NO_NOTE

    def _moved(self, glove: UsbPort, ports: Sequence[UsbPort]) -> UsbPort | None:
        """Return the glove in another socket: the only board like it that has come since it went. A board that was
        there before is its neighbour."""
        if self._left is None:
            self._left = list(ports)
        come = [port for port in ports if is_alike(port, glove) and find_again(port, self._left) is None]
        return come[0] if len(come) == 1 else None

    async def _search(self, candidates: list[UsbPort], searching: Callable[[str], None]) -> FoundPort:
        if not candidates:
            taken = await asyncio.to_thread(taken_error, self._opener.machine)
            if taken is not None:
                raise NoGloveError(str(taken), taken.code)
            detail = "no USB serial port found: plug the glove in, or name the port with --port"
            raise NoGloveError(detail, LinkCode.NO_PORT)
        self._raise_if_silent(candidates)

        async def listed() -> list[UsbPort]:
            nonlocal candidates
            candidates = self._possible(await self._ports())
            return candidates

        def listening(usb: Sequence[UsbPort]) -> None:
            searching(f"listening on {', '.join(map(str, usb))}")

        try:
            result = await ProbeRound(self._opener, listed, listening, self._timing.search_s).run(
                candidates, self._probe_time.next_s()
            )
        except LinkError as error:
            self._silent = candidates, self._now_s() + self._timing.skip_silent_s, error
            raise NoGloveError(str(error), error.code) from None
        self._probe_time.reset()
        self._glove, self.path = result.usb, result.usb.path
        self._others += [port for port in candidates if port != result.usb]
        return FoundPort(result.port, result.data, _choice_note(result), result.usb)

    def _raise_if_silent(self, candidates: list[UsbPort]) -> None:
        """Raise the last error again while the same ports are left alone: they may belong to other devices."""
        if self._silent is not None:
            silent, until_s, why = self._silent
            if candidates == silent and self._now_s() < until_s:
                raise NoGloveError(str(why), why.code)
            self._silent = None

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def _choice_note(result: ProbeResult) -> Note:
    """Return a note that names the other gloves, if there are any."""
    if not result.others:
        return NO_NOTE
    others = ", ".join(map(str, result.others))
    return Note(
        f"several gloves found: using {result.usb}, not {others}; choose another with --port", LinkCode.SEVERAL_GLOVES
    )
