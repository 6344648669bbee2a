"""Generator of `models/adaptation/bigrams.json`: how often each letter follows each other one in Korean (extra `dev`).

    python -m benchmarks.model.bigrams > models/adaptation/bigrams.json

The counts are from wordfreq's Korean word list, weighted by frequency. Its entries are parts of words (stems, endings,
particles); between two of them any end is taken to precede any beginning.
"""

from __future__ import annotations

import json
import re

import numpy as np
from wordfreq import get_frequency_dict

from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS

_SYLLABLES = re.compile("[가-힣]+")
_UNSEEN = 1
"""Frequency in per mille that is added to every pair, since an unseen pair may still be signed."""

_SOURCE = (
    "Counted in the Korean word list of wordfreq 3 (Robyn Speer, https://github.com/rspeer/wordfreq), whose data is "
    "under CC BY-SA 4.0; this file too"
)


def main() -> None:
    """Print the table as JSON."""
    words: dict[str, float] = get_frequency_dict("ko", "best")
    rows_of = {letter: row for row, letter in enumerate(LETTERS)}
    inside = np.zeros((len(LETTERS), len(LETTERS)))
    first, last = np.zeros(len(LETTERS)), np.zeros(len(LETTERS))
    for word, frequency in words.items():
        if not _SYLLABLES.fullmatch(word):
            continue
        spelled = [rows_of[letter] for letter in letters(word)]
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
