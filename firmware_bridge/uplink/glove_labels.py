"""The labels of a glove's own letters, and of an emulated glove's hand, by what the glove says of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from firmware_bridge.codec.events import Event, LetterRead, Notice, NoticeCode, Remark
from firmware_bridge.codec.letters import MOST
from scaleglove.vocabulary import load_vocabulary, package_vocabularies

BEFORE_VOCABULARIES: Final = "korean"
"""The vocabulary of a glove that says none: its firmware is from before there were others."""

_UNANSWERED: Final = 20
"""Letters without an answer, two seconds of them, after which a glove says none: some take no commands."""

_NUMBER: Final = re.compile(r"[0-9]{1,3}")


class NamedLetter(NamedTuple):
    """A letter of the glove's own, and its label."""

    letter: LetterRead
    label: str


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why a letter has no label: what the notice says, and its values."""

    text: str
    values: dict[str, str]


class GloveLabels:
    """The labels that one glove's letters stand for. What the glove does not say is asked for once, and never guessed:
    a letter whose label is not known is left out, and said to be once."""

    def __init__(self) -> None:
        self.asks = False
        """Whether the glove is to be sent `labels`; `asked` says that it was."""
        self.hand: tuple[str, ...] | None = None
        """The labels that an emulated glove's hand can show; None where it said none."""
        self._labels: dict[int, str] = {}
        self._count: int | None = None
        self._problem: _Problem | None = None
        self._waits: int | None = None
        self._said = False

    def asked(self) -> None:
        """Note that the glove was sent `labels`."""
        self.asks = False
        self._waits = 0

    def take(self, events: Iterable[Event]) -> list[Event | NamedLetter]:
        """Return the events with each letter named; remarks that are for this class alone are left out."""
        taken: list[Event | NamedLetter] = []
        for event in events:
            if isinstance(event, LetterRead):
                taken += self._name(event)
            elif not isinstance(event, Remark) or not self._hear(event):
                taken.append(event)
        return taken

    def _name(self, letter: LetterRead) -> list[Event | NamedLetter]:
        if self._count is None and self._problem is None:
            self._ask()
            return []
        if (label := self._labels.get(letter.place)) is not None:
            return [NamedLetter(letter, label)]
        if self._count is not None and letter.place < self._count and self._problem is None:
            return []  # its label is on the way
        return self._complain(letter)

    def _ask(self) -> None:
        """Ask for the labels, or take a glove that does not answer for one from before there were vocabularies."""
        if self._waits is None:
            self.asks = True
            return
        self._waits += 1
        if self._waits > _UNANSWERED:
            self._use(BEFORE_VOCABULARIES)

    def _complain(self, letter: LetterRead) -> list[Event | NamedLetter]:
        if self._said:
            return []
        self._said = True
        problem = self._problem or _Problem(
            f"the glove's letter {letter.place} is none of its {self._count} labels: export its network again",
            {"letter": str(letter.place), "labels": str(self._count)},
        )
        return [Notice(NoticeCode.UNKNOWN_LABELS, problem.text, values=problem.values)]

    def _hear(self, remark: Remark) -> bool:
        """Take what a remark says of labels; return whether it says nothing to people."""
        values = remark.values
        if (name := values.get("hand")) is not None:
            self.hand = load_vocabulary(name).names if name in package_vocabularies() else None
        if (count := values.get("labels")) is not None and _NUMBER.fullmatch(count) and 0 < int(count) <= MOST:
            self._begin(int(count), values.get("vocabulary"))
        elif (place := values.get("label")) is not None and _NUMBER.fullmatch(place) and int(place) < MOST:
            self._labels[int(place)] = remark.text
            return True
        elif remark.error == "unknown_command" and self._waits is not None and self._count is None:
            self._use(BEFORE_VOCABULARIES)
            self.hand = tuple(self._labels.values())
            return True  # the answer to what this class asked
        return False

    def _begin(self, count: int, name: str | None) -> None:
        """Take what the glove's network has: labels of the package's vocabulary `name`, or those that follow."""
        self.asks, self._said, self._problem, self._count = False, False, None, count
        self._labels = {}
        if name is None:
            return
        if name in package_vocabularies() and len(load_vocabulary(name).names) == count:
            self._use(name)
            return
        text = f"the glove's letters are of the vocabulary {name} with {count} labels, which this version does not know"
        self._problem = _Problem(f"{text}: update scaleglove", {"vocabulary": name, "labels": str(count)})

    def _use(self, name: str) -> None:
        labels = load_vocabulary(name).names
        self._labels, self._count = dict(enumerate(labels)), len(labels)
