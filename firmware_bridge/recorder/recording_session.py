"""Recording session of labelled episodes: it prompts for each sign, takes its frames, and keeps the good takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from firmware_bridge.codec.events import Event, FrameRead, HeaderRead, Remark
from firmware_bridge.link.state import LinkStatus
from firmware_bridge.recorder.episodes import Slot, Take, save
from firmware_bridge.recorder.sensor_rails import SensorRails

_SILENT_S: Final = 5.0
"""Time without a frame after which the take is refused, so that the user need not hold the sign in vain."""


class RecordingAnswer(Enum):
    """Answer to the prompt for an episode."""

    BEGIN = "begin"
    REDO = "redo"
    SKIP = "skip"
    QUIT = "quit"


class RecordingPrompt(Protocol):
    """Prompt for episodes: a user at a terminal, or a script."""

    async def ready(self, slot: Slot, can_redo: bool) -> RecordingAnswer:
        """Ask for the sign; REDO means to discard the last episode and record it again."""
        ...

    def saved(self, slot: Slot, path: Path, take: Take) -> None:
        """Report an episode that was saved."""
        ...

    def refused(self, slot: Slot, why: str) -> None:
        """Report an episode that was not kept; it will be asked for again."""
        ...

    def removed(self, path: Path) -> None:
        """Report an episode that was discarded on request."""
        ...

    def link_changed(self, status: LinkStatus) -> None:
        """Report the state of the link."""
        ...


class FrameSource(Protocol):
    """Source of a glove's events: the link to its port, or its stream at the service."""

    @property
    def status(self) -> LinkStatus: ...

    @property
    def board(self) -> str | None: ...

    async def __aenter__(self) -> object: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def read(self) -> Sequence[Event]: ...


@dataclass(slots=True)
class _Kept:
    slot: Slot
    path: Path


class RecordingSession:
    """Session that records the episodes `prompt` asks for into the folder `collection`.

    `new_source` makes the source of frames and is given the function to call with its state.
    """

    def __init__(
        self,
        new_source: Callable[[Callable[[LinkStatus], None]], FrameSource],
        prompt: RecordingPrompt,
        collection: Path,
        frames: int,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._source = new_source(prompt.link_changed)
        self._prompt = prompt
        self._collection = collection
        self._frames = frames
        self._now = now
        self._take: Take | None = None
        self._rails = SensorRails()
        self._changed = asyncio.Event()
        self.kept = 0

    async def run(self, slots: Iterable[Slot]) -> None:
        """Record `slots` until all are done or the user quits.

        Raises:
            OSError: an episode cannot be written.
            firmware_bridge.link.errors.PortNameError: the port's name is not valid.
            scaleglove.client.StreamError: the stream that is recorded cannot be watched, or has ended.
        """
        async with self._source:
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
        """Read without end, also between episodes, to keep the link working."""
        while True:
            events = await self._source.read()
            for event in events:
                if isinstance(event, HeaderRead | Remark) and event.flex_most is not None:
                    self._rails.state(event.flex_most)
            if self._take is not None:
                self._take.add(events, time.time_ns() // 1_000_000)
                self._changed.set()
                continue
            for event in events:
                if isinstance(event, FrameRead):
                    self._rails.push(event.values)

    async def _ask(self, slots: Iterable[Slot]) -> None:
        last: _Kept | None = None
        for slot in slots:
            pending: list[Slot] = [slot]
            while pending:
                answer = await self._prompt.ready(pending[-1], last is not None)
                if answer is RecordingAnswer.QUIT:
                    return
                if answer is RecordingAnswer.REDO and last is not None:
                    last.path.unlink(missing_ok=True)
                    self.kept -= 1
                    self._prompt.removed(last.path)
                    pending.append(last.slot)
                    last = None
                elif answer is RecordingAnswer.SKIP:
                    pending.pop()
                elif (path := await self._record(pending[-1])) is not None:
                    last = _Kept(pending.pop(), path)

    async def _record(self, slot: Slot) -> Path | None:
        take = self._take = Take(self._frames, self._rails)
        try:
            while not take.done:
                self._changed.clear()
                async with asyncio.timeout(_SILENT_S):
                    await self._changed.wait()
        except TimeoutError:
            status = self._source.status
            self._prompt.refused(slot, f"no frame for {_SILENT_S:g} s: {status.detail or status.state}")
            return None
        finally:
            self._take = None
        if faults := take.faults():
            self._prompt.refused(slot, "; ".join(faults))
            return None
        path = save(take, self._collection, slot.label, slot.bend, self._now())
        self.kept += 1
        self._prompt.saved(slot, path, take)
        return path
