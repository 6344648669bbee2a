"""Words that a wearer is asked to spell, in which every letter occurs, and those at most risk twice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from scaleglove.language.covering_words import SpelledWord, covering_words
from scaleglove.language.endings import endings_of
from scaleglove.language.word_list import LANGUAGES, word_list
from scaleglove.spelling import SpellingError, spelling_of
from scaleglove.vocabulary import Vocabulary

AT_RISK: Final = 8
"""Letters that are asked for twice: of those most likely to be confused a third of an alphabet."""

_FREQUENT: Final = 3000
"""Words of the list that are looked at: all of them are known to everybody."""

_LENGTHS: Final = (4, 8)
"""Letters of a word: shorter entries of the Korean list are parts of words, longer ones are hard to keep in mind."""


def sitting_words(vocabulary: Vocabulary, wanted: Collection[str], at_risk: Collection[str]) -> list[SpelledWord]:
    """Return some ten words in which the labels `wanted` occur, and those `at_risk` of them twice; of a vocabulary
    without words, none. The same arguments give the same words."""
    needed = {label: 2 if label in at_risk else 1 for label in vocabulary.names if label in wanted}
    return covering_words(_candidates(vocabulary), needed) if needed else []


def uncovered(words: Sequence[SpelledWord], wanted: Sequence[str]) -> list[str]:
    """Return the labels that no word has: a sign that moves, or one that stands for a word of its own."""
    covered = {label for word in words for label in word.labels}
    return [label for label in wanted if label not in covered]


@lru_cache(maxsize=16)  # a service has few vocabularies
def _candidates(vocabulary: Vocabulary) -> tuple[SpelledWord, ...]:
    """Return the words that a vocabulary spells with letters that are held still, the most frequent first."""
    if vocabulary.language not in LANGUAGES:
        return ()
    return tuple(_spelled(vocabulary))


def _spelled(vocabulary: Vocabulary) -> Iterator[SpelledWord]:
    spelling = spelling_of(vocabulary)
    moving = {each.label for each in vocabulary.labels if each.moving}
    endings = {ending.text for ending in endings_of(vocabulary.language)}
    for word in islice(word_list(vocabulary.language), _FREQUENT):
        try:
            labels = tuple(spelling.labels(word))
        except SpellingError:
            continue  # it has a letter that the vocabulary lacks
        if _LENGTHS[0] <= len(labels) <= _LENGTHS[1] and word not in endings and moving.isdisjoint(labels):
            yield SpelledWord(word, labels)
