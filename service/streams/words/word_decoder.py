"""The word that was meant, from what each hold says of the letters and from what a hand is likely to spell. Pure.

The score of a spelling is that of the holds plus the weighted logarithm of the word's probability in the language
(`scaleglove.language`): a noisy channel (Kernighan, Church and Gale, A Spelling Correction Program Based on a Noisy
Channel Model, 1990), searched by a beam. A hold is a letter, two equal ones, or none, and a letter may have had no hold
(`options`). What was written is always among the spellings, and stays where no other one leads it clearly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scaleglove.language.language_model import LanguageModel
from scaleglove.vocabulary import Vocabulary
from service.streams.words.beam import Beam, BeamSearch
from service.streams.words.options import DEFAULT, WordOptions
from service.streams.words.signed_letter import Emissions, SignedLetter

MAX_HOLDS: Final = 128
"""Holds of a word: twice the letters that a word may have, since not every hold is written. A beam takes some 4 KB for
each."""

FEWEST_HOLDS: Final = 2
"""Holds of a word that may be changed: one letter by itself, as of somebody who tries what the glove reads, has no
other beside it that could speak against it."""

_TRACED: Final = 12
"""Ends of the beam that are traced back to their spellings: the answer, the next one, and the same ones again."""


@dataclass(frozen=True, slots=True)
class DecodedWord:
    """A word as it is understood: `labels` are indices in the vocabulary, `raw` those that were written."""

    labels: tuple[int, ...]
    sources: tuple[int | None, ...]
    """The hold that each label was read from, counted from 0; None: the letter had none."""
    raw: tuple[int, ...]
    margin: float
    """Lead in log score over the next spelling; 0 and below: another one is as likely."""
    in_list: bool
    """Whether it is a word of the list, with its endings."""

    @property
    def is_changed(self) -> bool:
        """Whether it is another spelling than what was written."""
        return self.labels != self.raw


class _Spelling(NamedTuple):
    letters: tuple[int, ...]
    sources: tuple[int | None, ...]


class _Scored(NamedTuple):
    spelling: _Spelling
    score: float
    in_list: bool


class _Step(NamedTuple):
    """Beams after one hold: with what may have been missed before it (None: not considered), and with it."""

    missed: Beam | None
    beam: Beam
    score: float
    """Of what was written so far, by the holds."""
    is_unwritten: bool = False
    """The hold is likely to be a letter, and none was written for it."""


class WordDecoder:
    """The decoder of one word at a time. Letters are pushed in their order; the word is understood again with each.

    Args:
        vocabulary: of the labels.
        language: the model of its language (`language_model`); None: labels come out as they were written.
        options: what is weighed.
    """

    def __init__(self, vocabulary: Vocabulary, language: LanguageModel | None, options: WordOptions = DEFAULT) -> None:
        self._options = options
        self._raw: list[int | None] = []
        self._steps: list[_Step] = []
        self._search = None
        if language is not None:
            self._search = BeamSearch(language, options)
            self._emissions = Emissions(vocabulary, language.letters, options.sharpness)
            self._letter_of = {label: letter for letter, label in enumerate(self._emissions.labels) if label >= 0}

    def __len__(self) -> int:
        """Return how many holds were pushed."""
        return len(self._raw)

    @property
    def is_full(self) -> bool:
        """Whether the word can have no further hold."""
        return len(self._raw) >= MAX_HOLDS

    def push(self, signed: SignedLetter) -> None:
        """Take the next hold of the word.

        Raises:
            ValueError: the word is full, or the label is no letter of the language.
        """
        if self.is_full:
            raise ValueError(f"a word has at most {MAX_HOLDS} holds; end it first")
        if self._search is not None:
            self._steps.append(self._step(self._search, signed))
        self._raw.append(signed.label)

    def pop(self) -> None:
        """Forget the newest hold: the decoder is as it was before it.

        Raises:
            IndexError: there is none.
        """
        self._raw.pop()
        if self._search is not None:
            self._steps.pop()

    def clear(self) -> None:
        """Forget the word."""
        self._raw.clear()
        self._steps.clear()

    def result(self) -> DecodedWord:
        """Return the word as it is understood so far."""
        raw = tuple(label for label in self._raw if label is not None)
        sources = tuple(index for index, label in enumerate(self._raw) if label is not None)
        if self._search is None or not self._steps:
            return DecodedWord(raw, sources, raw, 0.0, in_list=False)
        found = self._spellings(self._search, _Spelling(self._letters(raw), sources))
        as_written = next(each for each in found if each.spelling.letters == self._letters(raw))
        answer = found[0] if self._may_replace(found, as_written) else as_written
        others = [each for each in found if each is not answer]
        margin = answer.score - others[0].score if others else float("inf")
        return DecodedWord(
            self._labels(answer.spelling.letters),
            answer.spelling.sources,
            raw,
            margin,
            answer.in_list,
        )

    def _may_replace(self, found: Sequence[_Scored], as_written: _Scored) -> bool:
        """Tell whether the best of different spellings may take the place of what was written."""
        options, best = self._options, found[0]
        if len(self._raw) < FEWEST_HOLDS:
            return False
        is_clear = len(found) == 1 or best.score - found[1].score >= options.lead
        is_better = best.score - as_written.score >= options.change
        has_unwritten = any(step.is_unwritten for step in self._steps)
        return is_clear and is_better and (best.in_list or (has_unwritten and not options.listed_only))

    def _step(self, search: BeamSearch, signed: SignedLetter) -> _Step:
        newest = self._steps[-1] if self._steps else _Step(None, search.start(), 0.0)
        emission = self._emissions.of(signed)
        if signed.label is None and not signed.is_letter:
            return _Step(None, search.push_unwritten(newest.beam, emission), newest.score)
        if signed.label is not None and signed.label not in self._letter_of:
            raise ValueError(f"label {signed.label} is no letter of the language; it ends the word")
        missed, beam = search.push(newest.beam, emission, signed.is_letter)
        of_written = -self._options.false if signed.label is None else float(emission[self._letter_of[signed.label]])
        return _Step(missed, beam, newest.score + of_written, signed.label is None)

    def _letters(self, labels: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._letter_of[label] for label in labels)

    def _labels(self, letters: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._emissions.labels[letter] for letter in letters)

    def _spellings(self, search: BeamSearch, written: _Spelling) -> list[_Scored]:
        """Return different spellings, the best first, with what was written among them."""
        newest = self._steps[-1]
        last = search.missed(newest.beam)
        totals = search.ended(last)
        order = np.argsort(-totals, kind="stable")[:_TRACED]
        score, in_list = search.written(written.letters, newest.score)
        found = [_Scored(written, score, in_list)]
        for place in order[totals[order] > -np.inf].tolist():
            found.append(_Scored(self._trace(last, place), float(totals[place]), bool(last.listed[place])))
        best: dict[tuple[int, ...], _Scored] = {}
        for each in sorted(found, key=lambda scored: -scored.score):
            best.setdefault(each.spelling.letters, each)
        return list(best.values())

    def _trace(self, last: Beam, place: int) -> _Spelling:
        """Return the spelling of a hypothesis, followed back to the first hold."""
        letters: list[int] = []
        sources: list[int | None] = []
        beams: list[tuple[Beam, int | None]] = [(last, None)]
        for index in range(len(self._steps) - 1, -1, -1):
            step = self._steps[index]
            beams.append((step.beam, index))
            if step.missed is not None:
                beams.append((step.missed, None))
        for beam, source in beams:
            count = int(beam.added[place])
            letters += [int(beam.letter[place])] * count
            sources += [source] * count
            place = int(beam.parent[place])
        return _Spelling(tuple(reversed(letters)), tuple(reversed(sources)))
