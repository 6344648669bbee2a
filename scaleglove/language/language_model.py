"""What a hand is likely to spell in a language: the words of a list, with their endings, and beside them any others.

    P(word) = LISTED * P_list(word) + (1 - LISTED) * P_letters(word)

A word of the list is an entry and the endings after it; `FOLLOWED` is the probability that another ending comes:

    P_list(entry ending ending) = P(entry) FOLLOWED P(ending) FOLLOWED P(ending) (1 - FOLLOWED)

Entries are spelled by letters here: two that have the same ones (악기, 아끼) are one. Nothing is read from the files
until a model is asked for; it is then kept for the process (`language_model`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.hangul.spelling import letters as hangul_letters
from scaleglove.language.endings import FOLLOWED, Ending, endings_of
from scaleglove.language.letter_model import LetterModel
from scaleglove.language.letter_tree import LetterTree, Row
from scaleglove.language.word_list import LANGUAGES, word_list
from scaleglove.vocabulary import load_vocabulary

LISTED: Final = 0.85
"""Share of words that are of the list; chosen in docs/reports/words.md."""

_ENGLISH: Final = tuple("abcdefghijklmnopqrstuvwxyz")
_VOWELS: Final = frozenset("ㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ")


class LanguageModel:
    """The model of one language's words: logarithms of the frequency of each, and the endings that follow them."""

    def __init__(self, language: str, words: Mapping[str, float], endings: Sequence[Ending] = ()) -> None:
        self.letters: tuple[str, ...] = load_vocabulary("korean").names if language == "korean" else _ENGLISH
        """The letters, in the order of their indices everywhere here."""
        self._index = {letter: index for index, letter in enumerate(self.letters)}
        spell = hangul_letters if language == "korean" else _letters_of
        self._indices_of = cache(lambda character: self.indices(spell(character)))
        count = len(self.letters)
        listed = self._by_letters(words.items())
        weights = np.exp(np.array(list(listed.values())) / 2)
        self.open = LetterModel(list(listed), weights / weights.mean(), count)
        """The letter model, for words of no list."""
        total = math.log(sum(math.exp(logarithm) for logarithm in listed.values()))
        rows = {(count, *row): logarithm - total for row, logarithm in listed.items()}
        for place, kind in enumerate(("a consonant", "a vowel"), start=count + 1):
            following = ((each.text, each.log_share) for each in endings if each.after in ("any", kind))
            rows |= {(place, *row): logarithm for row, logarithm in self._by_letters(following).items()}
        self.tree = LetterTree(rows)
        """The entries, and the endings after a consonant and after a vowel, in one tree."""
        self.root = self._root(count)
        """The node before an entry."""
        after = {False: self._root(count + 1), True: self._root(count + 2)}
        nodes = [after[letter in _VOWELS] for letter in self.letters]
        self.endings_after: NDArray[np.int32] = np.array(nodes, np.int32)
        """For each letter at the end of an entry, the node before an ending; -1: there are none."""
        followed = FOLLOWED if endings else 0.0
        self.log_followed = math.log(followed) if followed else -math.inf
        self.log_last = math.log1p(-followed)

    def indices(self, letters: Iterable[str]) -> Row:
        """Return the indices of letters.

        Raises:
            KeyError: one is no letter of the language.
        """
        return tuple(self._index[letter] for letter in letters)

    def log_listed(self, word: Row) -> float:
        """Return the logarithm of a row of letter indices' probability as a word of the list; -inf: it is none."""
        before = {self.root: 0.0} if word else {}
        for place, letter in enumerate(word):
            reached: dict[int, float] = {}
            for node, logarithm in before.items():
                child = self.tree.child(node, letter)
                if child is not None:
                    reached[child] = max(reached.get(child, -math.inf), logarithm)
            ends = [logarithm + float(self.tree.end[node]) for node, logarithm in reached.items()]
            best = max(ends, default=-math.inf)
            if place == len(word) - 1:
                return best + self.log_last
            ending = int(self.endings_after[letter])
            if best > -math.inf and ending >= 0:
                reached[ending] = best + self.log_followed
            before = reached
        return -math.inf

    def _by_letters(self, words: Iterable[tuple[str, float]]) -> dict[Row, float]:
        """Return words as rows of letters; the probabilities of those with the same letters add up."""
        spelled: dict[Row, float] = defaultdict(float)
        for word, logarithm in words:
            row = tuple(index for character in word for index in self._indices_of(character))
            spelled[row] += math.exp(logarithm)
        return {row: math.log(probability) for row, probability in spelled.items()}

    def _root(self, symbol: int) -> int:
        node = self.tree.child(0, symbol)
        return -1 if node is None else node


@cache
def language_model(language: str) -> LanguageModel | None:
    """Return the model of a vocabulary's language, one for the process; None: there is none of it."""
    if language not in LANGUAGES:
        return None
    return LanguageModel(language, word_list(language), endings_of(language))


def _letters_of(word: str) -> list[str]:
    """Return the letters of an English word; an apostrophe is not signed."""
    return [letter for letter in word if letter != "'"]
