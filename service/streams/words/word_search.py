"""The search for a word's spellings, one hold after the other, each of which can be taken back. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import numpy as np

from scaleglove.language.language_model import LanguageModel
from service.streams.words.beam import Beam, BeamSearch, total_of
from service.streams.words.options import WordOptions
from service.streams.words.signed_letter import Emissions, SignedLetter

MAX_HOLDS: Final = 128
"""Holds of a word: twice the letters that a word may have, since not every hold is written."""

TRACED: Final = 12
"""Ends of the beam that are traced back to their spellings: the answer, the next one, and the same ones again."""


class Spelling(NamedTuple):
    """Letters of the language, and the hold that each was read from; None: it had none."""

    letters: tuple[int, ...]
    sources: tuple[int | None, ...]


class ScoredSpelling(NamedTuple):
    """A spelling with its total, and whether it is a word of the list."""

    spelling: Spelling
    score: float
    in_list: bool


class WordSearch(Protocol):
    """The search for one word at a time."""

    def push(self, signed: SignedLetter, written: int | None) -> float:
        """Take the next hold, for which the letter `written` was written, or none; return what its score adds to that
        of what was written."""

    def pop(self) -> None:
        """Forget the newest hold."""

    def clear(self) -> None:
        """Forget the word."""

    def ends(self) -> list[ScoredSpelling]:
        """Return the most probable spellings if the word ends here, the best first, some of them more than once. There
        is a hold at least."""

    def written(self, spelling: Spelling, score: float) -> ScoredSpelling:
        """Return a spelling by itself, with the score of its holds."""


FindSearch = Callable[[LanguageModel, Emissions, WordOptions], WordSearch]


class _Step(NamedTuple):
    """Beams after one hold: with what may have been missed before it (None: not considered), and with it."""

    missed: Beam | None
    beam: Beam


class ArraySearch:
    """The search by array operations, which keeps the beam of each hold: some 4 KB."""

    def __init__(self, language: LanguageModel, emissions: Emissions, options: WordOptions) -> None:
        self._language = language
        self._search = BeamSearch(language, options)
        self._emissions = emissions
        self._options = options
        self._steps: list[_Step] = []

    def push(self, signed: SignedLetter, written: int | None) -> float:
        """Take the next hold; return what its score adds to that of what was written."""
        before = self._steps[-1].beam if self._steps else self._search.start()
        emission = self._emissions.of(signed)
        if written is None and not signed.is_letter:
            self._steps.append(_Step(None, self._search.push_unwritten(before, emission)))
            return 0.0
        self._steps.append(_Step(*self._search.push(before, emission, signed.is_letter)))
        return -self._options.false if written is None else float(emission[written])

    def pop(self) -> None:
        """Forget the newest hold."""
        self._steps.pop()

    def clear(self) -> None:
        """Forget the word."""
        self._steps.clear()

    def ends(self) -> list[ScoredSpelling]:
        """Return the most probable spellings if the word ends here, the best first."""
        last = self._search.missed(self._steps[-1].beam)
        totals = self._search.ended(last)
        order = np.argsort(-totals, kind="stable")[:TRACED]
        return [
            ScoredSpelling(self._trace(last, place), float(totals[place]), bool(last.listed[place]))
            for place in order[totals[order] > -np.inf].tolist()
        ]

    def written(self, spelling: Spelling, score: float) -> ScoredSpelling:
        """Return a spelling by itself, with the score of its holds."""
        listed = self._language.log_listed(spelling.letters)
        other = self._language.open.log_probability(spelling.letters)
        return ScoredSpelling(spelling, total_of(score, self._options.language, listed, other), listed > -math.inf)

    def _trace(self, last: Beam, place: int) -> Spelling:
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
        return Spelling(tuple(reversed(letters)), tuple(reversed(sources)))
