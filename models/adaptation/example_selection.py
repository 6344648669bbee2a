"""Selection of the next calibration example: what to ask for, how good an example is, and when to stop. Pure numpy.

Every letter is asked for once before any is asked for a second time, and each time in another way of holding it: an
example of one way says little about the others. Among the letters that are due the one at most risk comes first, that
is the one of which another example, like those shown, would most likely be classified as another letter:

    risk(letter) = 1 - mean P(letter | e_i + delta)

over examples e_i of the letter and differences delta between two ways of holding one letter, taken from the training
data and from this user; P goes by the distance to the nearest example of each letter, as in
`models.adaptation.open_set`. The differences of the training data are scaled to the size of the user's own, since a
hand unlike those in the training data has another scale.

The risk orders the letters, but is far too low for a hand of which little has been seen. When to stop is therefore
decided by the user's examples themselves: of the newest ones that repeated a letter, how many those before them would
have classified right (prequential evaluation; Dawid, 1984).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import SHARPNESS, Embeddings, softmax, squared_distances
from models.adaptation.open_set import REST, Reference
from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX

RESTS: Final = 2
"""Examples of rest that are asked for first: without one a resting hand is easily classified as a letter."""
ENOUGH: Final = 0.97
"""Share of repeated letters classified right at which the user may stop."""
CHECKS: Final = 12
"""Number of the newest repeated letters that are counted; fewer where fewer letters are wanted."""
MOST: Final = 54
"""Examples of letters after which no more are asked for: docs/guide/calibration.md."""

_SIMULATED: Final = 150
"""Simulated examples of each letter for the estimate of its risk."""
_FEW: Final = 4
"""Differences of the user's own below which the scale stays that of the training data."""

_NEAR_ANOTHER: Final = 0.35
"""In units of the user's `class_spacing`: an example nearer than this to another letter says little about its own."""

_PAIRS: Final = 3
_LEAST_CONFUSED: Final = 0.1
"""Most pairs of confused letters that are listed, and the least rate of confusion of a listed pair."""

MOVED_DEG: Final = 4.0
MOVED_COUNTS: Final = 30.0
"""Largest change from the first tenth of an example to its last with which the hand counts as held still."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Example to ask for next."""

    label: int | None
    """Index of a letter, or REST; None: there are enough examples."""
    again: bool
    """It has been shown before: now in another way of holding it."""
    expected_accuracy: float | None
    """Share of the newest repeated letters that the examples before them would have classified right; None: too few
    are repeated."""
    confused: tuple[tuple[int, int], ...]
    """Pairs of letters that are most likely to be confused, the likeliest first."""


QualityCode = Literal["sensor_dropped", "hand_moved", "close_to_other"]
"""What is wrong with an example; docs/reference/codes.md."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of one example: `score` from 0, of no use, to 1; without a fault `code` is None."""

    score: float
    code: QualityCode | None = None
    other: int | None = None
    """With `close_to_other`: the index of the letter that the example is close to."""

    def reason(self, letters: Sequence[str]) -> str:
        """Return the fault in words, with the names of the letters; empty for none."""
        other = "" if self.other is None else letters[self.other]
        return "" if self.code is None else _REASONS[self.code].format(other=other)


_REASONS: Final[Mapping[QualityCode, str]] = {
    "sensor_dropped": "a flex sensor had no contact",
    "hand_moved": "the hand moved while it was taken",
    "close_to_other": "it is close to an example of {other}",
}


class ExampleSelector:
    """Selects examples for one model.

    Args:
        prototypes: of the model: how differently one letter is held.
        enough: share of the newest repeated letters classified right at which to stop.
        most: examples of letters after which to stop.
    """

    def __init__(self, prototypes: Reference, enough: float = ENOUGH, most: int = MOST) -> None:
        self._prototypes = prototypes
        found = _differences(prototypes.embeddings.astype(np.float64), prototypes.labels)
        # Training data with one way of holding each letter shows no differences.
        self._differences = found if len(found) else np.zeros((1, prototypes.embeddings.shape[1]))
        self._enough, self._most = enough, most

    def suggest(self, embeddings: Embeddings, labels: Sequence[int], wanted: Sequence[int] = ()) -> Suggestion:
        """Suggest the next example; the same examples give the same suggestion.

        Args:
            embeddings: of the user's examples so far, float32[n, m].
            labels: of the examples: indices of letters, or REST.
            wanted: letters that the user needs; empty: all.
        """
        marks = np.array(labels, np.int64)
        letters = np.array(sorted(wanted) or range(self._prototypes.classes))
        if np.sum(marks == REST) < RESTS:
            return Suggestion(REST, bool(np.sum(marks == REST)), None, ())
        counts = np.array([np.sum(marks == letter) for letter in letters])
        risks, confusion = self._risks(embeddings, marks, letters)
        expected = _expected_accuracy(embeddings, marks, letters)
        confused = _most_confused(confusion, letters)
        sure = expected is not None and expected >= self._enough
        if sure or (counts.min() > 0 and counts.sum() >= self._most):
            return Suggestion(None, False, expected, confused)
        due = np.flatnonzero(counts == counts.min())
        chosen = due[risks[due].argmax()]
        return Suggestion(int(letters[chosen]), bool(counts[chosen]), expected, confused)

    def risks(self, embeddings: Embeddings, labels: Sequence[int]) -> NDArray[np.float64]:
        """Return the risk float64[letters] of each letter by the examples so far, as for `suggest`."""
        return self._risks(embeddings, np.array(labels, np.int64), np.arange(self._prototypes.classes))[0]

    def _risks(
        self, embeddings: Embeddings, marks: NDArray[np.int64], letters: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the risk of each letter float64[n] and the confusion float64[n, n]. A letter that was not shown yet is
        represented by its prototypes; one that has none, as a user's own, is at most risk."""
        own = marks != REST
        shown = np.unique(marks[own])
        prototypes = ~np.isin(self._prototypes.labels, shown) & np.isin(self._prototypes.labels, letters)
        examples = np.concatenate([embeddings[own], self._prototypes.embeddings[prototypes]]).astype(np.float64)
        of_letter = np.concatenate([marks[own], self._prototypes.labels[prototypes]])
        rng = np.random.default_rng(0)
        differences = self._scaled(embeddings[own], marks[own])
        confusion = np.zeros((len(letters), len(letters)))
        for row, letter in enumerate(letters):
            held = examples[of_letter == letter]
            if not len(held):
                continue
            simulated = held[rng.integers(len(held), size=_SIMULATED)]
            simulated = simulated + differences[rng.integers(len(differences), size=_SIMULATED)]
            confusion[row] = _probabilities(simulated, examples, of_letter, letters).mean(axis=0)
        return 1 - np.diag(confusion), confusion

    def _scaled(self, embeddings: Embeddings, marks: NDArray[np.int64]) -> NDArray[np.float64]:
        own = _differences(embeddings.astype(np.float64), marks)
        if len(own) < _FEW:
            return self._differences
        trained = np.square(self._differences).sum(axis=1).mean()
        if trained == 0:
            return own
        scale = np.sqrt(np.square(own).sum(axis=1).mean() / trained)
        repeated = np.repeat(own, max(1, len(self._differences) // (2 * len(own))), axis=0)
        return np.concatenate([scale * self._differences, repeated])


def judge_example(
    frames: NDArray[np.float32],
    embedding: NDArray[np.float32],
    label: int,
    others: Reference | None,
    may_move: bool = False,
) -> Quality:
    """Judge a window as an example of `label`.

    Args:
        frames: the raw window, float32[n, 8].
        embedding: of the window, float32[m].
        label: index of the letter, or REST.
        others: the user's examples so far; None: there are none, or of too few letters.
        may_move: whether the label is of a sign that moves, or may be.
    """
    tenth = max(1, len(frames) // 10)
    drift = np.abs(np.median(frames[-tenth:], axis=0) - np.median(frames[:tenth], axis=0))
    drift[5:7] = np.minimum(drift[5:7], 360 - drift[5:7])
    if (frames[:, FLEX] < DROPPED_FLEX_BELOW).mean(axis=0).max() > 0.5:
        return Quality(0.3, "sensor_dropped")
    if not may_move and (drift[5:7].max() > MOVED_DEG or drift[FLEX].max() > MOVED_COUNTS):
        return Quality(0.2, "hand_moved")
    if others is None or label == REST:
        return Quality(1.0)
    distances = squared_distances(embedding[np.newaxis], others.embeddings)[0]
    rivals = (others.labels != label) & (others.labels != REST)
    if not rivals.any():
        return Quality(1.0)
    nearest = int(np.flatnonzero(rivals)[distances[rivals].argmin()])
    ratio = float(distances[nearest] / others.class_spacing)
    if ratio < _NEAR_ANOTHER:
        return Quality(round(ratio / _NEAR_ANOTHER, 2), "close_to_other", int(others.labels[nearest]))
    return Quality(1.0)


def too_alike(reference: Reference, labels: Sequence[int]) -> list[tuple[int, int]]:
    """Return each of these labels that has an example too close to one of another label, with that label."""
    found = []
    for label in labels:
        mine = reference.labels == label
        others = ~mine & (reference.labels != REST)
        if not mine.any() or not others.any():
            continue
        distances = squared_distances(reference.embeddings[mine], reference.embeddings[others]).min(axis=0)
        if distances.min() < _NEAR_ANOTHER * reference.class_spacing:
            found.append((label, int(reference.labels[others][distances.argmin()])))
    return found


def _expected_accuracy(embeddings: Embeddings, marks: NDArray[np.int64], letters: NDArray[np.int64]) -> float | None:
    """Return the share of the newest repeated letters whose nearest example before them is of the same letter; None
    until all letters are shown and enough are repeated."""
    own = np.flatnonzero(np.isin(marks, letters))
    firsts = np.unique(marks[own], return_index=True)[1]
    checks = min(CHECKS, len(letters))
    if len(firsts) < len(letters) or len(own) - firsts.max() - 1 < checks:
        return None
    distances = squared_distances(embeddings[own].astype(np.float64), embeddings[own].astype(np.float64))
    nearest = [marks[own[distances[row, :row].argmin()]] for row in range(len(own) - checks, len(own))]
    return float(np.mean(nearest == marks[own[-checks:]]))


def _differences(embeddings: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the differences float64[k, m] between any two examples of one letter, in both directions."""
    rows, columns = np.nonzero((labels[:, np.newaxis] == labels) & ~np.eye(len(labels), dtype=bool))
    differences: NDArray[np.float64] = embeddings[rows] - embeddings[columns]
    return differences


def _probabilities(
    windows: NDArray[np.float64],
    examples: NDArray[np.float64],
    of_letter: NDArray[np.int64],
    letters: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the probabilities float64[windows, letters] by the distance to the nearest example of each letter."""
    distances = squared_distances(windows, examples)
    nearest = np.stack([distances[:, of_letter == letter].min(axis=1, initial=np.inf) for letter in letters], axis=1)
    return softmax(-SHARPNESS * np.log1p(nearest))


def _most_confused(confusion: NDArray[np.float64], letters: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    both = np.triu(confusion + confusion.T, k=1)
    order = np.argsort(both, axis=None)[::-1][:_PAIRS]
    pairs = zip(*np.unravel_index(order, both.shape), strict=True)
    return tuple((int(letters[a]), int(letters[b])) for a, b in pairs if both[a, b] > _LEAST_CONFUSED)
