"""Measurement of what a word's decoder costs: a letter that is pushed, and the word at its end.

    python -m benchmarks.words.cost

The CPU time of this process, the median over words of the list whose letters are drawn with noise. A letter is held for
some ten windows, and its cost is stated for one of them too.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from benchmarks.streams.drawn_words import DrawnWords
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import load_vocabulary
from service.streams.words.signed_letter import SignedLetter
from service.streams.words.word_decoder import WordDecoder

WORDS = 200
WINDOWS = 10
"""Windows of a letter: it is held for a second, and there are ten in one."""


def main() -> None:
    """Print a table in Markdown."""
    rng = np.random.default_rng(0)
    words = DrawnWords("korean", 0)
    print("| letter, ms | of a window, ms | end of a word, ms |")
    print("|---|---|---|")
    decoder = WordDecoder(load_vocabulary("korean"), words.model)
    pushed, ended = [], []
    for word in words.draw(WORDS, 0.15, rng):
        decoder.clear()
        for label in word.labels:
            scores = rng.normal(0, 4, len(LETTERS) + 1)
            scores[label] += 10
            signed = SignedLetter(scores, int(scores[:-1].argmax()))
            began = time.process_time()
            decoder.push(signed)
            pushed.append(1000 * (time.process_time() - began))
        began = time.process_time()
        decoder.result()
        ended.append(1000 * (time.process_time() - began))
    print(f"| {median(pushed):.2f} | {median(pushed) / WINDOWS:.3f} | {median(ended):.2f} |")


if __name__ == "__main__":
    main()
