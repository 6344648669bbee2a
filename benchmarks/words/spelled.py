"""Measurement of Korean words that are spelled letter by letter and come out as themselves.

    python -m benchmarks.words.spelled [--text FILE]

It prints a table in Markdown. Words are the list's most frequent ones, each also with an ending drawn by its
frequency; words that were taken out of the list before, every tenth, for each of the ten ways to begin; and those of a
text that no list was made from, by default the page's. Those are ambiguous whose letters have several readings.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

import benchmarks
from benchmarks.streams.drawn_words import LEFT_OUT, draw_ending
from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose, syllabifications
from scaleglove.language.endings import endings_of
from scaleglove.language.word_list import word_list
from scaleglove.spelling.korean_reading import KoreanReader

MOST_FREQUENT: Final = 5_000
TAKEN_OUT_OF: Final = 20_000
"""The most frequent words, of which every tenth is taken out."""
PAGE: Final = Path(benchmarks.__file__).parents[1] / "clients" / "page" / "i18n" / "ko.js"

Reading = tuple[str, str]
"""A word, and the text that its letters were read as."""


def readings(reader: KoreanReader, words: Sequence[str]) -> Iterator[Reading]:
    """Yield words with what their letters are read as."""
    for word in words:
        yield word, reader.read(_spelled(word))


def taken_out() -> Iterator[Reading]:
    """Yield words that are read by a list without them."""
    words = word_list("korean")
    frequent = list(words)[:TAKEN_OUT_OF]
    for offset in range(LEFT_OUT):
        out = frequent[offset::LEFT_OUT]
        left_out = frozenset(out)
        kept = {word: logarithm for word, logarithm in words.items() if word not in left_out}
        yield from readings(KoreanReader(kept, endings_of("korean")), out)


def _spelled(word: str) -> str:
    return "".join(letters(word))


def _is_ambiguous(word: str) -> bool:
    return len(list(syllabifications(_spelled(word)))) > 1


def _row(name: str, read: Sequence[Reading]) -> str:
    wrong = [(word, found) for word, found in read if found != word]
    by_rules = sum(compose(_spelled(word)) != word for word, _ in read)
    ambiguous = [word for word, _ in read if _is_ambiguous(word)]
    of_ambiguous = 100 * (1 - sum(_is_ambiguous(word) for word, _ in wrong) / max(1, len(ambiguous)))
    some = ", ".join(f"{word} as {found}" for word, found in wrong[:5])
    share = 100 * (1 - len(wrong) / len(read))
    rules = 100 * (1 - by_rules / len(read))
    return f"| {name} | {len(read)} | {share:.2f} | {rules:.2f} | {len(ambiguous)} | {of_ambiguous:.1f} | {some} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--text", type=Path, default=PAGE, help="a file with Korean text")
    file: Path = parser.parse_args().text
    text = sorted(set(re.findall("[가-힣]+", file.read_text(encoding="utf-8"))))
    reader, rng = KoreanReader.of_package(), np.random.default_rng(0)
    frequent = list(word_list("korean"))[:MOST_FREQUENT]
    endings = endings_of("korean")
    ended = [draw_ending(word, endings, rng) for word in frequent]
    rows = {
        "the most frequent": list(readings(reader, frequent)),
        "the same with an ending": list(readings(reader, ended)),
        "taken out of the list": list(taken_out()),
        f"of {file.name}": list(readings(reader, text)),
    }
    print("| words | | right, % | by the rules alone, % | ambiguous | of these right, % | wrong |")
    print("|---|---|---|---|---|---|---|")
    for name, read in rows.items():
        print(_row(name, read))


if __name__ == "__main__":
    main()
