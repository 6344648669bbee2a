"""The text of a Korean word's letters: the most probable row of words, endings and syllables that has them. Pure.

Where equal consonants meet, letters do not say whether they are a double consonant or an end and a beginning: 하꾜 and
학교 have the same ones. Each entry of the word list is a text, so a row of entries that has the letters settles it:
학교 + 에서 + 는 (`scaleglove.language`). The row with the highest product of probabilities is found letter by letter
(Viterbi, 1967), at a cost that is proportional to the number of letters. Where no entry fits, single syllables stand
in, each by its frequency in the list and at a price for being no entry; a letter that is in no syllable stands alone,
and such a reading comes after every one without.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache, lru_cache
from typing import Final, NamedTuple, Self

from scaleglove.hangul.spelling import VOWELS, letters
from scaleglove.hangul.syllables import check_letters, close, final_of, is_syllable, joined, syllable_of
from scaleglove.language.endings import FOLLOWED, Ending, endings_of
from scaleglove.language.word_list import word_list

_LOG_FOLLOWED: Final = math.log(FOLLOWED)
_LOG_JOINED: Final = math.log(1e-3)
"""Of an entry after another one that is no ending: a compound."""
_LOG_UNLISTED: Final = math.log(1e-2)
"""Of syllables that are no entry, for as many as there are in a row."""
_LOG_STEM: Final = math.log(0.2)
"""Of a stem without an ending: of 아끼 and 악기, which are as frequent, the second is a word."""
_UNSEEN: Final = 1e-4
"""Weight of a syllable that no word has, where one that has the most frequent words has some 0.1."""
_LOG_SINGLE: Final = -1000.0
"""Of a letter that stands alone: less than any word of syllables has."""
_LONGEST_SYLLABLE: Final = 7
"""Letters: two, three and two."""


class _Place(Enum):
    """What the text so far ends with."""

    BEGIN = "nothing"
    ENTRY = "an entry of the list or an ending"
    STEM = "a stem"
    SYLLABLE = "a syllable that is no entry"
    LETTER = "a letter that stands alone"


class _Reading(NamedTuple):
    """A text of the letters so far, and the logarithm of its probability."""

    score: float
    text: str


_Readings = dict[_Place, _Reading]
"""The most probable reading of each kind of end."""


class _Part(NamedTuple):
    """A text, the logarithm of its probability, and what it is."""

    text: str
    score: float
    place: _Place


class KoreanReader:
    """The reader with a list of words, each with the logarithm of its frequency, and of endings."""

    def __init__(self, words: Mapping[str, float], endings: Sequence[Ending]) -> None:
        self._words: dict[str, list[_Part]] = defaultdict(list)
        self._endings: dict[str, list[Ending]] = defaultdict(list)
        weights: dict[str, float] = defaultdict(float)
        for word, logarithm in words.items():
            place = _Place.STEM if _is_stem(word, words) else _Place.ENTRY
            self._words[_letters_of(word)].append(_Part(word, logarithm, place))
            for syllable in word:
                weights[syllable] += math.exp(logarithm / 2)
        for ending in endings:
            self._endings[_letters_of(ending.text)].append(ending)
        total = sum(weights.values())
        self._syllables = {syllable: math.log(weight / total) for syllable, weight in weights.items()}
        self._unseen = math.log(_UNSEEN / total)
        self._longest = max(_LONGEST_SYLLABLE, *map(len, (*self._words, *self._endings)))

    @classmethod
    @cache
    def of_package(cls) -> Self:
        """Return the reader with the package's lists, one for the process."""
        return cls(word_list("korean"), endings_of("korean"))

    def read(self, word: str) -> str:
        """Return the text of a word's letters.

        Raises:
            ValueError: a character is none of the 24 letters.
        """
        return GrowingReading(self).read(word)

    def readings(self, word: str, best: Sequence[_Readings]) -> _Readings:
        """Return the best readings of a word's letters, from those of each of its beginnings but the whole."""
        found: _Readings = {}
        for begin in range(max(0, len(word) - self._longest), len(word)):
            last = word[begin:]
            parts = list(self._parts(last))
            endings = self._endings.get(last, ())
            if parts or endings:
                for place, reading in best[begin].items():
                    _keep_better(found, place, reading, parts)
                    _keep_ended(found, place, reading, endings)
        return found

    def _parts(self, last: str) -> Iterator[_Part]:
        """Yield the entries, the syllable and the single letter that have these letters."""
        yield from self._words.get(last, ())
        if len(last) <= _LONGEST_SYLLABLE and (syllable := _syllable_of(last)) is not None:
            yield _Part(syllable, self._syllables.get(syllable, self._unseen), _Place.SYLLABLE)
        if len(last) == 1 or joined(last) in VOWELS:
            yield _Part(joined(last), _LOG_SINGLE, _Place.LETTER)


class GrowingReading:
    """The reading of a word that is being signed: of the next word that is read it computes what is beyond the letters
    that it begins with as the one before did."""

    def __init__(self, reader: KoreanReader) -> None:
        self._reader = reader
        self._word = ""
        self._best: list[_Readings] = [{_Place.BEGIN: _Reading(0.0, "")}]

    def read(self, word: str) -> str:
        """Return the text of a word's letters.

        Raises:
            ValueError: a character is none of the 24 letters.
        """
        check_letters(word)
        pairs = enumerate(zip(word, self._word, strict=False))
        same = next((place for place, (one, other) in pairs if one != other), min(len(word), len(self._word)))
        del self._best[same + 1 :]
        for end in range(same + 1, len(word) + 1):
            self._best.append(self._reader.readings(word[:end], self._best))
        self._word = word
        ends = ((reading.score + _at_end(place), reading.text) for place, reading in self._best[-1].items())
        return max(ends, key=lambda each: each[0])[1]


_syllable_of: Final = lru_cache(maxsize=4096)(syllable_of)


def _keep_better(found: _Readings, place: _Place, reading: _Reading, parts: Sequence[_Part]) -> None:
    """Keep what is better with one of the parts at its end."""
    compound = 0.0 if place is _Place.BEGIN else _LOG_JOINED
    for part in parts:
        score = reading.score + part.score
        if part.place is _Place.SYLLABLE:
            score += 0.0 if place is _Place.SYLLABLE else _LOG_UNLISTED
        elif part.place is not _Place.LETTER:
            score += compound
        if part.place not in found or score > found[part.place].score:
            found[part.place] = _Reading(score, reading.text + part.text)


def _keep_ended(found: _Readings, place: _Place, reading: _Reading, endings: Sequence[Ending]) -> None:
    """Keep what is better with one of the endings at its end."""
    if place in (_Place.BEGIN, _Place.LETTER):
        return
    for ending in endings:
        score = reading.score + _LOG_FOLLOWED + ending.log_share
        if _Place.ENTRY not in found or score > found[_Place.ENTRY].score:
            whole = _with_ending(reading.text, ending)
            if whole is not None:
                found[_Place.ENTRY] = _Reading(score, whole)


def _letters_of(text: str) -> str:
    return "".join(letters(text))


def _at_end(place: _Place) -> float:
    return _LOG_STEM if place is _Place.STEM else 0.0


def _is_stem(word: str, words: Mapping[str, float]) -> bool:
    """Tell what may be a stem by its form with the final ㄴ or ㄹ, an entry of its own: 아낄 of 아끼. A word of one
    syllable has one by chance."""
    if len(word) < 2 or final_of(word[-1]):
        return False
    return any(word[:-1] + close(word[-1], final) in words for final in "ㄴㄹ")


def _with_ending(text: str, ending: Ending) -> str | None:
    """Return a text that ends with a syllable and an ending after it; None: it does not follow such a text."""
    is_closed = bool(final_of(text[-1]))
    if (ending.after == "a vowel" and is_closed) or (ending.after == "a consonant" and not is_closed):
        return None
    first = ending.text[0]
    if is_syllable(first):
        return text + ending.text
    return None if is_closed else text[:-1] + close(text[-1], first) + ending.text[1:]
