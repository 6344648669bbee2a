"""Calibration wizard: which letters it asks for, which examples it keeps, and when it has enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol, Self

from scaleglove.client import StreamError
from scaleglove.client.wearers import Calibrated, Guidance, Shown, Wearer

MIN_QUALITY: Final = 0.5
"""Minimum quality of an example; one below it is discarded and asked for again."""

TEMPORARY: Final = frozenset({"no_window"})
"""Refusals that pass by themselves: frames are missing, or none arrive."""


class CalibrationAnswer(Enum):
    """Answer to the prompt for an example."""

    TAKE = "take"
    REDO = "redo"
    ENOUGH = "enough"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Letters that a calibration has examples of, and those that it has not, which the model alone then judges."""

    examples: int
    letters: tuple[str, ...]
    without: tuple[str, ...]

    @classmethod
    def of(cls, have: Mapping[str, int], letters: Sequence[str]) -> Self:
        """Return what examples cover of the letters that are wanted."""
        shown = tuple(letter for letter in letters if have.get(letter))
        return cls(sum(have.values()), shown, tuple(letter for letter in letters if letter not in shown))


class CalibrationPrompt(Protocol):
    """Prompt for examples: a user at a terminal, or a program."""

    def ready(self, asked: Guidance, can_redo: bool) -> CalibrationAnswer:
        """Ask for the letter `asked.next`; TAKE means that the hand shows it now or in a moment, REDO to discard the
        last example and show it again, ENOUGH to calibrate with the examples so far."""
        ...

    def hold(self) -> None:
        """Return when the letter has been held long enough."""
        ...

    def enough(self, coverage: Coverage) -> None:
        """Report what the calibration is made of, where the user asked for it."""
        ...

    def shown(self, example: Shown, is_kept: bool) -> None:
        """Report an example, and whether it is kept."""
        ...

    def refused(self, why: StreamError) -> None:
        """Report why there is no example, or no calibration; the letter will be asked for again."""
        ...


@dataclass(slots=True)
class CalibrationWizard:
    """Wizard for one wearer, whose glove streams to the service."""

    wearer: Wearer
    stream: Callable[[], str]
    """Returns the name of the current stream: a bridge that reconnects opens another one."""
    prompt: CalibrationPrompt
    letters: str = ""
    show: Callable[[str | None], None] = lambda label: None
    """Lets an emulated hand show a label; None: go on as before. A user's hand reads the prompt."""
    glove: Callable[[], str | None] = lambda: None
    """Returns the name of the glove whose profile the stream uses, so that few letters are read with it too."""
    signs_from: str | None = None
    """The other wearer whose own signs the profile recognises too."""
    _last: list[Shown] = field(default_factory=list)

    def run(self) -> Calibrated | None:
        """Ask for examples until there are enough, then calibrate; return None if the user quit before.

        Raises:
            StreamError: the service cannot be reached, or refuses.
        """
        try:
            return self._run()
        finally:
            self.show(None)

    def _run(self) -> Calibrated | None:
        while (asked := self.wearer.guidance(self.letters)).next is not None:
            self.show(asked.next)
            match self.prompt.ready(asked, bool(self._last)):
                case CalibrationAnswer.QUIT:
                    return None
                case CalibrationAnswer.REDO:
                    if self._last:
                        self.wearer.take_back(self._last.pop().id)
                case CalibrationAnswer.ENOUGH:
                    if self._is_enough(asked):
                        break
                case CalibrationAnswer.TAKE:
                    self.show(asked.next)  # it may be long since
                    self.prompt.hold()
                    self._record(asked.next)
        return self.wearer.calibrate(self.glove(), signs_from=self.signs_from)

    def _is_enough(self, asked: Guidance) -> bool:
        """Report what there is to calibrate with; return whether it is a letter at least."""
        coverage = Coverage.of(asked.have, self.letters or self.wearer.labels())
        if not coverage.letters:
            self.prompt.refused(StreamError("no_examples", "there is no example of a letter yet: show one first"))
            return False
        self.prompt.enough(coverage)
        return True

    def _record(self, label: str) -> None:
        try:
            example = self.wearer.show(label, self.stream())
        except StreamError as error:
            if error.code not in TEMPORARY:
                raise
            self.prompt.refused(error)
            return
        is_kept = example.quality is None or example.quality >= MIN_QUALITY
        self.prompt.shown(example, is_kept)
        if is_kept:
            self._last.append(example)
        else:
            self.wearer.take_back(example.id)
