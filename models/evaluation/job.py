"""One job of the benchmark: a classifier of one family fitted on one fold with one seed, and all measures of that fit.

The tested window is the newest 80 frames of an episode. "n frames seen" are the first n of that window: an episode is
one letter held from its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording
from models.evaluation.classifier import Classifier, ClassifierFamily
from models.evaluation.guided import guide
from models.evaluation.judged import Judged, judge, over_draws
from models.evaluation.protocols import LEAVE_ONE_STYLE_OUT, Fold, Split, SupportSet
from models.evaluation.ranging import COMMON_RANGE, Ranging

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
        `train` and `test` (counts), `tally`, `accuracy_by_frames`, `known_wearer`, `ranged`, `self_calibration`,
        `few_shot` and `guided`. A tally is what `models.evaluation.judged.Judged` says. `ranged`: `accuracy` in percent
        of every draw, `tally` of all of them, and `method`; `known_wearer` and `self_calibration`: a tally; each of the
        three is None where there is none. `few_shot`: by support and shots, `accuracy` of every support set, `tally` of
        all of them, `without_direction`, the accuracy of every support set where the windows' zero of yaw is not known
        to be that of the examples (None for a classifier that cannot do without), and `short`, the most letters that
        any support set has too few examples of. `guided`: see `models.evaluation.guided.guide`.
    """
    fold = job.fold
    classifier = job.family.fit(_at(recordings, fold.train), job.seed)
    test = _at(recordings, fold.test)
    return {
        "train": len(fold.train),
        "test": len(fold.test),
        "tally": judge(classifier, test).as_dict(),
        "accuracy_by_frames": {
            str(seen): round(judge(classifier, test, seen).tally.accuracy, 4) for seen in FRAMES_SEEN
        },
        "known_wearer": _known_wearer(classifier, test) if fold.protocol == LEAVE_ONE_STYLE_OUT else None,
        "ranged": _ranged(job, classifier, recordings),
        "self_calibration": _self_calibration(classifier, recordings, fold.splits),
        "few_shot": _few_shot(classifier, recordings, fold.support_sets),
        "guided": guide(classifier, recordings, fold.sessions),
    }


def _known_wearer(classifier: Classifier, test: Sequence[Recording]) -> Result | None:
    """Judge each recording as of a user who says which person of the training they are; None where the classifier
    does not know one of them."""
    judged = []
    for person in dict.fromkeys(recording.collection for recording in test):
        known = classifier.of_known(person)
        if known is None:
            return None
        judged.append(judge(known, [recording for recording in test if recording.collection == person]))
    return Judged.total(judged).as_dict() if judged else None


def _ranged(job: Job, classifier: Classifier, recordings: Sequence[Recording]) -> Result | None:
    """Judge after the user was ranged by the unlabelled shapes of each draw. A classifier that does not learn the
    common range of many people by itself is fitted again, to recordings in it."""
    if not job.fold.ranges:
        return None
    ranging = Ranging.of(_at(recordings, job.fold.train))
    if ranging.method == COMMON_RANGE and not job.family.learns_ranges:
        classifier = job.family.fit(ranging.train, job.seed)
    judged = [
        judge(classifier.ranged(), ranging.ranged(_at(recordings, draw.unlabelled), _at(recordings, draw.test)))
        for draw in job.fold.ranges
    ]
    return over_draws(judged) | {"method": ranging.method}


def _self_calibration(
    classifier: Classifier, recordings: Sequence[Recording], splits: Sequence[Split]
) -> Result | None:
    judged = []
    for split in splits:
        calibrated = classifier.with_unlabelled([recording.samples for recording in _at(recordings, split.unlabelled)])
        if calibrated is None:
            return None
        judged.append(judge(calibrated, _at(recordings, split.test)))
    return Judged.total(judged).as_dict() if judged else None


def _few_shot(classifier: Classifier, recordings: Sequence[Recording], support_sets: Sequence[SupportSet]) -> Result:
    found: dict[str, dict[str, list[_Shown]]] = {}
    for chosen in support_sets:
        if not len(chosen.support) or not len(chosen.test):
            continue
        calibrated = classifier.with_examples(_at(recordings, chosen.support))
        of_shots = found.setdefault(chosen.support_from, {}).setdefault(str(chosen.shots), [])
        of_shots.append(_Shown.of(calibrated, _at(recordings, chosen.test), chosen.short))
    return {
        support_from: {shots: _over_support_sets(tested) for shots, tested in by_shots.items()}
        for support_from, by_shots in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is judged after one support set, and the accuracy in percent without direction."""

    judged: Judged
    without_direction: float | None
    short: int

    @classmethod
    def of(cls, calibrated: Classifier, test: Sequence[Recording], short: int) -> Self:
        without = calibrated.without_direction()
        accuracy = None if without is None else round(judge(without, test).tally.accuracy, 4)
        return cls(judge(calibrated, test), accuracy, short)


def _over_support_sets(tested: Sequence[_Shown]) -> Result:
    without = [one.without_direction for one in tested if one.without_direction is not None]
    return over_draws([one.judged for one in tested]) | {
        "without_direction": without or None,
        "short": max(one.short for one in tested),
    }


def _at(recordings: Sequence[Recording], indices: NDArray[np.int64]) -> list[Recording]:
    return [recordings[index] for index in indices]
