"""Sitting: the wearer moves the hand, rests it, and spells words that are shown; what it holds becomes examples."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from firmware_bridge.calibration_wizard.running_glove import RunningGlove
from firmware_bridge.calibration_wizard.wizard import MIN_QUALITY, TEMPORARY
from scaleglove.client import StreamError
from scaleglove.client.wearers import SittingWord, Spelled, Wearer
from scaleglove.vocabulary import REST

MOVING_S: Final = 10.0
"""Every finger can be bent and stretched a few times."""
RESTING_S: Final = 3.0
"""Time to lower the hand, and to keep it for the 1.6 s that are kept."""
MOVE_S: Final = 0.5
"""Time in which an emulated hand is on its way to another shape."""
POLL_S: Final = 0.2
"""A letter is held for longer."""
QUIET_S: Final = 1.5
"""A word whose last letter is unsure is over when nothing has changed for this time."""
ROUNDS: Final = 2
"""The second round has words with the letters that the first one has not found."""

Wish = Literal["next", "again", "quit"]
"""What the user wants of the present step or word: the next one, the same again, or the end."""


class SittingPrompt(Protocol):
    """Prompt of a sitting: a user at a terminal, or a program."""

    def step(self, name: Literal["moving", "resting"], seconds: float) -> None:
        """Ask for a hand that moves, or one that rests, for this time."""
        ...

    def word(self, number: int, of: int, word: SittingWord) -> None:
        """Ask for a word."""
        ...

    def spelled(self, spelled: Spelled, is_over: bool) -> None:
        """Report what is understood of the word; `is_over`: it is kept."""
        ...

    def wish(self) -> Wish | None:
        """Return what the user wants, if they have said so; it does not wait."""
        ...


@dataclass(slots=True)
class Sitting:
    """Sitting of one wearer, whose `glove` streams. `now_s` and `wait` are a clock and how to let time pass."""

    wearer: Wearer
    glove: RunningGlove
    prompt: SittingPrompt
    now_s: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    _found: set[str] = field(default_factory=set)
    _shown: str | None = None

    def run(self) -> bool:
        """Lead through the sitting; return False if the user ended it before the last word. Examples are kept.

        Raises:
            StreamError: the service cannot be reached, or refuses; `no_words`: the model's language has none.
        """
        words = self.wearer.sitting().words
        if not words:
            raise StreamError("no_words", "the model's labels spell no language; show them one by one")
        try:
            return self._steps() and self._rounds(words)
        finally:
            self._show(None)

    def _steps(self) -> bool:
        if not self._pause("moving", MOVING_S):
            return False
        self._show(REST)
        if not self._pause("resting", RESTING_S):
            return False
        self._rest()
        return True

    def _pause(self, name: Literal["moving", "resting"], seconds: float) -> bool:
        """Wait for the end of a step; return False if the user quits."""
        self.prompt.step(name, seconds)
        end_s = self.now_s() + seconds
        while self.now_s() < end_s:
            match self.prompt.wish():
                case "quit":
                    return False
                case "next":
                    return True
                case _:
                    self.wait(POLL_S)
        return True

    def _rest(self) -> None:
        """Keep the hand at rest as an example, unless it moved or frames are missing."""
        try:
            example = self.wearer.show(REST, self.glove.stream())
        except StreamError as error:
            if error.code not in TEMPORARY:
                raise
            return
        if example.quality is not None and example.quality < MIN_QUALITY:
            self.wearer.take_back(example.id)

    def _rounds(self, words: list[SittingWord]) -> bool:
        for _ in range(ROUNDS):
            for number, word in enumerate(words, start=1):
                self.prompt.word(number, len(words), word)
                if not self._spell(word):
                    return False
            lacking = [label for word in words for label in word.labels if label not in self._found]
            words = self.wearer.sitting(lacking).words if lacking else []
        return True

    def _spell(self, word: SittingWord) -> bool:
        """Follow the hand until it has spelled the word, and keep what was found; return False if the user quits."""
        stream = self.glove.stream()
        if word.labels[0] == self._shown:  # an emulated hand has to move, or there is no second hold
            self._show(None)
            self.wait(MOVE_S)
        since = self.wearer.spell(stream, []).next
        before: Spelled | None = None
        changed_s = self.now_s()
        while True:
            wish = self.prompt.wish()
            if wish == "quit":
                return False
            if wish == "again":
                since = self.wearer.spell(stream, []).next
            spelled = self.wearer.spell(stream, word.labels, since)
            if before is None or spelled.letters != before.letters:
                changed_s = self.now_s()
                self.prompt.spelled(spelled, is_over=False)
            before = spelled
            is_quiet = spelled.letters[-1].state != "waiting" and self.now_s() - changed_s >= QUIET_S
            if wish == "next" or spelled.complete or is_quiet:
                break
            self._show(next((each.label for each in spelled.letters if each.state == "waiting"), None))
            self.wait(POLL_S)
        kept = self.wearer.spell(stream, word.labels, since, keep=True)
        self._found |= {example.label for example in kept.examples}
        self.prompt.spelled(kept, is_over=True)
        return True

    def _show(self, label: str | None) -> None:
        """Let an emulated hand show a label; asked once, it holds it."""
        if label != self._shown:
            self._shown = label
            self.glove.show(label)
