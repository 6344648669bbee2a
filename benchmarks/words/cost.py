"""Measurement of what a word's decoder costs: a letter that is pushed, and the word at its end.

    python -m benchmarks.words.cost

The CPU time of this process, the median over words of the list whose letters are drawn with noise, by the compiled
search and by its reference. A letter is held for some ten windows, and its cost is stated for one of them too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

import numpy as np

from benchmarks.streams.drawn_words import DrawnWords
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import load_vocabulary
from service.streams.words.native_search import fastest_search
from service.streams.words.signed_letter import SignedLetter
from service.streams.words.word_decoder import WordDecoder
from service.streams.words.word_search import ArraySearch, FindSearch

WORDS = 200
WINDOWS = 10
"""Windows of a letter: it is held for a second, and there are ten in one."""


def main() -> None:
    """Print a table in Markdown."""
    print("| search | letter, ms | of a window, ms | end of a word, ms |")
    print("|---|---|---|---|")
    words = DrawnWords("korean", 0)
    drawn = [word.labels for word in words.draw(WORDS, 0.15, np.random.default_rng(0))]
    forms: tuple[tuple[str, FindSearch], ...] = (("compiled", fastest_search), ("by numpy", ArraySearch))
    for name, find_search in forms:
        decoder = WordDecoder(load_vocabulary("korean"), words.model, find_search=find_search)
        letter, end = measure(decoder, drawn)
        print(f"| {name} | {letter:.3f} | {letter / WINDOWS:.4f} | {end:.3f} |")


def measure(decoder: WordDecoder, words: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Return the milliseconds of a letter and of a word's end, the medians over words, each a row of labels."""
    rng = np.random.default_rng(1)
    pushed, ended = [], []
    for labels in words:
        decoder.clear()
        for label in labels:
            scores = rng.normal(0, 4, len(LETTERS) + 1)
            scores[label] += 10
            signed = SignedLetter(scores, int(scores[:-1].argmax()))
            began = time.process_time()
            decoder.push(signed)
            pushed.append(1000 * (time.process_time() - began))
        began = time.process_time()
        decoder.result()
        ended.append(1000 * (time.process_time() - began))
    return median(pushed), median(ended)


if __name__ == "__main__":
    main()
