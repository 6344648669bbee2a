"""What a word's decoder weighs: the holds against the language, and what else may explain them. Chosen in
docs/reports/words.md."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scaleglove.language.language_model import LanguageModel, language_model


@dataclass(frozen=True, slots=True)
class WordOptions:
    """Weights, in units of the log score of a hold."""

    sharpness: float = 0.3
    """Factor of a hold's log scores: all its windows are wrong together."""
    language: float = 0.5
    """Factor of the language's logarithms."""
    missed: float = 3.0
    """Cost of a letter that no hold was read for."""
    false: float = 5.0
    """Cost of a written letter that was not signed."""
    again: float = 2.0
    """Cost of a letter that was held once and written twice."""
    doubled: float = 2.5
    """Cost of two equal letters that were read as one."""
    unwritten: float = 1.0
    """Cost of a letter from a hold that is hardly one: of none written, or too short or too long for it."""
    space: float = 1.0
    """Cost of another word after one, without a rest between them; infinite: a word is one."""
    change: float = 1.0
    """What the best word must lead by, before it takes the place of what was written."""
    lead: float = 0.0
    """What it must lead by over every other spelling."""
    listed_only: bool = False
    """Whether only a word of the list takes the place of what was written, also where letters were not written."""
    well: float = 0.9
    """Probability of a letter over its whole hold from which on it was held well: a word that the language does not
    believe is written where it has one (docs/reports/silence.md)."""
    trusts_written: bool = False
    """Whether a letter that was written is one however long it was held; else a long hold is a rest all the same."""


DEFAULT: Final = WordOptions()
"""For a hand that is not known."""

OF_KNOWN_HAND: Final = WordOptions(
    sharpness=0.6,
    missed=6.0,
    false=8.0,
    again=3.0,
    space=math.inf,
    lead=0.5,
    listed_only=True,
    well=0.99,
    trusts_written=True,
)
"""For a hand that has shown its letters: its scores are right as often as they say, and few letters are missed. With
the weights above, names that were clearly signed were changed."""

FindLanguage = Callable[[str], LanguageModel | None]
"""Returns the model of a language; None: there is none of it."""


@dataclass(frozen=True, slots=True)
class WordRules:
    """What words are understood by in all streams of a service, and whether they teach the hands that sign them."""

    find_language: FindLanguage = language_model
    teach: bool = True


USUAL: Final = WordRules()
