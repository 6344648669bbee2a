"""What a wearer shows who lets herself be guided (`models/adaptation/example_selection.py`): simulated on
recordings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.adaptation.example_selection import ExampleSelector
from models.adaptation.open_set import REST
from models.data.dataset import Recording


def another(recordings: Sequence[Recording], label: int, taken: Sequence[int]) -> int:
    """The place of the first recording of this letter, in a way of holding it that she has not shown as far as there
    is one."""
    left = [place for place in range(len(recordings)) if recordings[place].label == label and place not in taken]
    shown = {recordings[place].bend for place in taken if recordings[place].label == label}
    return next((place for place in left if recordings[place].bend not in shown), left[0])


def guided(
    recordings: Sequence[Recording], embeddings: np.ndarray, rests: np.ndarray, guide: ExampleSelector
) -> list[int]:
    """Places of the recordings that she gives until it is enough, of those in this order.

    Args:
        embeddings: float32[n, m] of the recordings.
        rests: float32[k, m] of windows of rest, which she shows first.
    """
    taken: list[int] = []
    while True:
        labels = [REST] * len(rests) + [recordings[place].label for place in taken]
        label = guide.suggest(np.concatenate([rests, embeddings[taken]]), labels).label
        if label is None:
            return taken
        taken.append(another(recordings, label, taken))
