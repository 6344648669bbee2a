"""Particles and endings that follow the words of a language, several one after another: 학교 + 에서 + 는. Pure.

Only Korean has any here. Which of two forms follows depends on whether the text before it ends with a vowel (를) or a
consonant (을). Stems, particles and endings are entries of the word list alike; this list says which of them follow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from scaleglove.language.word_list import read_lines, word_list

After = Literal["any", "a consonant", "a vowel"]

FOLLOWED: Final = 0.3
"""Share of words and endings that another ending follows."""

_UNLISTED: Final = -400 * math.log(10) / 100
"""Logarithm of the frequency of an ending that the word list lacks, since it counts it as a part of its stem: that of
its rarer endings."""

_AFTERS: Final[Mapping[str, After]] = {
    "[after any]": "any",
    "[after a consonant]": "a consonant",
    "[after a vowel]": "a vowel",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """An ending, what it follows, and the logarithm of its share of all endings."""

    text: str
    after: After
    log_share: float


@cache
def endings_of(language: str) -> tuple[Ending, ...]:
    """Return the endings of a language; none has any but Korean."""
    if language != "korean":
        return ()
    frequencies = word_list(language)
    found: dict[str, After] = {}
    after: After = "any"
    for line in read_lines("korean_endings.txt"):
        if line in _AFTERS:
            after = _AFTERS[line]
        else:
            found |= dict.fromkeys(line.split(), after)
    logarithms = {text: frequencies.get(text, _UNLISTED) for text in found}
    total = math.log(sum(map(math.exp, logarithms.values())))
    return tuple(Ending(text, found[text], logarithms[text] - total) for text in found)
