"""Judgement of a classifier on recordings: all that one set of answers says, in counts that can be added over parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording
from models.evaluation.cases import Cases
from models.evaluation.classifier import REJECTED, Answers, Classifier
from models.evaluation.scores import Bins, Tally

WINDOW_FRAMES = 80


@dataclass(frozen=True, slots=True)
class Served:
    """What a user would have got: of the `answers` those that are not rejected, `named`, by the confidence that is
    shown beside them."""

    answers: int
    named: Bins

    @classmethod
    def of(cls, found: Answers, shown: NDArray[np.int64]) -> Self:
        """Count answers to windows of the letters shown, int64[n]."""
        accepted = found.labels != REJECTED
        right = found.labels[accepted] == shown[accepted]
        return cls(len(shown), Bins.of(found.confidence[accepted], right))

    @classmethod
    def total(cls, served: Iterable[Served]) -> Self:
        """Add up, one at least."""
        parts = list(served)
        return cls(sum(part.answers for part in parts), Bins.total(part.named for part in parts))

    @property
    def rejected(self) -> int:
        """Answers that name no letter."""
        return self.answers - self.named.answers

    @property
    def right(self) -> int:
        """Answers that name the letter shown."""
        return int(self.named.right.sum())

    @property
    def rejected_share(self) -> float:
        """Share rejected in percent."""
        return 100 * self.rejected / self.answers

    @property
    def right_share(self) -> float:
        """Share named right in percent; what is rejected is not."""
        return 100 * self.right / self.answers

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON: `answers`, and `named`, those of the bins."""
        return {"answers": self.answers, "named": self.named.as_dict()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        return cls(stored["answers"], Bins.from_dict(stored["named"]))


@dataclass(frozen=True, slots=True)
class Judged:
    """Tally of the probabilities, the same by case, and what would be served; None for what is never served."""

    tally: Tally
    cases: Cases
    served: Served | None

    @classmethod
    def total(cls, judged: Iterable[Judged]) -> Self:
        """Add up, one at least."""
        parts = list(judged)
        served = [part.served for part in parts if part.served is not None]
        return cls(
            Tally.total(part.tally for part in parts),
            Cases.total(part.cases for part in parts),
            Served.total(served) if served else None,
        )

    @property
    def served_calibration_error(self) -> float | None:
        """Expected calibration error in percent of what a user is shown: the answers that are not rejected, with the
        confidence beside them; None where all are. What cannot reject shows its probabilities."""
        shown = self.tally.bins if self.served is None else self.served.named
        return shown.calibration_error if shown.answers else None

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON: those of the tally, `cases`, and `served`, which may be None."""
        served = None if self.served is None else self.served.as_dict()
        return self.tally.as_dict() | {"cases": self.cases.as_dict(), "served": served}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        served = None if stored["served"] is None else Served.from_dict(stored["served"])
        return cls(Tally.from_dict(stored), Cases.from_dict(stored["cases"]), served)


def judge(classifier: Classifier, recordings: Sequence[Recording], seen: int = WINDOW_FRAMES) -> Judged:
    """Judge a classifier on the newest WINDOW_FRAMES frames of recordings, one or more, or on the first `seen` of
    those."""
    windows = [recording.samples[-WINDOW_FRAMES:][:seen] for recording in recordings]
    shown = np.array([recording.label for recording in recordings], np.int64)
    probabilities = classifier.probabilities(windows)
    right = probabilities.argmax(axis=1) == shown
    found = classifier.served(windows)
    served = None if found is None else Served.of(found, shown)
    return Judged(Tally.of(probabilities, shown.tolist()), Cases.of(right, recordings, probabilities.shape[1]), served)


def over_draws(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return, as JSON, `accuracy` in percent of every draw and `tally`, the counts of all of them."""
    accuracy = [round(of_draw.tally.accuracy, 4) for of_draw in judged]
    return {"accuracy": accuracy, "tally": Judged.total(judged).as_dict()}
