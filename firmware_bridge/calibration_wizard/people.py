"""Who is asked for examples: a person at a terminal, or a program that reads JSON."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from firmware_bridge.calibration_wizard.session import Answer
from models.adaptation.example_selection import MOST, RESTS
from scaleglove.client.wearers import Guidance, Shown
from scaleglove.client.websocket import StreamError

_ANSWERS: Final = {"": Answer.TAKE, "r": Answer.REDO, "q": Answer.QUIT}

HOLD_S: Final = 2.0
"""The window that is taken is of the last 1.6 s; all of it shall show the letter."""


class Terminal:
    """Prompts on stderr, answers by lines of `answers`: Enter takes, r throws the last one away, q ends."""

    def __init__(self, answers: TextIO, countdown: int, hold_s: float = HOLD_S) -> None:
        self._answers = answers
        self._countdown = countdown
        self._hold_s = hold_s
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=self._console, auto_refresh=False)
        self._task = self._progress.add_task("at most", total=MOST + RESTS)

    def ready(self, asked: Guidance, can_redo: bool) -> Answer:
        self._progress.update(self._task, completed=sum(asked.have.values()))
        self._console.print(self._progress.get_renderable())
        if asked.expected_accuracy is not None:
            self._console.print(f"of the newest repeated letters {asked.expected_accuracy:.0%} were known already")
        redo = ", r throws the last one away" if can_redo else ""
        while True:
            prompt = f"[bold]{asked.next}[/]  {asked.reason}: Enter, then hold it ({'q ends' + redo}): "
            self._console.print(prompt, end="")
            line = self._answers.readline()
            answer = Answer.QUIT if not line else _ANSWERS.get(line.strip().lower())
            if answer is Answer.TAKE:
                self._count_down()
            if answer is not None and (answer is not Answer.REDO or can_redo):
                return answer

    def shown(self, example: Shown, is_kept: bool) -> None:
        if is_kept and not example.reason:
            self._console.print(f"{example.label} is kept", style="green")
        elif is_kept:
            self._console.print(f"{example.label} is kept, though {example.reason}", style="yellow")
        else:
            self._console.print(f"not kept: {example.reason}", style="yellow")

    def refused(self, why: StreamError) -> None:
        self._console.print(f"nothing taken: {why.detail}", style="yellow", markup=False)

    def _count_down(self) -> None:
        """The hand that pressed Enter may be the one with the glove."""
        for left in range(self._countdown, 0, -1):
            self._console.print(f"{left} ", end="")
            time.sleep(1)
        self._console.print("hold it ...")
        time.sleep(self._hold_s)


class Program:
    """A line of JSON for everything that is asked and kept; answers as of a terminal. A line is answered when the hand
    has held what was asked for long enough."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers

    def ready(self, asked: Guidance, can_redo: bool) -> Answer:
        self._tell({"type": "asked", **asked.model_dump()})
        line = self._answers.readline()
        return Answer.QUIT if not line else _ANSWERS.get(line.strip().lower(), Answer.QUIT)

    def shown(self, example: Shown, is_kept: bool) -> None:
        self._tell({"type": "example", "kept": is_kept, **example.model_dump()})

    def refused(self, why: StreamError) -> None:
        self._tell({"type": "refused", "code": why.code, "reason": why.detail})

    @staticmethod
    def _tell(told: dict[str, object]) -> None:
        sys.stdout.write(f"{orjson.dumps(told).decode()}\n")
        sys.stdout.flush()
