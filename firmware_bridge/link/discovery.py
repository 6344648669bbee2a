"""Where the glove is: at the port that was named, at another since it was plugged in again, or to be listened for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware_bridge.link.errors import LinkCode, LinkError
from firmware_bridge.link.port import Port, check_name, open_port
from firmware_bridge.link.ports import Lister, UsbPort, at_path, by_promise, same_again
from firmware_bridge.link.probe import Heard, listen
from firmware_bridge.link.state import Timing
from scaleglove.client.backoff import Backoff

AUTO: Final = "auto"


class NoGloveError(LinkError):
    """`auto` has not found a glove."""


@dataclass(frozen=True, slots=True)
class Found:
    """An open port, what it has said already, and what is to be said about the choice."""

    port: Port
    heard: bytes = b""
    note: str = ""
    code: LinkCode | None = None
    """Of the note."""


class PortFinder:
    """Finds and opens the port of one glove, again and again; `path` is where it was last."""

    def __init__(self, name: str, lister: Lister, timing: Timing) -> None:
        if name != AUTO:
            check_name(name)
        self._name = name
        self._lister = lister
        self._timing = timing
        self._listening = Backoff(timing.listen_s, timing.longest_listen_s)
        self._left: tuple[list[UsbPort], float, LinkError] | None = None
        self._glove: UsbPort | None = None
        self.path: str | None = None if name == AUTO else name

    async def open(
        self, searching: Callable[[str], None], opening: Callable[[str, str, LinkCode | None], None]
    ) -> Found:
        """Open the glove's port, telling `searching` or `opening` what is being done.

        Raises:
            NoGloveError: `auto`, and nothing has spoken like a glove.
            LinkError: the port is not there or cannot be opened.
        """
        ports = [] if "://" in self._name else list(await asyncio.to_thread(self._lister))
        if self._name == AUTO and self._glove is None:
            return await self._search(by_promise(ports), searching)
        path, note = self._locate(ports)
        code = LinkCode.MOVED if note else None
        opening(path, note, code)
        port = await open_port(path)
        self.path = path
        self._glove = at_path(path, ports) or self._glove
        return Found(port, note=note, code=code)

    def _locate(self, ports: list[UsbPort]) -> tuple[str, str]:
        """Where the glove is now, and what is to be said of that."""
        if self._glove is None:
            return self._name, ""
        again = same_again(self._glove, ports)
        if again is not None:
            moved = again.path != self._glove.path
            return again.path, f"the same glove as at {self._glove.path} before" if moved else ""
        if self._name == AUTO:
            raise LinkError(
                f"the glove that was at {self._glove} is not there: plug it in again, or start anew for another",
                LinkCode.UNPLUGGED,
            )
        return self._name, ""

    async def _search(self, candidates: list[UsbPort], searching: Callable[[str], None]) -> Found:
        if not candidates:
            detail = "no USB serial port found: plug the glove in, or name the port (--port)"
            raise NoGloveError(detail, LinkCode.NO_PORT)
        self._raise_if_left(candidates)
        searching(f"listening to {', '.join(map(str, candidates))}")
        try:
            heard = await listen(candidates, self._listening.next_s())
        except LinkError as error:
            self._left = candidates, self._now_s() + self._timing.leave_s, error
            raise NoGloveError(str(error), error.code) from None
        self._listening.reset()
        self._glove, self.path = heard.usb, heard.usb.path
        return Found(heard.port, heard.data, _note(heard), LinkCode.SEVERAL_GLOVES if heard.others else None)

    def _raise_if_left(self, candidates: list[UsbPort]) -> None:
        """Ports that have said nothing are left alone for a while: they may be somebody else's."""
        if self._left is not None:
            silent, until_s, why = self._left
            if candidates == silent and self._now_s() < until_s:
                raise NoGloveError(str(why), why.code)
            self._left = None

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def _note(heard: Heard) -> str:
    """What is to be said about the choice, if there was one."""
    if not heard.others:
        return ""
    others = ", ".join(map(str, heard.others))
    return f"several gloves: {heard.usb} is taken, not {others}; name a port to choose (--port)"
