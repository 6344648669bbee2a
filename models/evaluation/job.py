"""One unit of work: a family fitted on one fold with one seed, and everything that is measured on that fit.

The window that is tested is the newest 80 frames of an episode. "n frames seen" are the first n of that window: an
episode is one letter held from its start, so these are what one would have seen by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording
from models.evaluation.classifier import Classifier, ClassifierFamily
from models.evaluation.protocols import Fold, Split, SupportSet
from models.evaluation.scores import Tally

WINDOW_FRAMES = 80
FRAMES_SEEN = (5, 10, 20, 40, 80)

Result = dict[str, Any]
"""JSON: `measured` says what is in it."""


@dataclass(frozen=True, slots=True)
class Job:
    family: ClassifierFamily
    seed: int
    fold: Fold

    @property
    def title(self) -> str:
        return f"{self.family.name}, seed {self.seed}, {self.fold.protocol}, {self.fold.name}"


def measured(unit: Job, recordings: Sequence[Recording]) -> Result:
    """`train` and `test` (counts), `tally`, `accuracy_by_frames`, `self_calibration` (a tally, or None) and `few_shot`:
    by where the support is from and shots, `accuracy` in percent of every draw, `tally` of all draws, and `short`."""
    fold = unit.fold
    contender = unit.family.fit(_at(recordings, fold.train), unit.seed, progress=False)
    return {
        "train": len(fold.train),
        "test": len(fold.test),
        "tally": _tally(contender, _at(recordings, fold.test)).as_dict(),
        "accuracy_by_frames": {
            str(seen): round(_tally(contender, _at(recordings, fold.test), seen).accuracy, 4) for seen in FRAMES_SEEN
        },
        "self_calibration": _self_calibration(contender, recordings, fold.halves),
        "few_shot": _few_shot(contender, recordings, fold.draws),
    }


def _self_calibration(contender: Classifier, recordings: Sequence[Recording], halves: Sequence[Split]) -> Result | None:
    tallies = []
    for half in halves:
        calibrated = contender.with_unlabelled([recording.samples for recording in _at(recordings, half.unlabelled)])
        if calibrated is None:
            return None
        tallies.append(_tally(calibrated, _at(recordings, half.test)))
    return Tally.total(tallies).as_dict() if tallies else None


def _few_shot(contender: Classifier, recordings: Sequence[Recording], draws: Sequence[SupportSet]) -> Result:
    found: dict[str, dict[str, list[tuple[SupportSet, Tally]]]] = {}
    for draw in draws:
        if not len(draw.support) or not len(draw.test):
            continue
        calibrated = contender.with_examples(_at(recordings, draw.support))
        of_shots = found.setdefault(draw.support_from, {}).setdefault(str(draw.shots), [])
        of_shots.append((draw, _tally(calibrated, _at(recordings, draw.test))))
    return {
        support_from: {shots: _of_draws(drawn) for shots, drawn in by_shots.items()}
        for support_from, by_shots in found.items()
    }


def _of_draws(drawn: Sequence[tuple[SupportSet, Tally]]) -> Result:
    """`short` is the most letters that any draw had too few examples of."""
    return {
        "accuracy": [round(tally.accuracy, 4) for _, tally in drawn],
        "tally": Tally.total(tally for _, tally in drawn).as_dict(),
        "short": max(draw.short for draw, _ in drawn),
    }


def _tally(contender: Classifier, recordings: Sequence[Recording], seen: int = WINDOW_FRAMES) -> Tally:
    windows = [recording.samples[-WINDOW_FRAMES:][:seen] for recording in recordings]
    return Tally.of(contender.probabilities(windows), [recording.label for recording in recordings])


def _at(recordings: Sequence[Recording], indices: NDArray[np.int64]) -> list[Recording]:
    return [recordings[index] for index in indices]
