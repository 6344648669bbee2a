"""Calibration by doubt: the service asks what shapes were that were held already, and each answer is an example."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from firmware_bridge.calibration_wizard.running_glove import RunningGlove
from scaleglove.client import StreamError
from scaleglove.client.wearers import Calibrated, Doubt, Shown, Wearer
from scaleglove.vocabulary import REST

PASSING: Final = frozenset({"unknown_shape", "unknown_stream"})
"""Refusals of an answer that comes too late: the stream keeps the newest shapes, and a bridge that reconnects opens
another one."""

CORRECTABLE: Final = frozenset({"invalid_request", "too_many_examples"})
"""Refusals of an answer, such as a name that is too long, after which the user answers otherwise or has enough."""

INSUFFICIENT: Final = frozenset({"no_examples", "too_few_letters"})
"""Refusals of a calibration that more answers help."""

_COMMANDS: Final[dict[str, Literal["skip", "redo", "enough", "quit"]]] = {
    "s": "skip",
    "r": "redo",
    "c": "enough",
    "enough": "enough",
    "q": "quit",
}


@dataclass(frozen=True, slots=True)
class DoubtAnswer:
    """Answer to "what was this?": with `label` it was that; `redo` takes the last answer back, `enough` calibrates with
    the examples so far."""

    kind: Literal["label", "skip", "redo", "enough", "quit"]
    label: str = ""

    @classmethod
    def parsed(cls, line: str, candidates: Collection[str], labels: Collection[str]) -> DoubtAnswer | None:
        """Return the answer that a line gives; None: no such label.

        An empty line is the first of the candidates, or `skip` where there are none, a number the one of that number,
        and 0 no letter; a command is a command; anything else is a label, of which a new one, or one that reads like a
        number or a command, is written behind `=`.
        """
        text = line.strip()
        if text.startswith("=") and text[1:].strip():
            return cls("label", text[1:].strip())
        if not text and not candidates:
            return cls("skip")
        if text == "0":
            return cls("label", REST)
        numbered = dict(enumerate(candidates, start=1))
        number = int(text) if text.isdecimal() else 1 if not text else None
        if number in numbered:
            return cls("label", numbered[number])
        if text in _COMMANDS:
            return cls(_COMMANDS[text])
        return cls("label", text) if text in {*labels, *candidates, REST} else None


class DoubtPrompt(Protocol):
    """Prompt for answers: a user at a terminal, or a program."""

    def what_was(self, doubt: Doubt, labels: Collection[str], can_redo: bool) -> DoubtAnswer:
        """Ask what a shape was; `labels` are those of the model."""
        ...

    def nothing_doubtful(self, held: int) -> DoubtAnswer:
        """Report that there is nothing to ask about now, of `held` shapes; `skip` means to look again."""
        ...

    def shown(self, example: Shown, is_kept: bool) -> None:
        """Report an example, and whether it is kept."""
        ...

    def refused(self, why: StreamError) -> None:
        """Report why there is no example, or no calibration."""
        ...


@dataclass(slots=True)
class Doubting:
    """Calibration of one wearer, whose `glove` streams, by answers; `signs_from`: the other wearer whose own signs the
    profile recognises too."""

    wearer: Wearer
    glove: RunningGlove
    prompt: DoubtPrompt
    signs_from: str | None = None
    _labels: tuple[str, ...] = ()
    _kept: list[Shown] = field(default_factory=list)
    _skipped: set[tuple[str, int]] = field(default_factory=set)

    def run(self) -> Calibrated | None:
        """Ask until the user has enough, then calibrate; return None if the user quit before.

        Raises:
            StreamError: the service cannot be reached, or refuses.
        """
        self._labels = self.wearer.labels()
        while True:
            match self._ask_about_some():
                case "quit":
                    return None
                case "enough":
                    if (calibrated := self._calibrate()) is not None:
                        return calibrated
                case _:
                    pass

    def _ask_about_some(self) -> str:
        """Ask the questions that the service has now; return the kind of the last answer."""
        stream = self.glove.stream()
        found = self.wearer.doubts(stream)
        asked = [doubt for doubt in found.doubts if (stream, doubt.shape) not in self._skipped]
        if not asked:
            return self.prompt.nothing_doubtful(found.held).kind
        for doubt in asked:
            answer = self.prompt.what_was(doubt, self._labels, bool(self._kept))
            match answer.kind:
                case "label":
                    if not self._keep(doubt.shape, answer.label, stream):
                        return answer.kind  # it is asked about again, unless the stream has forgotten it
                case "skip":
                    self._skipped.add((stream, doubt.shape))
                case "redo":
                    if self._kept:
                        self.wearer.take_back(self._kept.pop().id)
                    return answer.kind  # its shape is asked about again
                case _:
                    return answer.kind
        return "label"

    def _keep(self, shape: int, label: str, stream: str) -> bool:
        """Return whether the answer is an example now."""
        try:
            example = self.wearer.answer(shape, label, stream)
        except StreamError as error:
            if error.code not in PASSING | CORRECTABLE:
                raise
            self.prompt.refused(error)
            return False
        self.prompt.shown(example, is_kept=True)
        self._kept.append(example)
        return True

    def _calibrate(self) -> Calibrated | None:
        """Make the profile; return None where there are too few examples to make one."""
        try:
            return self.wearer.calibrate(self.glove.profiled(), signs_from=self.signs_from, stream=self.glove.running())
        except StreamError as error:
            if error.code not in INSUFFICIENT:
                raise
            self.prompt.refused(error)
            return None
