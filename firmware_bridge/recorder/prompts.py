"""Prompts of a recording session: a user at a terminal, or an unattended script."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final, TextIO

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from firmware_bridge.link.state import LinkState, LinkStatus
from firmware_bridge.recorder.episodes import Slot, Take
from firmware_bridge.recorder.recording_session import RecordingAnswer

_READ_BYTES: Final = 1024
_MAX_REFUSED: Final = 3
"""Consecutive failures of an episode after which a script quits, because nobody is there to fix the cause."""

_ANSWERS: Final = {
    "": RecordingAnswer.BEGIN,
    "r": RecordingAnswer.REDO,
    "s": RecordingAnswer.SKIP,
    "q": RecordingAnswer.QUIT,
}


class LineReader:
    """Asynchronous reader of typed lines. It uses a thread only where the event loop cannot wait for input, because a
    blocked thread cannot be stopped."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._buffer = b""

    async def next(self) -> str | None:
        """Return the next line, or None at the end of the input."""
        while b"\n" not in self._buffer:
            data = await self._more()
            if not data:
                return None
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
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


class _EpisodeOutput:
    """Output that both prompts share: saved episodes on stdout, as text or as JSON."""

    def __init__(self, out: TextIO, json: bool) -> None:
        self._out = out
        self._json = json

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        """Print the path, or a line of JSON."""
        fields: dict[str, object] = {"path": str(path), "letter": slot.label, "bend": slot.bend}
        fields |= {"rate_hz": round(take.rate_hz(), 2), "absent": take.absent()}
        self._out.write(f"{orjson.dumps(fields).decode() if self._json else path}\n")
        self._out.flush()

    def link_changed(self, status: LinkStatus) -> None:
        """Print only the states in which the user has to wait."""
        if status.state in {LinkState.LOST, LinkState.SEARCHING} and status.detail:
            sys.stderr.write(f"{status.detail}\n")


class TerminalPrompt(_EpisodeOutput):
    """Prompt on stderr with a progress bar over all episodes; the answers are lines of stdin."""

    def __init__(self, total: int, *, countdown: int, json: bool) -> None:
        super().__init__(sys.stdout, json)
        self._countdown = countdown
        self.is_unattended = False
        """Whether nobody can answer, because standard input has ended."""
        self._console = Console(stderr=True)
        self._lines = LineReader(sys.stdin)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,
        )
        self._task = self._progress.add_task("episodes", total=total)

    async def ready(self, slot: Slot, can_redo: bool) -> RecordingAnswer:
        """Show the progress and the prompt, and return the answer."""
        self._console.print(self._progress.get_renderable())
        redo = ", r to redo the last one" if can_redo else ""
        while True:
            self._console.print(
                f"[bold]{escape(slot.label)}[/]  bend {escape(slot.bend)}, {slot.number} of {slot.of}: "
                f"press Enter to record (s to skip{redo}, q to quit): ",
                end="",
            )
            line = await self._lines.next()
            if line is None:
                self.is_unattended = True
                return RecordingAnswer.QUIT
            answer = _ANSWERS.get(line.lower())
            if answer is RecordingAnswer.BEGIN:
                await self._count_down()
            if answer is RecordingAnswer.SKIP:
                self._progress.advance(self._task)
            if answer is not None and (answer is not RecordingAnswer.REDO or can_redo):
                return answer

    async def _count_down(self) -> None:
        """Count down, because the hand that pressed Enter may be the one with the glove."""
        for left in range(self._countdown, 0, -1):
            self._console.print(f"{left} ", end="")
            await asyncio.sleep(1)
        self._console.print("recording: show the sign ...")

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        """Print the path and advance the progress bar."""
        super().saved(slot, path, take)
        self._progress.advance(self._task)

    def refused(self, slot: Slot, why: str) -> None:
        """Print the reason."""
        self._console.print(f"not kept: {why}", style="yellow", markup=False)

    def removed(self, path: Path) -> None:
        """Print the name, and move the progress bar back."""
        self._progress.advance(self._task, -1)
        self._console.print(f"discarded: {path.name}", markup=False)


class UnattendedPrompt(_EpisodeOutput):
    """Unattended prompt: each episode begins `pause_s` after the last; three failures of one end the session."""

    def __init__(self, pause_s: float, *, json: bool) -> None:
        super().__init__(sys.stdout, json)
        self._pause_s = pause_s
        self._refused = 0
        self.is_unattended = True

    async def ready(self, slot: Slot, can_redo: bool) -> RecordingAnswer:
        """Pause and begin, or quit after too many failures."""
        if self._refused >= _MAX_REFUSED:
            return RecordingAnswer.QUIT
        await asyncio.sleep(self._pause_s)
        return RecordingAnswer.BEGIN

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        """Print the path, and forget earlier failures."""
        super().saved(slot, path, take)
        self._refused = 0

    def refused(self, slot: Slot, why: str) -> None:
        """Print the reason."""
        self._refused += 1
        sys.stderr.write(f"{slot.label}, {slot.bend}: not kept: {why}\n")

    def removed(self, path: Path) -> None:
        """Do nothing: a script discards no episode."""


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
