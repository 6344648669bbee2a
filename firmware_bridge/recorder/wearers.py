"""Who is asked while episodes are recorded: a person at a terminal, or nobody."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final, TextIO

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from firmware_bridge.link.state import LinkState, LinkStatus
from firmware_bridge.recorder.plan import Slot
from firmware_bridge.recorder.session import Answer
from firmware_bridge.recorder.take import Take

_READ_BYTES: Final = 1024
_MAX_REFUSED: Final = 3
"""Times in a row that a script lets the same episode fail: nobody is there to mend what is wrong."""

_ANSWERS: Final = {"": Answer.BEGIN, "r": Answer.AGAIN, "s": Answer.SKIP, "q": Answer.QUIT}


class Lines:
    """Lines of a text that somebody types. No thread waits for them where the system can tell when they come: nobody
    could stop it."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._held = b""

    async def next(self) -> str | None:
        """The next line; None when there are no more."""
        while b"\n" not in self._held:
            data = await self._more()
            if not data:
                return None
            self._held += data
        line, _, self._held = self._held.partition(b"\n")
        return line.decode(errors="replace").strip()

    async def _more(self) -> bytes:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        descriptor = self._source.fileno()
        try:
            loop.add_reader(descriptor, _resolve, ready)
        except (NotImplementedError, PermissionError):  # Windows; a file, which is always ready
            return (await asyncio.to_thread(self._source.readline)).encode()
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
        return os.read(descriptor, _READ_BYTES)


class Told:
    """What is common to both: saved episodes are told on stdout, as text or as JSON."""

    def __init__(self, out: TextIO, json: bool) -> None:
        self._out = out
        self._json = json

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        told = {"path": str(path), "letter": slot.letter, "bend": slot.bend, "rate_hz": round(take.rate_hz(), 2)}
        self._out.write(f"{orjson.dumps(told).decode() if self._json else path}\n")
        self._out.flush()

    def link_changed(self, status: LinkStatus) -> None:
        """Only what keeps the wearer waiting is told."""
        if status.state in {LinkState.LOST, LinkState.SEARCHING} and status.detail:
            sys.stderr.write(f"{status.detail}\n")


class Person(Told):
    """Prompts on stderr, with a bar over all episodes; answers by lines of stdin."""

    def __init__(self, total: int, *, countdown: int, json: bool) -> None:
        super().__init__(sys.stdout, json)
        self._countdown = countdown
        self.is_gone = False
        """There is nobody to answer: standard input has ended."""
        self._console = Console(stderr=True)
        self._lines = Lines(sys.stdin)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,
        )
        self._task = self._progress.add_task("episodes", total=total)

    async def ready(self, slot: Slot, can_redo: bool) -> Answer:
        self._console.print(self._progress.get_renderable())
        redo = ", r throws the last one away" if can_redo else ""
        while True:
            self._console.print(
                f"[bold]{slot.letter}[/]  held the way {slot.bend}, {slot.number} of {slot.of}: "
                f"Enter records it (s skips{redo}, q ends): ",
                end="",
            )
            line = await self._lines.next()
            if line is None:
                self.is_gone = True
                return Answer.QUIT
            answer = _ANSWERS.get(line.lower())
            if answer is Answer.BEGIN:
                await self._count_down()
            if answer is Answer.SKIP:
                self._progress.advance(self._task)
            if answer is not None and (answer is not Answer.AGAIN or can_redo):
                return answer

    async def _count_down(self) -> None:
        """The hand that pressed Enter may be the one with the glove."""
        for left in range(self._countdown, 0, -1):
            self._console.print(f"{left} ", end="")
            await asyncio.sleep(1)
        self._console.print("recording: hold it ...")

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        super().saved(slot, path, take)
        self._progress.advance(self._task)

    def refused(self, slot: Slot, why: str) -> None:
        self._console.print(f"not kept: {why}", style="yellow", markup=False)

    def removed(self, path: Path) -> None:
        self._progress.advance(self._task, -1)
        self._console.print(f"thrown away: {path.name}", markup=False)


class Script(Told):
    """Nobody: every episode begins `pause_s` after the last, and one that fails three times in a row is the end."""

    def __init__(self, pause_s: float, *, json: bool) -> None:
        super().__init__(sys.stdout, json)
        self._pause_s = pause_s
        self._refused = 0
        self.is_gone = True

    async def ready(self, slot: Slot, can_redo: bool) -> Answer:
        if self._refused >= _MAX_REFUSED:
            return Answer.QUIT
        await asyncio.sleep(self._pause_s)
        return Answer.BEGIN

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        super().saved(slot, path, take)
        self._refused = 0

    def refused(self, slot: Slot, why: str) -> None:
        self._refused += 1
        sys.stderr.write(f"{slot.letter}, {slot.bend}: not kept: {why}\n")

    def removed(self, path: Path) -> None:
        """A script redoes nothing."""


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
