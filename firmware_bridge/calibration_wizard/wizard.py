"""Calibration wizard: which letters it asks for, which examples it keeps, and when it has enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from scaleglove.client import StreamError
from scaleglove.client.wearers import Calibrated, Guidance, Shown, Wearer

MIN_QUALITY: Final = 0.5
"""Minimum quality of an example; one below it is discarded and asked for again."""

_TEMPORARY: Final = frozenset({"no_window"})
"""Refusals that pass by themselves: frames are missing, or none arrive."""


class CalibrationAnswer(Enum):
    """Answer to the prompt for an example."""

    TAKE = "take"
    REDO = "redo"
    QUIT = "quit"


class CalibrationPrompt(Protocol):
    """Prompt for examples: a user at a terminal, or a program."""

    def ready(self, asked: Guidance, can_redo: bool) -> CalibrationAnswer:
        """Ask for the letter `asked.next`, and return when it has been held long enough; REDO means to discard the last
        example and show it again."""
        ...

    def shown(self, example: Shown, is_kept: bool) -> None:
        """Report an example, and whether it is kept."""
        ...

    def refused(self, why: StreamError) -> None:
        """Report that the service could not take an example; it will be asked for again."""
        ...


@dataclass(slots=True)
class CalibrationWizard:
    """Wizard for one wearer, whose glove streams to the service."""

    wearer: Wearer
    stream: Callable[[], str]
    """Returns the name of the current stream: a bridge that reconnects opens another one."""
    prompt: CalibrationPrompt
    letters: str = ""
    _last: list[Shown] = field(default_factory=list)

    def run(self) -> Calibrated | None:
        """Ask for examples until there are enough, then calibrate; return None if the user quit before.

        Raises:
            StreamError: the service cannot be reached, or refuses.
        """
        while (asked := self.wearer.guidance(self.letters)).next is not None:
            answer = self.prompt.ready(asked, bool(self._last))
            if answer is CalibrationAnswer.QUIT:
                return None
            if answer is CalibrationAnswer.REDO:
                if self._last:
                    self.wearer.take_back(self._last.pop().id)
                continue
            self._record(asked.next)
        return self.wearer.calibrate()

    def _record(self, label: str) -> None:
        try:
            example = self.wearer.show(label, self.stream())
        except StreamError as error:
            if error.code not in _TEMPORARY:
                raise
            self.prompt.refused(error)
            return
        is_kept = example.quality is None or example.quality >= MIN_QUALITY
        self.prompt.shown(example, is_kept)
        if is_kept:
            self._last.append(example)
        else:
            self.wearer.take_back(example.id)
