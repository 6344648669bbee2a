"""Independent cases of a figure, and the interval that respects them.

Episodes of one letter held in one way by one person are near-copies of each other, right or wrong together. The unit is
therefore the case: a letter, a way of holding it (bend type), and a person. An interval of a figure resamples cases and
never answers; where the figure is of many people it resamples people, since the cases of one have a hand in common
(cluster bootstrap; Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording
from models.data.ranges import MANY_PEOPLE
from models.evaluation.scores import row_of

RESAMPLES: Final = 1000
_ENDS: Final = (2.5, 97.5)
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Cases:
    """Right answers and all answers by person and way, int64[2, labels] each: the labels are those of one family."""

    counts: Mapping[tuple[str, str], NDArray[np.int64]]

    @classmethod
    def of(cls, right: NDArray[np.bool_], recordings: Sequence[Recording], labels: int) -> Self:
        """Count n answers, of which `right` bool[n] are right, about these recordings of `labels` labels."""
        counts: dict[tuple[str, str], NDArray[np.int64]] = {}
        for is_right, recording in zip(right, recordings, strict=True):
            of_way = counts.setdefault((recording.collection, recording.bend), np.zeros((2, labels), np.int64))
            of_way[:, recording.label] += (is_right, 1)
        return cls(counts)

    @classmethod
    def total(cls, parts: Iterable[Cases]) -> Self:
        """Add counts up: a case that is answered in several parts stays one."""
        counts: dict[tuple[str, str], NDArray[np.int64]] = {}
        for part in parts:
            for group, found in part.counts.items():
                counts[group] = counts[group] + found if group in counts else found
        return cls(counts)

    def less(self, other: Cases) -> Cases:
        """Return the lead over another classifier on the same recordings: right answers less those of the other.

        Raises:
            ValueError: the other answered about other recordings.
        """
        same = self.counts.keys() == other.counts.keys() and all(
            np.array_equal(found[1], other.counts[group][1]) for group, found in self.counts.items()
        )
        if not same:
            raise ValueError("the two were not tested on the same recordings")
        return Cases({
            group: np.stack([right - other.counts[group][0], answers])
            for group, (right, answers) in self.counts.items()
        })  # fmt: skip

    @property
    def number(self) -> int:
        """Number of cases."""
        return sum(int(np.count_nonzero(total)) for _, total in self.counts.values())

    @property
    def people(self) -> tuple[str, ...]:
        """The people, each once."""
        return tuple(dict.fromkeys(person for person, _ in self.counts))

    def by_case(self) -> NDArray[np.int64]:
        """Return right and all answers int64[n, 2] of each case."""
        found = [counts.T[counts[1] > 0] for counts in self.counts.values()]
        return np.concatenate([*found, np.zeros((0, 2), np.int64)])

    def by_person(self) -> NDArray[np.int64]:
        """Return right and all answers int64[n, 2] of each person."""
        sums = {person: np.zeros(2, np.int64) for person in self.people}
        for (person, _), counts in self.counts.items():
            sums[person] += counts.sum(axis=1)
        return np.array([*sums.values()], np.int64).reshape(-1, 2)

    def as_dict(self) -> dict[str, dict[str, list[str]]]:
        """Return the counts as JSON: by person and way a row of the right answers by label, and one of all answers."""
        found: dict[str, dict[str, list[str]]] = {}
        for (person, way), counts in self.counts.items():
            found.setdefault(person, {})[way] = [row_of(row) for row in counts.tolist()]
        return found

    @classmethod
    def from_dict(cls, stored: Mapping[str, Mapping[str, Sequence[str]]]) -> Self:
        """Read what `as_dict` returned."""
        return cls({
            (person, way): np.array([row.split() for row in rows], np.int64)
            for person, ways in stored.items()
            for way, rows in ways.items()
        })  # fmt: skip


def interval(folds: Sequence[Cases]) -> list[float] | None:
    """Return the two ends, in percent, of the 95 % interval of a figure that is the mean over folds of the share of
    right answers; None where there are no two of what is resampled.

    The folds themselves are resampled where each is of one person and they are many; otherwise, within each fold,
    people where they are many, and cases where they are few: then the interval is of these people, and says nothing of
    the next.
    """
    groups = [fold.by_person() if len(fold.people) >= MANY_PEOPLE else fold.by_case() for fold in folds]
    if len(folds) >= MANY_PEOPLE and all(len(fold.people) == 1 for fold in folds):
        shares = [100 * right / answers for right, answers in (fold.by_case().sum(axis=0) for fold in folds)]
        groups = [np.array([(share, 100) for share in shares])]
    if any(len(group) < 2 for group in groups):
        return None
    rng = np.random.default_rng(_SEED)
    ends = np.percentile(np.mean([_resampled(group, rng) for group in groups], axis=0), _ENDS)
    return [round(end, 2) for end in ends.tolist()]


def _resampled(group: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the share of right answers in percent float64[RESAMPLES] of clusters with right and all answers [n, 2],
    drawn with replacement."""
    sums = group[rng.integers(len(group), size=(RESAMPLES, len(group)))].sum(axis=1)
    shares: NDArray[np.float64] = 100 * sums[:, 0] / sums[:, 1]
    return shares
