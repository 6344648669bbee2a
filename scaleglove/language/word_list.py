"""Words of a language with their frequencies, as files of the package (`benchmarks/words/word_lists.py` makes them)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("korean", "english")
"""The languages that have a list."""

_NATS: Final = math.log(10) / 100
"""A centibel, in which the files state frequencies, as a natural logarithm."""


@cache
def word_list(language: str) -> MappingProxyType[str, float]:
    """Return the words of a language with the logarithms of their shares of all words, the most frequent first.

    Raises:
        FileNotFoundError: the package has no list of this language.
    """
    return MappingProxyType(dict(_words(read_lines(f"{language}.txt"))))


def read_lines(name: str) -> list[str]:
    """Return the lines of a file of this package without comments and empty lines."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _words(lines: list[str]) -> Iterator[tuple[str, float]]:
    for line in lines:
        centibels, *words = line.split()
        for word in words:
            yield word, -_NATS * int(centibels)
