"""What a profile is worth: the examples judged by a profile that was made without them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.artefact import Outputs
from models.reference import REST, Reference, share
from service.wearers.records import Comparison, Score

_ONE_BY_ONE: Final = 200
"""Examples up to which each is held back alone; of more, every tenth at a time."""

_FOLDS: Final = 10


def compare(outputs: Outputs, marks: Sequence[int], letters: Sequence[str], reach: float | None) -> Comparison:
    """The model alone against the model with its wearer's examples. `outputs` are the model's of the examples, `marks`
    their places in `letters`, or REST: those of rest take part in profiles and are not judged, since the model alone
    knows no rest. `reach` as in `Reference.of`."""
    labels = np.array(marks, np.int64)
    counts = np.bincount(labels[labels != REST], minlength=len(letters))
    judged = (labels != REST) & (counts[labels] > 1)
    single = [letters[place] for place in np.flatnonzero(counts == 1).tolist()]
    if not judged.any():
        return Comparison(held_back=0, single=single, before=None, after=None)
    shares = np.zeros((len(labels), len(letters) + 1))
    for held in _folds(labels, judged):
        kept = ~held
        reference = Reference.of(outputs.embedding[kept], labels[kept].tolist(), reach)
        shares[held] = share(reference.beliefs(outputs.probabilities[held], outputs.embedding[held]))
    return Comparison(
        held_back=int(judged.sum()),
        single=single,
        before=_score(outputs.probabilities[judged], labels[judged]),
        after=_score(shares[judged], labels[judged]),
    )


def _folds(labels: NDArray[np.int64], judged: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Which examples are held back together: never all of a letter, since those of a letter are dealt out in turn."""
    places = np.flatnonzero(judged)
    places = places[np.argsort(labels[places], kind="stable")]
    folds = len(places) if len(places) <= _ONE_BY_ONE else _FOLDS
    for fold in range(folds):
        held = np.zeros(len(labels), bool)
        held[places[fold::folds]] = True
        yield held


def _score(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> Score:
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    return Score(accuracy=round(accuracy, 4), mean_confidence=round(float(probabilities.max(axis=1).mean()), 4))
