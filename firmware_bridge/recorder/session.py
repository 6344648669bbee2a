"""Recording labelled episodes with somebody who wears the glove: who is asked, what is taken, what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.state import LinkStatus
from firmware_bridge.recorder.episode_file import save
from firmware_bridge.recorder.plan import Slot
from firmware_bridge.recorder.take import Take

_SILENT_S: Final = 5.0
"""After so long without a frame the wearer is told, rather than left holding a letter."""


class Answer(Enum):
    """What the wearer wants next."""

    BEGIN = "begin"
    AGAIN = "again"
    SKIP = "skip"
    QUIT = "quit"


class Wearer(Protocol):
    """Whoever is asked: a person at a terminal, or a script."""

    async def ready(self, slot: Slot, can_redo: bool) -> Answer:
        """Ask for the letter; AGAIN means: throw the last episode away and record it once more."""
        ...

    def saved(self, slot: Slot, path: Path, take: Take) -> None: ...

    def refused(self, slot: Slot, why: str) -> None:
        """The episode is not kept; the same is asked for again."""
        ...

    def removed(self, path: Path) -> None: ...

    def link_changed(self, status: LinkStatus) -> None: ...


@dataclass(slots=True)
class _Kept:
    slot: Slot
    path: Path


class RecordingSession:
    """Records with `wearer` into the folder `collection`; `new_link` makes the link, which tells how it stands."""

    def __init__(
        self,
        new_link: Callable[[Callable[[LinkStatus], None]], GloveLink],
        wearer: Wearer,
        collection: Path,
        frames: int,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._link = new_link(wearer.link_changed)
        self._wearer = wearer
        self._collection = collection
        self._frames = frames
        self._now = now
        self._take: Take | None = None
        self._changed = asyncio.Event()
        self.kept = 0

    async def run(self, slots: Iterable[Slot]) -> None:
        """Work through `slots` until all are done or the wearer quits.

        Raises:
            OSError: an episode cannot be written.
            firmware_bridge.link.errors.PortNameError: the port has no possible name.
        """
        async with self._link:
            reading = asyncio.create_task(self._read())
            asking = asyncio.create_task(self._ask(slots))
            try:
                await asyncio.wait({reading, asking}, return_when=asyncio.FIRST_COMPLETED)
                await (asking if asking.done() else reading)
            finally:
                for task in (reading, asking):
                    task.cancel()
                await asyncio.gather(reading, asking, return_exceptions=True)

    async def _read(self) -> None:
        """Without an end: the link is kept up between episodes too."""
        while True:
            events = await self._link.read()
            if self._take is not None:
                self._take.add(events, time.time_ns() // 1_000_000)
                self._changed.set()

    async def _ask(self, slots: Iterable[Slot]) -> None:
        last: _Kept | None = None
        for slot in slots:
            todo: list[Slot] = [slot]
            while todo:
                answer = await self._wearer.ready(todo[-1], last is not None)
                if answer is Answer.QUIT:
                    return
                if answer is Answer.AGAIN and last is not None:
                    last.path.unlink(missing_ok=True)
                    self.kept -= 1
                    self._wearer.removed(last.path)
                    todo.append(last.slot)
                    last = None
                elif answer is Answer.SKIP:
                    todo.pop()
                elif (path := await self._record(todo[-1])) is not None:
                    last = _Kept(todo.pop(), path)

    async def _record(self, slot: Slot) -> Path | None:
        take = self._take = Take(self._frames)
        try:
            while not take.done:
                self._changed.clear()
                async with asyncio.timeout(_SILENT_S):
                    await self._changed.wait()
        except TimeoutError:
            status = self._link.status
            self._wearer.refused(slot, f"no frame has come for {_SILENT_S:g} s: {status.detail or status.state}")
            return None
        finally:
            self._take = None
        if faults := take.faults():
            self._wearer.refused(slot, "; ".join(faults))
            return None
        path = save(take, self._collection, slot.letter, slot.bend, self._now())
        self.kept += 1
        self._wearer.saved(slot, path, take)
        return path
