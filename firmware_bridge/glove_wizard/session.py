"""Session of a glove's check: it asks for one step after the other, and takes the frames of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead
from firmware_bridge.link.state import LinkStatus
from firmware_bridge.recorder.recording_session import FrameSource
from models.adaptation.glove_check import LEAST_FRAMES, STEPS, Step

HOLD_MS: Final = 2000.0
"""Of each step by the glove's clock: the stillest half of it counts."""

_SILENT_S: Final = 5.0
"""Time without a frame after which a step is asked for again."""

_MOST_FRAMES: Final = 3000
"""The service takes no more; a glove of 1.5 kHz gives as many."""

Shown = dict[Step, NDArray[np.float32]]
"""The frames float32[n, 8] of each step, NaN where the glove has no such sensor."""


class CheckAnswer(Enum):
    """Answer to the prompt for a step."""

    TAKE = "take"
    REDO = "redo"
    SKIP = "skip"
    QUIT = "quit"


class CheckPrompt(Protocol):
    """Prompt for the steps: a user at a terminal, or a program."""

    async def ready(self, step: Step, can_redo: bool) -> CheckAnswer:
        """Ask for a step, and return when the shape is held; REDO means to show the previous step again."""
        ...

    def refused(self, step: Step, why: str) -> None:
        """Report that no frames came; the step will be asked for again."""
        ...

    def link_changed(self, status: LinkStatus) -> None:
        """Report the state of the link."""
        ...


class StepTake:
    """Frames of one step, until they cover HOLD_MS. Pure."""

    def __init__(self) -> None:
        self._frames: list[FrameRead] = []

    def add(self, events: list[Event]) -> None:
        """Take events of the glove; after a restart of the glove the step begins again."""
        for event in events:
            if isinstance(event, DeviceRestarted):
                self._frames.clear()
            elif isinstance(event, FrameRead) and not self.is_done:
                self._frames.append(event)

    @property
    def is_done(self) -> bool:
        """Whether there are enough frames."""
        if len(self._frames) < LEAST_FRAMES:
            return False
        return len(self._frames) >= _MOST_FRAMES or self._frames[-1].t_ms - self._frames[0].t_ms >= HOLD_MS

    def values(self) -> NDArray[np.float32]:
        """Return the frames as float32[n, 8]."""
        rows = [[np.nan if value is None else value for value in frame.values] for frame in self._frames]
        return np.array(rows, np.float32)


class CheckSession:
    """Session of one check. `new_source` makes the source of frames and is given the function to call with its
    state."""

    def __init__(self, new_source: Callable[[Callable[[LinkStatus], None]], FrameSource], prompt: CheckPrompt) -> None:
        self._source = new_source(prompt.link_changed)
        self._prompt = prompt
        self._take: StepTake | None = None
        self._changed = asyncio.Event()
        self.shown: Shown = {}
        self.is_complete = False
        """Whether every step was shown or skipped."""

    @property
    def board(self) -> str | None:
        """Identity of the glove's board on USB, `scaleglove.usb_identity`; None: unknown, or not on USB."""
        return self._source.board

    async def run(self) -> None:
        """Ask for all steps, or until the user quits.

        Raises:
            firmware_bridge.link.errors.PortNameError: the port's name is not valid.
            scaleglove.client.StreamError: the stream cannot be watched, or has ended.
        """
        async with self._source:
            reading = asyncio.create_task(self._read())
            asking = asyncio.create_task(self._ask())
            try:
                await asyncio.wait({reading, asking}, return_when=asyncio.FIRST_COMPLETED)
                await (asking if asking.done() else reading)
            finally:
                for task in (reading, asking):
                    task.cancel()
                await asyncio.gather(reading, asking, return_exceptions=True)

    async def _read(self) -> None:
        """Read without end, also between steps, to keep the link working."""
        while True:
            events = list(await self._source.read())
            if self._take is not None:
                self._take.add(events)
                self._changed.set()

    async def _ask(self) -> None:
        index = 0
        while index < len(STEPS):
            step = STEPS[index]
            match await self._prompt.ready(step, can_redo=index > 0):
                case CheckAnswer.QUIT:
                    return
                case CheckAnswer.REDO:
                    index = max(0, index - 1)
                case CheckAnswer.SKIP:
                    self.shown.pop(step, None)
                    index += 1
                case CheckAnswer.TAKE:
                    index += await self._record(step)
        self.is_complete = True

    async def _record(self, step: Step) -> bool:
        take = self._take = StepTake()
        try:
            while not take.is_done:
                self._changed.clear()
                async with asyncio.timeout(_SILENT_S):
                    await self._changed.wait()
        except TimeoutError:
            status = self._source.status
            self._prompt.refused(step, f"no frame for {_SILENT_S:g} s: {status.detail or status.state}")
            return False
        finally:
            self._take = None
        self.shown[step] = take.values()
        return True
