"""Prompts of a glove's check: a user at a terminal, or a program that reads JSON."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson
from rich.console import Console

from firmware_bridge.glove_wizard.session import CheckAnswer
from firmware_bridge.link.state import LinkState, LinkStatus
from firmware_bridge.recorder.prompts import LineReader
from models.adaptation.glove_check import STEPS, Finding, Step

_ANSWERS: Final = {
    "": CheckAnswer.TAKE,
    "r": CheckAnswer.REDO,
    "s": CheckAnswer.SKIP,
    "q": CheckAnswer.QUIT,
}

SHAPES: Final[Mapping[Step, str]] = MappingProxyType(
    {
        "open": "open hand, all fingers straight",
        "fist": "fist",
        "thumb": "thumb bent, the others straight",
        "index": "index finger bent, the others straight",
        "middle": "middle finger bent, the others straight",
        "ring": "ring finger bent, the others as straight as they go",
        "little": "little finger bent, the others as straight as they go",
        "up": "index finger straight, pointing up, the palm to the front (ㅏ)",
        "sideways": "index finger straight, pointing sideways (ㅓ)",
        "down": "index finger straight, pointing down (ㅜ)",
    }
)

_GOOD: Final = frozenset({"moves", "reversed"})


class TerminalPrompt:
    """Prompt on stderr; the answers are lines of stdin."""

    def __init__(self, countdown: int) -> None:
        self._countdown = countdown
        self._console = Console(stderr=True)
        self._lines = LineReader(sys.stdin)

    async def ready(self, step: Step, can_redo: bool) -> CheckAnswer:
        """Print the prompt, and return the answer after the countdown."""
        redo = ", r to show the previous one again" if can_redo else ""
        while True:
            self._console.print(
                f"{STEPS.index(step) + 1} of {len(STEPS)}: [bold]{SHAPES[step]}[/]: press Enter, then hold it for two "
                f"seconds (s to skip{redo}, q to quit): ",
                end="",
            )
            line = await self._lines.next()
            answer = CheckAnswer.QUIT if line is None else _ANSWERS.get(line.lower())
            if answer is CheckAnswer.TAKE:
                await self._count_down()
            if answer is not None:
                return answer

    def refused(self, step: Step, why: str) -> None:
        """Print why."""
        self._console.print(f"not taken: {why}", style="yellow", markup=False)

    def link_changed(self, status: LinkStatus) -> None:
        """Print only the states in which the user has to wait."""
        if status.state in {LinkState.LOST, LinkState.SEARCHING} and status.detail:
            self._console.print(status.detail, markup=False)

    def found(self, finding: Finding) -> None:
        """Print what is found of one channel."""
        self._console.print(f"{finding.words}", style="green" if finding.code in _GOOD else "yellow", markup=False)

    async def _count_down(self) -> None:
        """Count down, because the hand that pressed Enter may be the one with the glove."""
        for left in range(self._countdown, 0, -1):
            self._console.print(f"{left} ", end="")
            await asyncio.sleep(1)
        self._console.print("hold it ...")


class JsonPrompt:
    """Prompt for programs: one line of JSON for each request and finding; the answers are those of `TerminalPrompt`.

    The program answers a request when the shape is held.
    """

    def __init__(self) -> None:
        self._lines = LineReader(sys.stdin)

    async def ready(self, step: Step, can_redo: bool) -> CheckAnswer:
        """Print the request, and return the answer."""
        self._print({"type": "asked", "step": step, "text": SHAPES[step]})
        line = await self._lines.next()
        return CheckAnswer.QUIT if line is None else _ANSWERS.get(line.lower(), CheckAnswer.QUIT)

    def refused(self, step: Step, why: str) -> None:
        """Print why."""
        self._print({"type": "refused", "step": step, "reason": why})

    def link_changed(self, status: LinkStatus) -> None:
        """Print nothing: a program asks the service for the link."""

    def found(self, finding: Finding) -> None:
        """Print what is found of one channel."""
        fields = {name: getattr(finding, name) for name in ("channel", "code", "straight", "bent", "noise", "follows")}
        self._print({"type": "finding", **fields, "text": finding.words})

    @staticmethod
    def _print(fields: dict[str, object]) -> None:
        sys.stdout.write(f"{orjson.dumps(fields).decode()}\n")
        sys.stdout.flush()
