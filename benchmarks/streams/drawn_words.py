"""Words as they are signed: drawn by their frequency, some with an ending, and some of no list. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import final_of, is_syllable
from scaleglove.language.endings import Ending, endings_of
from scaleglove.language.language_model import LanguageModel
from scaleglove.language.word_list import word_list

LEFT_OUT: Final = 10
"""Every tenth word is taken out of the list that is decoded with: so words of no list are words of the language."""

ENDED: Final = 0.4
"""Share of Korean words to which an ending is added."""

_FEWEST: Final = 4
"""Letters of a Korean word: shorter entries are parts of words, and decoded as what they are a part of."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A word: the labels that sign it, and whether the decoder's list has it."""

    labels: tuple[int, ...]
    in_list: bool


class DrawnWords:
    """Words of a language, and the model of it that does not know some of them.

    Args:
        language: the language.
        offset: which of each ten words are taken out of the list.
    """

    def __init__(self, language: str, offset: int) -> None:
        words = dict(word_list(language))
        out = {word for rank, word in enumerate(words) if rank % LEFT_OUT == offset}
        self._endings = endings_of(language)
        kept = {word: logarithm for word, logarithm in words.items() if word not in out}
        self.model = LanguageModel(language, kept, self._endings)
        self._korean = language == "korean"
        self._listed = self._weighed(kept)
        # In the list's order: that of a set differs from one process to the next, and with it what is drawn.
        self._unlisted = self._weighed({word: logarithm for word, logarithm in words.items() if word in out})

    def draw(self, count: int, unlisted: float, rng: np.random.Generator) -> list[Drawn]:
        """Return words of which the share `unlisted` is in no list."""
        return [self._draw(rng.random() >= unlisted, rng) for _ in range(count)]

    def _draw(self, in_list: bool, rng: np.random.Generator) -> Drawn:
        names, shares = self._listed if in_list else self._unlisted
        while True:  # a word that was taken out may be spelled by others
            row = self.model.indices(self._spelled(self._ended(names[rng.choice(len(names), p=shares)], rng)))
            if (self.model.log_listed(row) > -np.inf) == in_list:
                return Drawn(row, in_list)

    def _spelled(self, word: str) -> list[str]:
        return letters(word) if self._korean else list(word.replace("'", ""))

    def _weighed(self, words: Mapping[str, float]) -> tuple[list[str], np.ndarray]:
        names = [word for word in words if len(self._spelled(word)) >= (_FEWEST if self._korean else 1)]
        shares = np.exp(np.array([words[word] for word in names]))
        return names, shares / shares.sum()

    def _ended(self, word: str, rng: np.random.Generator) -> str:
        return draw_ending(word, self._endings, rng) if self._endings and rng.random() < ENDED else word


def draw_ending(word: str, endings: Sequence[Ending], rng: np.random.Generator) -> str:
    """Return a word of Hangul with one of the endings that follow it, drawn by their frequency."""
    fitting = [ending for ending in endings if _fits(word, ending)]
    shares = np.exp([ending.log_share for ending in fitting])
    return word + fitting[rng.choice(len(fitting), p=shares / shares.sum())].text


def _fits(word: str, ending: Ending) -> bool:
    """Tell whether an ending of whole syllables follows a word."""
    if not is_syllable(ending.text[0]):
        return False
    return ending.after == "any" or (ending.after == "a consonant") == bool(final_of(word[-1]))
