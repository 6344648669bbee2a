"""The word that was meant, from what each hold says of the letters and from what a hand is likely to spell. Pure.

The score of a spelling is that of the holds plus the weighted logarithm of the word's probability in the language
(`scaleglove.language`): a noisy channel (Kernighan, Church and Gale, A Spelling Correction Program Based on a Noisy
Channel Model, 1990), searched by a beam. A hold is a letter, two equal ones, or none, and a letter may have had no hold
(`options`). What was written is always among the spellings, and stays where no other one leads it clearly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scaleglove.language.language_model import LanguageModel
from scaleglove.vocabulary import Vocabulary
from service.streams.words.native_search import fastest_search
from service.streams.words.options import DEFAULT, WordOptions
from service.streams.words.signed_letter import Emissions, SignedLetter
from service.streams.words.word_search import MAX_HOLDS, FindSearch, ScoredSpelling, Spelling, WordSearch

FEWEST_HOLDS: Final = 2
"""Holds of a word that may be changed: one letter by itself, as of somebody who tries what the glove reads, has no
other beside it that could speak against it."""


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


class WordDecoder:
    """The decoder of one word at a time. Letters are pushed in their order; the word is understood again with each.

    Args:
        vocabulary: of the labels.
        language: the model of its language (`language_model`); None: labels come out as they were written.
        options: what is weighed.
        find_search: makes the search for its spellings.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        language: LanguageModel | None,
        options: WordOptions = DEFAULT,
        find_search: FindSearch = fastest_search,
    ) -> None:
        self._options = options
        self._signed: list[SignedLetter] = []
        self._scores: list[float] = []
        """After each hold, the score of what was written so far, by the holds."""
        self._search = None
        if language is not None:
            emissions = Emissions(vocabulary, language.letters, options.sharpness)
            self._search = find_search(language, emissions, options)
            self._label_of = emissions.labels
            self._letter_of = {label: letter for letter, label in enumerate(emissions.labels) if label >= 0}

    def __len__(self) -> int:
        """Return how many holds were pushed."""
        return len(self._signed)

    @property
    def is_full(self) -> bool:
        """Whether the word can have no further hold."""
        return len(self._signed) >= MAX_HOLDS

    def push(self, signed: SignedLetter) -> None:
        """Take the next hold of the word.

        Raises:
            ValueError: the word is full, or the label is no letter of the language.
        """
        if self.is_full:
            raise ValueError(f"a word has at most {MAX_HOLDS} holds; end it first")
        if self._search is not None:
            if signed.label is not None and signed.label not in self._letter_of:
                raise ValueError(f"label {signed.label} is no letter of the language; it ends the word")
            written = None if signed.label is None else self._letter_of[signed.label]
            before = self._scores[-1] if self._scores else 0.0
            self._scores.append(before + self._search.push(signed, written))
        self._signed.append(signed)

    def pop(self) -> None:
        """Forget the newest hold: the decoder is as it was before it.

        Raises:
            IndexError: there is none.
        """
        self._signed.pop()
        if self._search is not None:
            self._search.pop()
            self._scores.pop()

    def clear(self) -> None:
        """Forget the word."""
        self._signed.clear()
        self._scores.clear()
        if self._search is not None:
            self._search.clear()

    def result(self) -> DecodedWord:
        """Return the word as it is understood so far."""
        written = [(index, each.label) for index, each in enumerate(self._signed) if each.label is not None]
        raw, sources = tuple(label for _, label in written), tuple(index for index, _ in written)
        if self._search is None or not self._signed:
            return DecodedWord(raw, sources, raw, 0.0, in_list=False)
        letters = tuple(self._letter_of[label] for label in raw)
        found = self._spellings(self._search, Spelling(letters, sources))
        as_written = next(each for each in found if each.spelling.letters == letters)
        answer = found[0] if self._may_replace(found, as_written) else as_written
        others = [each for each in found if each is not answer]
        margin = answer.score - others[0].score if others else float("inf")
        labels = tuple(self._label_of[letter] for letter in answer.spelling.letters)
        return DecodedWord(labels, answer.spelling.sources, raw, margin, answer.in_list)

    def _may_replace(self, found: Sequence[ScoredSpelling], as_written: ScoredSpelling) -> bool:
        """Tell whether the best of different spellings may take the place of what was written."""
        options, best = self._options, found[0]
        if len(self._signed) < FEWEST_HOLDS:
            return False
        is_clear = len(found) == 1 or best.score - found[1].score >= options.lead
        is_better = best.score - as_written.score >= options.change
        has_unwritten = any(each.label is None and each.is_letter for each in self._signed)
        return is_clear and is_better and (best.in_list or (has_unwritten and not options.listed_only))

    def _spellings(self, search: WordSearch, written: Spelling) -> list[ScoredSpelling]:
        """Return different spellings, the best first, with what was written among them."""
        found = [search.written(written, self._scores[-1]), *search.ends()]
        best: dict[tuple[int, ...], ScoredSpelling] = {}
        for each in sorted(found, key=lambda scored: -scored.score):
            best.setdefault(each.spelling.letters, each)
        return list(best.values())
