"""Judgement of a classifier on recordings: all that one set of answers says, in counts that can be added over parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from models.data.dataset import Recording
from models.evaluation.cases import Cases
from models.evaluation.classifier import REJECTED, Classifier
from models.evaluation.scores import Tally

WINDOW_FRAMES = 80


@dataclass(frozen=True, slots=True)
class Served:
    """What a user would have got: of the `answers` some are rejected, and of the others some are right."""

    answers: int
    rejected: int
    right: int

    @property
    def rejected_share(self) -> float:
        """Share rejected in percent."""
        return 100 * self.rejected / self.answers

    @property
    def right_share(self) -> float:
        """Share named right in percent; what is rejected is not."""
        return 100 * self.right / self.answers


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
            Served(*(sum(counts) for counts in zip(*map(_counts, served), strict=True))) if served else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON: those of the tally, `cases`, and `served`, which may be None."""
        served = None if self.served is None else asdict(self.served)
        return self.tally.as_dict() | {"cases": self.cases.as_dict(), "served": served}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        served = None if stored["served"] is None else Served(**stored["served"])
        return cls(Tally.from_dict(stored), Cases.from_dict(stored["cases"]), served)


def judge(classifier: Classifier, recordings: Sequence[Recording], seen: int = WINDOW_FRAMES) -> Judged:
    """Judge a classifier on the newest WINDOW_FRAMES frames of recordings, one or more, or on the first `seen` of
    those."""
    windows = [recording.samples[-WINDOW_FRAMES:][:seen] for recording in recordings]
    shown = np.array([recording.label for recording in recordings], np.int64)
    probabilities = classifier.probabilities(windows)
    right = probabilities.argmax(axis=1) == shown
    named = classifier.served(windows)
    served = None if named is None else Served(len(named), int(np.sum(named == REJECTED)), int(np.sum(named == shown)))
    return Judged(Tally.of(probabilities, shown.tolist()), Cases.of(right, recordings, probabilities.shape[1]), served)


def over_draws(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return, as JSON, `accuracy` in percent of every draw and `tally`, the counts of all of them."""
    accuracy = [round(of_draw.tally.accuracy, 4) for of_draw in judged]
    return {"accuracy": accuracy, "tally": Judged.total(judged).as_dict()}


def _counts(served: Served) -> tuple[int, int, int]:
    return served.answers, served.rejected, served.right
