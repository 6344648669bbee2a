"""Which letter follows which in Korean text, spelled with the 24 letters."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.letters import LETTERS

PAUSE: Final = 0.25
"""How often no letter comes next: a word ends, the hand rests or is somewhere else."""


@cache
def followers() -> NDArray[np.float64]:
    """float64[25, 25]: how likely each of the 24 letters, or none of them (the last column), comes after each.

    From `letter_pairs.json`, which names its source; `python -m benchmarks.model.bigrams` makes it again.
    """
    counts = json.loads(Path(__file__).with_name("bigrams.json").read_text(encoding="utf-8"))
    size = len(LETTERS)
    table = np.full((size + 1, size + 1), PAUSE)
    for row, letter in enumerate([*LETTERS, ""]):  # "" stands for the beginning of a word
        after = np.array(counts["after"][letter], np.float64)
        table[row, :size] = (1 - PAUSE) * after / after.sum()
    table.setflags(write=False)
    return table
