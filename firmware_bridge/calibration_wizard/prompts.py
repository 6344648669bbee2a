"""Prompts of the calibration wizard: a user at a terminal, or a program that reads JSON."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Final, Literal

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from firmware_bridge.calibration_wizard.answer_lines import AnswerLines
from firmware_bridge.calibration_wizard.doubting import DoubtAnswer
from firmware_bridge.calibration_wizard.sitting import Wish
from firmware_bridge.calibration_wizard.wizard import CalibrationAnswer, Coverage
from models.adaptation.example_selection import MOST, RESTS
from scaleglove.client import StreamError
from scaleglove.client.wearers import Doubt, Guidance, Shown, SittingWord, Spelled

_WISHES: Final[dict[str, Wish]] = {"": "next", "r": "again", "q": "quit"}

_STEPS: Final = {
    "moving": "move your hand: open and close it, bend every finger, turn it in all directions",
    "resting": "rest your hand, as between two words",
}

_STYLES: Final = {"found": "bold green", "unsure": "yellow", "missed": "yellow", "waiting": "dim"}

_ANSWERS: Final = {
    "": CalibrationAnswer.TAKE,
    "r": CalibrationAnswer.REDO,
    "c": CalibrationAnswer.ENOUGH,
    "enough": CalibrationAnswer.ENOUGH,
    "q": CalibrationAnswer.QUIT,
}

HOLD_S: Final = 2.0
"""The service takes the window of the last 1.6 s, all of which should show the letter."""


class TerminalPrompt:
    """Prompt on stderr; the answers are lines of `answers`: Enter takes an example, r redoes the last one, c calibrates
    with what there is, q quits."""

    def __init__(
        self, answers: AnswerLines, countdown: int, hold_s: float = HOLD_S, ask: str = "hold the letter"
    ) -> None:
        self._answers = answers
        self._countdown = countdown
        self._hold_s = hold_s
        self._ask = ask
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=self._console, auto_refresh=False)
        self._task = self._progress.add_task("at most", total=MOST + RESTS)

    def ready(self, asked: Guidance, can_redo: bool) -> CalibrationAnswer:
        """Show the progress and the prompt, and return the answer."""
        self._progress.update(self._task, completed=sum(asked.have.values()))
        self._console.print(self._progress.get_renderable())
        if asked.expected_accuracy is not None:
            self._console.print(f"{asked.expected_accuracy:.0%} of the latest repeated letters were already recognised")
        keys = ("c to calibrate now", "q to quit", *(["r to redo the last one"] if can_redo else []))
        prompt = f"[bold]{asked.next}[/]  {asked.reason}: press Enter, then {self._ask} ({', '.join(keys)}): "
        while True:
            self._console.print(prompt, end="")
            line = self._answers.readline()
            answer = CalibrationAnswer.QUIT if not line else _ANSWERS.get(line.strip().lower())
            if answer is not None and (answer is not CalibrationAnswer.REDO or can_redo):
                return answer

    def step(self, name: Literal["moving", "resting"], seconds: float) -> None:
        """Print what to do with the hand."""
        self._console.print(f"{seconds:g} s: {_STEPS[name]} (Enter for enough, q to quit)")

    def word(self, number: int, of: int, word: SittingWord) -> None:
        """Print the word."""
        keys = "Enter for the next word, r to spell it again, q to quit"
        self._console.print(f"\n{number} of {of}: spell [bold]{escape(word.word)}[/] ({keys})")

    def spelled(self, spelled: Spelled, is_over: bool) -> None:
        """Print the letters by what is understood of them, and what they read."""
        letters = " ".join(f"[{_STYLES[each.state]}]{escape(each.label)}[/]" for each in spelled.letters)
        kept = f"  {len(spelled.examples)} examples" if is_over else ""
        self._console.print(f"  {letters}  {escape(spelled.text)}{kept}")

    def wish(self) -> Wish | None:
        """Return what was typed."""
        line = self._answers.typed()
        return None if line is None else _WISHES.get(line.strip().lower())

    def what_was(self, doubt: Doubt, labels: Collection[str], can_redo: bool) -> DoubtAnswer:
        """Print a shape with what was written around it and what it may have been, and return the answer."""
        likely = [candidate.label for candidate in doubt.candidates]
        numbered = (f"[bold]{number}[/] {escape(label)}" for number, label in enumerate(likely, start=1))
        around = (" ".join(doubt.before), doubt.letter or "nothing", " ".join(doubt.after))
        self._console.print("{} [bold]\\[{}][/] {}: what was this?".format(*map(escape, around)).strip())
        keys = ("s to skip", "c to calibrate now", "q to quit", *(["r to redo the last one"] if can_redo else []))
        prompt = f"{'  '.join(numbered)}  [bold]0[/] no letter, or another letter ({', '.join(keys)}): "
        while True:
            self._console.print(prompt, end="")
            answer = self._answer(likely, labels)
            if answer is not None and (answer.kind != "redo" or can_redo):
                return answer
            self._console.print("no label of the model: write =NAME for a sign of your own", style="yellow")

    def nothing_doubtful(self, held: int) -> DoubtAnswer:
        """Print that there is nothing to ask about, and return the answer."""
        prompt = (
            f"nothing to ask about in {held} shapes held: sign on, then press Enter (c to calibrate now, q to quit): "
        )
        while True:
            self._console.print(prompt, end="")
            answer = self._answer((), ())
            if answer is not None and answer.kind in {"skip", "enough", "quit"}:
                return answer

    def _answer(self, candidates: Sequence[str], labels: Collection[str]) -> DoubtAnswer | None:
        line = self._answers.readline()
        return DoubtAnswer.parsed(line, candidates, labels) if line else DoubtAnswer("quit")

    def shown(self, example: Shown, is_kept: bool) -> None:
        """Print whether the example is kept, and its fault if it has one."""
        if is_kept and not example.reason:
            self._console.print(f"{example.label} is kept", style="green")
        elif is_kept:
            self._console.print(f"{example.label} is kept, but {example.reason}", style="yellow")
        else:
            self._console.print(f"not kept: {example.reason}", style="yellow")

    def refused(self, why: StreamError) -> None:
        """Print the service's reason."""
        self._console.print(f"not done: {why.detail}", style="yellow", markup=False)

    def enough(self, coverage: Coverage) -> None:
        """Print which letters have examples, and which have none."""
        total = len(coverage.letters) + len(coverage.without)
        self._console.print(
            f"calibrating with {coverage.examples} examples of {len(coverage.letters)} of {total} letters: "
            f"{' '.join(coverage.letters)}"
        )
        if coverage.without:
            self._console.print(
                f"without an example, and judged by the model alone: {' '.join(coverage.without)}", style="yellow"
            )

    def hold(self) -> None:
        """Count down, because the hand that pressed Enter may be the one with the glove."""
        for left in range(self._countdown, 0, -1):
            self._console.print(f"{left} ", end="")
            time.sleep(1)
        self._console.print(f"{self._ask} ...")
        time.sleep(self._hold_s)


class JsonPrompt:
    """Prompt for programs: one line of JSON for each request and example; the answers are those of `TerminalPrompt`.

    The program answers a request after the letter was held long enough.
    """

    def __init__(self, answers: AnswerLines) -> None:
        self._answers = answers

    def ready(self, asked: Guidance, can_redo: bool) -> CalibrationAnswer:
        """Print the request, and return the answer."""
        self._print({"type": "asked", **asked.model_dump()})
        line = self._answers.readline()
        return CalibrationAnswer.QUIT if not line else _ANSWERS.get(line.strip().lower(), CalibrationAnswer.QUIT)

    def step(self, name: Literal["moving", "resting"], seconds: float) -> None:
        """Print the step."""
        self._print({"type": "step", "step": name, "seconds": seconds})

    def word(self, number: int, of: int, word: SittingWord) -> None:
        """Print the word."""
        self._print({"type": "word", "number": number, "of": of, **word.model_dump()})

    def spelled(self, spelled: Spelled, is_over: bool) -> None:
        """Print what is understood."""
        self._print({"type": "spelled", "over": is_over, **spelled.model_dump()})

    def wish(self) -> Wish | None:
        """Return what the program has answered, of which none is needed; its end is no wish."""
        line = self._answers.typed()
        return None if line is None else _WISHES.get(line.strip().lower())

    def what_was(self, doubt: Doubt, labels: Collection[str], can_redo: bool) -> DoubtAnswer:
        """Print the shape, and return the answer."""
        self._print({"type": "doubt", **doubt.model_dump()})
        likely = [candidate.label for candidate in doubt.candidates]
        while line := self._answers.readline():
            if (answer := DoubtAnswer.parsed(line, likely, labels)) is not None:
                return answer
            fault = f"the model has no label {line.strip()}; write = before it to make it one of your own"
            self.refused(StreamError("unknown_label", fault))
        return DoubtAnswer("quit")

    def nothing_doubtful(self, held: int) -> DoubtAnswer:
        """Print that there is nothing to ask about, and return the answer."""
        self._print({"type": "nothing_doubtful", "held": held})
        line = self._answers.readline()
        return (DoubtAnswer.parsed(line, (), ()) if line else None) or DoubtAnswer("quit")

    def shown(self, example: Shown, is_kept: bool) -> None:
        """Print the example."""
        self._print({"type": "example", "kept": is_kept, **example.model_dump()})

    def refused(self, why: StreamError) -> None:
        """Print the service's reason."""
        self._print({"type": "refused", "code": why.code, "reason": why.detail})

    def hold(self) -> None:
        """Return at once: the program has waited before its answer."""

    def enough(self, coverage: Coverage) -> None:
        """Print what the calibration is made of."""
        self._print({"type": "enough", **asdict(coverage)})

    @staticmethod
    def _print(fields: dict[str, object]) -> None:
        sys.stdout.write(f"{orjson.dumps(fields).decode()}\n")
        sys.stdout.flush()
