"""What a profile is worth: the examples judged by a profile that was made without them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.decision import log_scores
from models.adaptation.few_shot import softmax
from models.adaptation.open_set import (
    REJECT,
    REST,
    OpenSetReference,
)
from models.runtime.artefact import Outputs
from service.wearers import names
from service.wearers.records import Comparison, Score

_MOST_FOLDS: Final = 10
"""Each is a profile made anew. One for each example would be too many: 72 took a second on a busy machine."""


def compare(outputs: Outputs, marks: Sequence[int], letters: Sequence[str], own: OpenSetReference | None) -> Comparison:
    """What anybody is answered against what this wearer is. `outputs` are the model's of her examples, `marks` their
    places in `letters`, or REST; `own` is the model's reference. An example of rest is right where no letter is named.
    """
    labels = np.array(marks, np.int64)
    wanted = np.where(labels == REST, REJECT, labels)
    counts = np.bincount(wanted, minlength=REJECT + 1)
    judged = counts[wanted] > 1
    single = [name for name, count in zip((*letters, names.REST), counts, strict=True) if count == 1]
    if not judged.any():
        return Comparison(held_back=0, single=single, before=None, after=None)
    after = np.zeros((len(labels), REJECT + 1))
    for held in _folds(wanted, judged):
        hers = OpenSetReference.of(
            outputs.embedding[~held], labels[~held].tolist(), None if own is None else own.class_spacing
        )
        after[held] = softmax(hers.log_scores(outputs.probabilities[held], outputs.embedding[held]))
    return Comparison(
        held_back=int(judged.sum()),
        single=single,
        before=_score(softmax(log_scores(own, outputs.probabilities, outputs.embedding))[judged], wanted[judged]),
        after=_score(after[judged], wanted[judged]),
    )


def _folds(wanted: NDArray[np.int64], judged: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Which examples are held back together: one of each label, where there are no more than _MOST_FOLDS of any."""
    places = np.flatnonzero(judged)
    before = np.array([(wanted[:place] == wanted[place]).sum() for place in places])
    for fold in range(min(_MOST_FOLDS, int(before.max()) + 1)):
        held = np.zeros(len(wanted), bool)
        held[places[before % _MOST_FOLDS == fold]] = True
        yield held


def _score(shares: NDArray[np.floating[Any]], wanted: NDArray[np.int64]) -> Score:
    accuracy = float((shares.argmax(axis=1) == wanted).mean())
    return Score(accuracy=round(accuracy, 4), mean_confidence=round(float(shares.max(axis=1).mean()), 4))
