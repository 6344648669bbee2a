"""Discovery of the glove's port: the named port, its new name after the glove is replugged, or `auto`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware_bridge.link.errors import LinkCode, LinkError
from firmware_bridge.link.port import Port, check_name, open_port
from firmware_bridge.link.ports import Lister, UsbPort, by_likelihood, find_again, port_at
from firmware_bridge.link.probe import ProbeResult, probe_ports
from firmware_bridge.link.state import Timing
from scaleglove.backoff import Backoff

AUTO: Final = "auto"


class NoGloveError(LinkError):
    """`auto` has not found a glove."""


@dataclass(frozen=True, slots=True)
class FoundPort:
    """An open port, the bytes already received from it, and a note about the choice with its code."""

    port: Port
    received: bytes = b""
    note: str = ""
    code: LinkCode | None = None


class PortFinder:
    """Finder that opens the port of one glove, repeatedly; `path` is where it was last found."""

    def __init__(self, name: str, lister: Lister, timing: Timing) -> None:
        if name != AUTO:
            check_name(name)
        self._name = name
        self._lister = lister
        self._timing = timing
        self._probe_time = Backoff(timing.probe_s, timing.max_probe_s)
        self._silent: tuple[list[UsbPort], float, LinkError] | None = None
        self._glove: UsbPort | None = None
        self.path: str | None = None if name == AUTO else name

    async def open(
        self, searching: Callable[[str], None], opening: Callable[[str, str, LinkCode | None], None]
    ) -> FoundPort:
        """Open the glove's port; `searching` or `opening` is called first, with what is being done.

        Raises:
            NoGloveError: `auto` has found no glove.
            LinkError: the port does not exist or cannot be opened.
        """
        ports = [] if "://" in self._name else list(await asyncio.to_thread(self._lister))
        if self._name == AUTO and self._glove is None:
            return await self._search(by_likelihood(ports), searching)
        path, note = self._locate(ports)
        code = LinkCode.MOVED if note else None
        opening(path, note, code)
        port = await open_port(path)
        self.path = path
        self._glove = port_at(path, ports) or self._glove
        return FoundPort(port, note=note, code=code)

    def _locate(self, ports: list[UsbPort]) -> tuple[str, str]:
        """Return the glove's current path and a note if it has changed."""
        if self._glove is None:
            return self._name, ""
        found = find_again(self._glove, ports)
        if found is not None:
            moved = found.path != self._glove.path
            return found.path, f"the same glove as before at {self._glove.path}" if moved else ""
        if self._name == AUTO:
            raise LinkError(
                f"the glove at {self._glove} has been unplugged: plug it in again, or restart to search for another",
                LinkCode.UNPLUGGED,
            )
        return self._name, ""

    async def _search(self, candidates: list[UsbPort], searching: Callable[[str], None]) -> FoundPort:
        if not candidates:
            detail = "no USB serial port found: plug the glove in, or name the port with --port"
            raise NoGloveError(detail, LinkCode.NO_PORT)
        self._raise_if_silent(candidates)
        searching(f"listening on {', '.join(map(str, candidates))}")
        try:
            result = await probe_ports(candidates, self._probe_time.next_s())
        except LinkError as error:
            self._silent = candidates, self._now_s() + self._timing.skip_silent_s, error
            raise NoGloveError(str(error), error.code) from None
        self._probe_time.reset()
        self._glove, self.path = result.usb, result.usb.path
        return FoundPort(
            result.port, result.data, _choice_note(result), LinkCode.SEVERAL_GLOVES if result.others else None
        )

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


def _choice_note(result: ProbeResult) -> str:
    """Return a note that names the other gloves, if there are any."""
    if not result.others:
        return ""
    others = ", ".join(map(str, result.others))
    return f"several gloves found: using {result.usb}, not {others}; choose another with --port"
