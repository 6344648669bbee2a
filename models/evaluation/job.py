"""One job of the benchmark: a classifier of one family fitted on one fold with one seed, and all measures of that fit.

The tested window is the newest 80 frames of an episode. "n frames seen" are the first n of that window: an episode is
one letter held from its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording, are_many_people, common_ranges
from models.data.ranges import Range
from models.evaluation.classifier import Classifier, ClassifierFamily
from models.evaluation.protocols import Fold, Split, SupportSet
from models.evaluation.scores import Tally

WINDOW_FRAMES = 80
FRAMES_SEEN = (5, 10, 20, 40, 80)

Result = dict[str, Any]
"""JSON: see `measure`."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is fitted and tested."""

    family: ClassifierFamily
    seed: int
    fold: Fold

    @property
    def title(self) -> str:
        return f"{self.family.name}, seed {self.seed}, {self.fold.protocol}, {self.fold.name}"


def measure(job: Job, recordings: Sequence[Recording]) -> Result:
    """Fit and test.

    Returns:
        `train` and `test` (counts), `tally`, `accuracy_by_frames`, `ranged` and `self_calibration` (tallies, or None),
        and `few_shot`: by support and shots, `accuracy` in percent of every support set, `tally` of all of them, and
        `short`, the most letters that any support set has too few examples of.
    """
    fold = job.fold
    classifier = job.family.fit(_at(recordings, fold.train), job.seed)
    return {
        "train": len(fold.train),
        "test": len(fold.test),
        "tally": _tally(classifier, _at(recordings, fold.test)).as_dict(),
        "accuracy_by_frames": {
            str(seen): round(_tally(classifier, _at(recordings, fold.test), seen).accuracy, 4) for seen in FRAMES_SEEN
        },
        "ranged": _ranged(job, classifier, recordings),
        "self_calibration": _self_calibration(classifier, recordings, fold.splits),
        "few_shot": _few_shot(classifier, recordings, fold.support_sets),
    }


def _ranged(job: Job, classifier: Classifier, recordings: Sequence[Recording]) -> Result | None:
    """Tally after the flex sensors were brought to the common range of the training's people, by what they read in the
    unlabelled half; None for a training of too few people to have one. A classifier that does not learn ranges by
    itself is fitted again, to recordings in the common range."""
    train = _at(recordings, job.fold.train)
    if not job.fold.splits or not are_many_people(train):
        return None
    in_common, ranges = common_ranges(train)
    if not job.family.learns_ranges:
        classifier = job.family.fit(in_common, job.seed)
    tallies = []
    for split in job.fold.splits:
        seen = Range.of([recording.samples for recording in _at(recordings, split.unlabelled)])
        test = [replace(one, samples=seen.to(ranges.common, one.samples)) for one in _at(recordings, split.test)]
        tallies.append(_tally(classifier.ranged(), test))
    return Tally.total(tallies).as_dict()


def _self_calibration(
    classifier: Classifier, recordings: Sequence[Recording], splits: Sequence[Split]
) -> Result | None:
    tallies = []
    for split in splits:
        calibrated = classifier.with_unlabelled([recording.samples for recording in _at(recordings, split.unlabelled)])
        if calibrated is None:
            return None
        tallies.append(_tally(calibrated, _at(recordings, split.test)))
    return Tally.total(tallies).as_dict() if tallies else None


def _few_shot(classifier: Classifier, recordings: Sequence[Recording], support_sets: Sequence[SupportSet]) -> Result:
    found: dict[str, dict[str, list[tuple[SupportSet, Tally]]]] = {}
    for chosen in support_sets:
        if not len(chosen.support) or not len(chosen.test):
            continue
        calibrated = classifier.with_examples(_at(recordings, chosen.support))
        of_shots = found.setdefault(chosen.support_from, {}).setdefault(str(chosen.shots), [])
        of_shots.append((chosen, _tally(calibrated, _at(recordings, chosen.test))))
    return {
        support_from: {shots: _over_support_sets(tested) for shots, tested in by_shots.items()}
        for support_from, by_shots in found.items()
    }


def _over_support_sets(tested: Sequence[tuple[SupportSet, Tally]]) -> Result:
    return {
        "accuracy": [round(tally.accuracy, 4) for _, tally in tested],
        "tally": Tally.total(tally for _, tally in tested).as_dict(),
        "short": max(chosen.short for chosen, _ in tested),
    }


def _tally(classifier: Classifier, recordings: Sequence[Recording], seen: int = WINDOW_FRAMES) -> Tally:
    windows = [recording.samples[-WINDOW_FRAMES:][:seen] for recording in recordings]
    return Tally.of(classifier.probabilities(windows), [recording.label for recording in recordings])


def _at(recordings: Sequence[Recording], indices: NDArray[np.int64]) -> list[Recording]:
    return [recordings[index] for index in indices]
