"""Generator of the word lists that `scaleglove/language` has, from wordfreq (extra `dev`).

    python -m benchmarks.words.word_lists

It writes `korean.txt` and `english.txt` into that folder: a comment that names the source, then a line for each
frequency, the highest first: how many centibels below certainty (wordfreq's own unit), and its words.

wordfreq's Korean entries are parts of words, since it counts what a morphological analyser returns: nouns, stems,
inflected stems, particles and endings. All that are whole syllables are kept; of English, the most frequent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from wordfreq import get_frequency_list

import scaleglove.language

MOST_WORDS: Final = 30_000
"""Words of a language: some 250 KB. The rarest of them occurs once in a million words."""

_CODES: Final = {"korean": "ko", "english": "en"}
_SPELLED: Final = {"korean": re.compile("[가-힣]+"), "english": re.compile("[a-z]+(?:'[a-z]+)*")}
_SINGLE: Final = {"a", "i"}
"""English words of one letter; the list's others are letters that stand for themselves."""
_SOURCE: Final = (
    "# Word frequencies of wordfreq 3.1 (Robyn Speer); its data is under CC BY-SA 4.0, and so is this file (NOTICE).\n"
    "# Each line: centibels below certainty, then the words of this frequency (benchmarks/words/word_lists.py).\n"
)

Buckets = Iterable[tuple[int, list[str]]]
"""Centibels below certainty, and the words that are so frequent."""


def words_of(language: str, buckets: Buckets) -> Iterator[tuple[int, str]]:
    """Yield the words that the letters of a language spell, each with its frequency, in the order of `buckets`."""
    pattern = _SPELLED[language]
    for centibels, words in buckets:
        for word in words:
            if pattern.fullmatch(word) and (language != "english" or len(word) > 1 or word in _SINGLE):
                yield centibels, word


def as_file(language: str, buckets: Buckets, most: int = MOST_WORDS) -> str:
    """Return the text of a language's file."""
    lines: dict[int, list[str]] = {}
    for centibels, word in islice(words_of(language, buckets), most):
        lines.setdefault(centibels, []).append(word)
    return _SOURCE + "".join(f"{centibels} {' '.join(words)}\n" for centibels, words in lines.items())


def main() -> None:
    """Write the files."""
    folder = Path(scaleglove.language.__file__).parent
    for language, code in _CODES.items():
        text = as_file(language, enumerate(get_frequency_list(code)))
        (folder / f"{language}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
