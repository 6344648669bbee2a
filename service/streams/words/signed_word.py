"""The word that a hand is signing: the shapes held while it does, what its language makes of them, and what they teach.

Pure: device time is an argument. A letter is written after the first quarter of a second of its hold; what the whole
hold says of it is known when the hand moves on, and that is what a word is understood by.

Of a hand that is not known, half of the letters are not written, since none is sure enough. So every hold that lasts as
long as a letter's is taken for one, whether it was written or not, and keeps the word open as a written letter does; a
longer one is a rest (`present_hold`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scaleglove.vocabulary import Vocabulary
from service.streams.hold_tracker import SETTLE_MS
from service.streams.scored_window import MIN_PROBABILITY, ScoredWindow
from service.streams.words.belief import is_believed, is_held_well
from service.streams.words.lesson import Lesson
from service.streams.words.options import DEFAULT, USUAL, WordOptions, WordRules
from service.streams.words.pace import Pace
from service.streams.words.present_hold import PresentHold
from service.streams.words.signed_letter import SignedLetter
from service.streams.words.word_decoder import DecodedWord, WordDecoder

MOST_MARGIN: Final = 100.0
"""Lead of a word that has no other spelling beside it."""


@dataclass(frozen=True, slots=True)
class _Pushed:
    """A hold of the word, when it began (NaN: that is not known), and whether it was held well."""

    signed: SignedLetter
    begin_ms: float
    is_well: bool


class SignedWord:
    """The word of one stream, in a vocabulary. `enabled` False: it is what was written, and teaches nothing."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        space_ms: float,
        enabled: bool,
        options: WordOptions = DEFAULT,
        rules: WordRules = USUAL,
    ) -> None:
        self._space_ms = space_ms
        self._rules = rules
        self._enabled = enabled
        self._options = options
        self._pace = Pace()
        self.use(vocabulary)

    def enable(self, enabled: bool, options: WordOptions) -> None:
        """Understand words with these weights from here on, or leave them as they are written."""
        if (enabled, options) != (self._enabled, self._options):
            self._enabled, self._options = enabled, options
            self.use(self._vocabulary)

    def use(self, vocabulary: Vocabulary) -> None:
        """Understand words of another vocabulary from here on."""
        self._vocabulary = vocabulary
        language = self._rules.find_language(vocabulary.language) if self._enabled else None
        self._decoder = None if language is None else WordDecoder(vocabulary, language, self._options)
        self._names = vocabulary.names
        letters = () if language is None else language.letters
        self._is_letter = [name.lower() in letters for name in vocabulary.names]
        self._labels = {name: index for index, name in enumerate(vocabulary.names)}
        self._held: PresentHold | None = None
        self._clear()

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
        if window.let_go_ms is not None and self._held is not None:
            self._change_shape(self._held, window.let_go_ms)
        if self._held is None:
            self._held = PresentHold.at(window, self._pace.longest_ms)
        else:
            self._held.add(window)

    def let_go(self, end_ms: float | None = None) -> None:
        """End the hold, since the hand moves or frames are missing; `end_ms`: by which its shape is known, None: it was
        too short to be one."""
        held, self._held = self._held, None
        is_well = held is not None and self._is_well(held)  # by the pace before it
        if held is not None:
            self._pace.see(held.lasted_ms)
        if held is None or (held.label is None and (held.is_halt or held.is_rest)):
            return
        if held.label is None and (self._is_over or (self._is_unwritten and self._is_apart(held))):
            self._clear()
        is_letter = held.is_like_a_letter or self._is_trusted(held)
        signed = SignedLetter(held.logarithms, held.label, is_letter)
        self._push(_Pushed(signed, held.begin_ms, is_well), end_ms)
        self._rested = held.is_rest and not is_letter
        if is_letter:
            self._letter_ms = held.end_ms

    def is_resting(self, end_ms: float, t_ms: float) -> bool:
        """Tell whether a word whose last letter ended at `end_ms` has ended by now."""
        if self._decoder is None:
            return t_ms - end_ms >= self._space_ms
        last_ms = self._letter_ms if self._rested else max(end_ms, self._letter_ms)
        held = self._held
        if held is not None and held.begin_ms - last_ms < self._space_ms and not held.is_rest:
            return False  # it may become a letter
        return t_ms - last_ms >= self._space_ms

    def _change_shape(self, held: PresentHold, end_ms: float) -> None:
        """Go on with the hold of another shape, which the hand came to without having moved."""
        other = held.split()
        if other is not None:
            self.let_go(end_ms)
            self._held = other
        elif self._ends_ms and self._ends_ms[-1] is None:  # the change was seen before, when its letter was written
            self._ends_ms[-1] = end_ms

    def _is_trusted(self, held: PresentHold) -> bool:
        """Tell whether a hold is a letter because it was written."""
        return held.label is not None and self._options.trusts_written

    def _is_well(self, held: PresentHold) -> bool:
        """Tell whether a hold alone shows that its letter was meant."""
        return is_held_well(held, self._options.well, is_paced=self._pace.is_known)

    def _is_apart(self, held: PresentHold) -> bool:
        """Tell whether the hand rested before a hold."""
        return held.begin_ms - self._letter_ms >= self._space_ms

    @property
    def _is_unwritten(self) -> bool:
        return all(each.signed.label is None for each in self._pushed)

    # What is written for it.

    def start(self) -> None:
        """Begin a word with the letter that is written next; what was held since the rest before it is of it too."""
        if self._held is not None and self._held.label is not None:
            self._held = None
        if self._is_over or not self._is_known:
            self._clear()

    def end(self) -> None:
        """Note that the word has ended: what is held from here on is not of it."""
        self._is_over = True

    def _clear(self) -> None:
        self._is_over = self._rested = False
        self._letter_ms = -math.inf
        self._ends_ms: list[float | None] = []
        self._pushed: list[_Pushed] = []
        self._is_known = True
        if self._decoder is not None:
            self._decoder.clear()

    def abandon(self) -> None:
        """Leave the word as it is written: it was edited, and how its letters were held is not known any more."""
        self._clear()
        self._is_known = False

    def write(self, label: str, window: ScoredWindow, moved: bool) -> None:
        """Note the letter that was written for the shape that is held; `moved`: for the movement before it."""
        if self._decoder is None:
            return
        index = self._labels[label]
        if moved:
            seen = window.probabilities if window.of_movement is None else window.of_movement
            self._push(_Pushed(SignedLetter(np.log(seen + MIN_PROBABILITY), index), math.nan, is_well=True), None)
            return
        if self._held is not None and self._held.label is not None:  # one letter after another in one hold
            self.let_go()
        if self._held is None:
            self._held = PresentHold.at(replace(window, still_ms=0.0), self._pace.longest_ms)
        self._held.label = index

    def write_late(self, label: str, t_ms: float) -> None:
        """Note the letter that is written only now for the shape that was held last, at `t_ms`, before the present one.
        Where that is not what was held, nothing is understood of the word."""
        if not self._pushed or self._pushed[-1].signed.label is not None or not self._pushed[-1].begin_ms <= t_ms:
            return
        last, end_ms = self._pushed[-1], self._ends_ms[-1]
        self._pop()
        self._push(replace(last, signed=replace(last.signed, label=self._labels[label], is_letter=True)), end_ms)

    def delete(self) -> None:
        """Forget the newest letter that was written, with its hold and what was held since."""
        if self._held is not None and self._held.label is not None:
            self._held = None
            return
        while self._pushed and self._pushed[-1].signed.label is None:
            self._pop()
        if self._pushed:
            self._pop()

    def understood(self, letters: Sequence[str]) -> DecodedWord | None:
        """Return the word that was written with these letters as it is understood; None: nothing is known of it."""
        if self._decoder is None or not self._is_known:
            return None
        held = self._held
        if held is not None and (held.label is None or not self._is_letter[held.label]):
            held = None
        if held is not None and not self._decoder.is_full:
            self._decoder.push(SignedLetter(held.logarithms, held.label, not held.is_rest or self._is_trusted(held)))
            found = self._decoder.result()
            self._decoder.pop()
        else:
            found = self._decoder.result()
        if [self._names[label] for label in found.raw] != list(letters):
            return None
        return replace(found, margin=min(found.margin, MOST_MARGIN))

    def is_believed(self, word: DecodedWord) -> bool:
        """Tell whether the word that was understood was meant: `belief`."""
        has_held = any(pushed.is_well for pushed in self._pushed)
        has_held |= self._held is not None and self._is_well(self._held)
        return is_believed(word, has_held=has_held)

    def lessons(self, word: DecodedWord) -> list[Lesson]:
        """Return what a word, as it was understood, teaches of the shapes that were held for it."""
        if not self._rules.teach:
            return []
        return [
            Lesson(end_ms, label, word.margin)
            for label, source in zip(word.labels, word.sources, strict=True)
            if source is not None and source < len(self._ends_ms) and (end_ms := self._ends_ms[source]) is not None
        ]

    def lessons_as_signed(self, word: DecodedWord) -> list[Lesson]:
        """Return what the same shapes teach where the wearer says that the word is what was written."""
        if not self._rules.teach:
            return []
        each = zip(self._ends_ms, self._pushed, strict=True)
        of_written = (end_ms for end_ms, pushed in each if pushed.signed.label is not None)
        pairs = zip(of_written, word.raw, strict=False)  # the last letter may still be held
        return [Lesson(end_ms, label, math.inf) for end_ms, label in pairs if end_ms is not None]

    def _push(self, pushed: _Pushed, end_ms: float | None) -> None:
        signed = pushed.signed
        is_sign = signed.label is not None and not self._is_letter[signed.label]
        if self._decoder is None or self._decoder.is_full or is_sign:
            self._is_known = False
            return
        self._decoder.push(signed)
        self._ends_ms.append(end_ms)
        self._pushed.append(pushed)

    def _pop(self) -> None:
        if self._decoder is not None:
            self._decoder.pop()
        self._ends_ms.pop()
        self._pushed.pop()
