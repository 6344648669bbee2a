"""One guided calibration: what is asked for, what is kept, and when it is enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from scaleglove.client.wearers import (
    Calibrated,
    Guidance,
    Shown,
    Wearer,
)
from scaleglove.client.websocket import StreamError

GOOD: Final = 0.5
"""An example of less quality is not kept; the same is asked for again."""

_NOT_NOW: Final = frozenset({"no_window"})
"""Refusals that a moment of patience mends: frames are missing, or none come."""


class Answer(Enum):
    """What the wearer wants next."""

    TAKE = "take"
    REDO = "redo"
    QUIT = "quit"


class Person(Protocol):
    """Whoever is asked: somebody at a terminal, or a program."""

    def ready(self, asked: Guidance, can_redo: bool) -> Answer:
        """Ask for what `asked.next` says, and return when it has been held for long enough; REDO: throw the last
        example away and show it once more."""

    def shown(self, example: Shown, is_kept: bool) -> None: ...

    def refused(self, why: StreamError) -> None:
        """Nothing could be taken, for the service's reason; the same is asked for again."""


@dataclass(slots=True)
class CalibrationSession:
    """Of a wearer whose glove streams to the service."""

    wearer: Wearer
    stream: Callable[[], str]
    """The stream as it is called now: a bridge that comes back opens another one."""
    person: Person
    letters: str = ""
    _last: list[Shown] = field(default_factory=list)

    def run(self) -> Calibrated | None:
        """Ask until it is enough, then calibrate; None: she quit before.

        Raises:
            StreamError: the service cannot be reached, or refuses.
        """
        while (asked := self.wearer.guidance(self.letters)).next is not None:
            answer = self.person.ready(asked, bool(self._last))
            if answer is Answer.QUIT:
                return None
            if answer is Answer.REDO:
                if self._last:
                    self.wearer.take_back(self._last.pop().id)
                continue
            self._take(asked.next)
        return self.wearer.calibrate()

    def _take(self, label: str) -> None:
        try:
            example = self.wearer.show(label, self.stream())
        except StreamError as error:
            if error.code not in _NOT_NOW:
                raise
            self.person.refused(error)
            return
        is_kept = example.quality is None or example.quality >= GOOD
        self.person.shown(example, is_kept)
        if is_kept:
            self._last.append(example)
        else:
            self.wearer.take_back(example.id)
