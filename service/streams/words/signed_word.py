"""The word that a hand is signing: the shapes held while it does, what its language makes of them, and what they teach.

Pure: device time is an argument. A letter is written after the first quarter of a second of its hold; what the whole
hold says of it is known when the hand moves on, and that is what a word is understood by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.language.language_model import language_model
from scaleglove.vocabulary import Vocabulary
from service.streams.hold_tracker import SETTLE_MS
from service.streams.shape_memory import LEAST_MS
from service.streams.text.decoder import MIN_PROBABILITY, ScoredWindow
from service.streams.words.lesson import Lesson
from service.streams.words.options import DEFAULT, WordOptions
from service.streams.words.signed_letter import SignedLetter
from service.streams.words.word_decoder import DecodedWord, WordDecoder

MOST_MARGIN: Final = 100.0
"""Lead of a word that has no other spelling beside it."""


@dataclass(slots=True, eq=False)
class _Hold:
    """A shape while it is held: the mean of the logarithms of its `windows` but the first, and the letter written."""

    begin_ms: float
    end_ms: float
    logarithms: NDArray[np.float64] | None = None
    windows: int = 0
    label: int | None = None

    def add(self, window: ScoredWindow) -> None:
        logarithms = np.log(window.probabilities + MIN_PROBABILITY)
        if self.logarithms is None or self.windows == 1:  # the first window still holds the end of the movement
            self.logarithms = logarithms
        else:
            self.logarithms = self.logarithms + (logarithms - self.logarithms) / self.windows
        self.windows += 1
        self.end_ms = window.t_ms

    @property
    def is_long(self) -> bool:
        """Whether it was no mere halt within a movement."""
        return self.end_ms - self.begin_ms >= LEAST_MS

    @property
    def signed(self) -> SignedLetter:
        assert self.logarithms is not None  # every hold is made with a window
        return SignedLetter(self.logarithms, self.label)


class SignedWord:
    """The word of one stream, in a vocabulary. `enabled` False: it is what was written, and teaches nothing."""

    def __init__(self, vocabulary: Vocabulary, enabled: bool, options: WordOptions = DEFAULT) -> None:
        self._enabled = enabled
        self._options = options
        self.use(vocabulary)

    def enable(self, enabled: bool, options: WordOptions) -> None:
        """Understand words with these weights from here on, or leave them as they are written."""
        if (enabled, options) != (self._enabled, self._options):
            self._enabled, self._options = enabled, options
            self.use(self._vocabulary)

    def use(self, vocabulary: Vocabulary) -> None:
        """Understand words of another vocabulary from here on."""
        self._vocabulary = vocabulary
        language = language_model(vocabulary.language) if self._enabled else None
        self._decoder = None if language is None else WordDecoder(vocabulary, language, self._options)
        self._names = vocabulary.names
        letters = () if language is None else language.letters
        self._is_letter = [name.lower() in letters for name in vocabulary.names]
        self._labels = {name: index for index, name in enumerate(vocabulary.names)}
        self._held: _Hold | None = None
        self.start()

    @property
    def names(self) -> tuple[str, ...]:
        """The labels that words are made of."""
        return self._names

    # What the hand does.

    def see(self, window: ScoredWindow) -> None:
        """Take the next window, in order of device time."""
        if self._decoder is None:
            return
        if window.still_ms < SETTLE_MS:
            self.let_go(window.let_go_ms)
            return
        if self._held is None:
            self._held = _Hold(window.t_ms - window.still_ms, window.t_ms)
        self._held.add(window)

    def let_go(self, end_ms: float | None = None) -> None:
        """End the hold, since the hand moves or frames are missing; `end_ms`: by which its shape is known, None: it was
        too short to be one."""
        held, self._held = self._held, None
        if held is None or not (held.label is not None or (self._ends_ms and held.is_long)):
            return
        self._push(held.signed, end_ms)

    # What is written for it.

    def start(self) -> None:
        """Begin a word: what was held before belongs to none."""
        if self._held is not None and self._held.label is not None:
            self._held = None
        self._ends_ms: list[float | None] = []
        self._written: list[int | None] = []
        self._is_known = True
        if self._decoder is not None:
            self._decoder.clear()

    def abandon(self) -> None:
        """Leave the word as it is written: it was edited, and how its letters were held is not known any more."""
        self.start()
        self._is_known = False

    def write(self, label: str, window: ScoredWindow, moved: bool) -> None:
        """Note the letter that was written for the shape that is held; `moved`: for the movement before it."""
        if self._decoder is None:
            return
        index = self._labels[label]
        if moved:
            seen = window.probabilities if window.of_movement is None else window.of_movement
            self._push(SignedLetter(np.log(seen + MIN_PROBABILITY), index), None)
            return
        if self._held is not None and self._held.label is not None:  # one letter after another in one hold
            self.let_go()
        if self._held is None:
            self._held = _Hold(window.t_ms, window.t_ms)
            self._held.add(window)
        self._held.label = index

    def delete(self) -> None:
        """Forget the newest letter that was written, with its hold and what was held since."""
        if self._held is not None and self._held.label is not None:
            self._held = None
            return
        while self._written and self._written[-1] is None:
            self._pop()
        if self._written:
            self._pop()

    def understood(self, letters: Sequence[str]) -> DecodedWord | None:
        """Return the word that was written with these letters as it is understood; None: nothing is known of it."""
        if self._decoder is None or not self._is_known:
            return None
        held = self._held
        if held is not None and (held.label is None or not self._is_letter[held.label]):
            held = None
        if held is not None and not self._decoder.is_full:
            self._decoder.push(held.signed)
            found = self._decoder.result()
            self._decoder.pop()
        else:
            found = self._decoder.result()
        if [self._names[label] for label in found.raw] != list(letters):
            return None
        return replace(found, margin=min(found.margin, MOST_MARGIN))

    def lessons(self, word: DecodedWord) -> list[Lesson]:
        """Return what a word, as it was understood, teaches of the shapes that were held for it."""
        return [
            Lesson(end_ms, label, word.margin)
            for label, source in zip(word.labels, word.sources, strict=True)
            if source is not None and source < len(self._ends_ms) and (end_ms := self._ends_ms[source]) is not None
        ]

    def lessons_as_signed(self, word: DecodedWord) -> list[Lesson]:
        """Return what the same shapes teach where the wearer says that the word is what was written."""
        of_written = (end_ms for end_ms, label in zip(self._ends_ms, self._written, strict=True) if label is not None)
        pairs = zip(of_written, word.raw, strict=False)  # the last letter may still be held
        return [Lesson(end_ms, label, math.inf) for end_ms, label in pairs if end_ms is not None]

    def _push(self, signed: SignedLetter, end_ms: float | None) -> None:
        is_sign = signed.label is not None and not self._is_letter[signed.label]
        if self._decoder is None or self._decoder.is_full or is_sign:
            self._is_known = False
            return
        self._decoder.push(signed)
        self._ends_ms.append(end_ms)
        self._written.append(signed.label)

    def _pop(self) -> None:
        if self._decoder is not None:
            self._decoder.pop()
        self._ends_ms.pop()
        self._written.pop()
