"""Makes `models/adaptation/bigrams.json`: how often each letter comes after each in Korean.

    pip install wordfreq
    python -m benchmarks.model.bigrams > models/adaptation/bigrams.json

From the words of wordfreq's Korean list, each as often as it occurs. Its words are pieces of words (stems, endings,
particles); what stands between two of them is taken to be any end before any beginning.
"""

from __future__ import annotations

import importlib
import json
import re

import numpy as np

from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS

_SYLLABLES = re.compile("[가-힣]+")
_UNSEEN = 1
"""Per mille, of every pair: what was never seen may still be signed."""

_SOURCE = (
    "Counted in the Korean word list of wordfreq 3 (Robyn Speer, https://github.com/rspeer/wordfreq), whose data is "
    "under CC BY-SA 4.0; this file too"
)


def main() -> None:
    words: dict[str, float] = importlib.import_module("wordfreq").get_frequency_dict("ko", "best")
    place = {letter: row for row, letter in enumerate(LETTERS)}
    inside = np.zeros((len(LETTERS), len(LETTERS)))
    first, last = np.zeros(len(LETTERS)), np.zeros(len(LETTERS))
    for word, frequency in words.items():
        if not _SYLLABLES.fullmatch(word):
            continue
        spelled = [place[letter] for letter in letters(word)]
        np.add.at(inside, (spelled[:-1], spelled[1:]), frequency)
        first[spelled[0]] += frequency
        last[spelled[-1]] += frequency
    inside += np.outer(last, first) / first.sum()
    rows = dict(zip(LETTERS, inside, strict=True)) | {"": first}
    per_mille = {letter: np.rint(1000 * row / row.sum() + _UNSEEN).astype(int).tolist() for letter, row in rows.items()}
    lines = ",\n".join(
        f"  {json.dumps(letter, ensure_ascii=False)}: {json.dumps(row)}" for letter, row in per_mille.items()
    )
    print(f'{{\n "source": {json.dumps(_SOURCE)},\n "after": {{\n{lines}\n }}\n}}')


if __name__ == "__main__":
    main()
