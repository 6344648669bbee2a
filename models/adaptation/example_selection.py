"""Which example to ask a wearer for next, how good one is, and when there are enough. Pure numpy.

Every letter is asked for once before any is a second time, and each time in another way of holding it: an example of
one way says little of the others. Among those that are due the one at most risk comes first, that is of which another
example like those shown would most likely be taken for another letter:

    risk(letter) = 1 - mean P(letter | e_i + delta)

over examples e_i of the letter and differences delta between two ways of holding one letter, as training and this
wearer have shown them; P goes by the distance to the nearest example of each letter, as in
`models.adaptation.open_set`. How far
her own differences go scales those of training, since a hand unlike those trained on lies in another scale.

The risk says which letters come first, but is far too low for a hand of which little has been seen. When it is enough
is therefore told by her examples themselves: of the newest that repeated a letter, how many would have been read right
by those before them (prequential evaluation; Dawid, 1984).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import SHARPNESS, Embeddings, squared_distances
from models.adaptation.open_set import REST, OpenSetReference
from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from scaleglove.letters import LETTERS

RESTS: Final = 2
"""Examples of rest that are asked for first: without one a resting hand is easily taken for a letter."""
ENOUGH: Final = 0.97
"""Share of repeated letters read right with which a wearer may stop."""
CHECKS: Final = 12
"""Of so many repeated letters the newest are counted; of as many as are wanted, where these are fewer."""
MOST: Final = 54
"""Examples of letters after which she is not asked for more: docs/guide/calibration.md."""

_SIMULATED: Final = 150
"""Examples of each letter that a risk is estimated on."""
_FEW: Final = 4
"""Of her own differences; with fewer the scale is that of training."""

_NEAR_ANOTHER: Final = 0.35
"""In the reach of the wearer's letters: nearer to another letter than this, an example says little of its own."""

_PAIRS: Final = 3
_LEAST_CONFUSED: Final = 0.1
"""Pairs of letters that are told, and how often at least one is taken for the other."""

MOVED_DEG: Final = 4.0
MOVED_COUNTS: Final = 30.0
"""An example in whose course the hand turned or bent so far, from its first tenth to its last, was not held still."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to ask for next: a place among LETTERS, or REST; None: it is enough."""

    label: int | None
    again: bool
    """She has shown it: now in another way."""
    expected_accuracy: float | None
    """Share of the newest repeated letters that her examples before would have read right; None: too few are
    repeated."""
    confused: tuple[tuple[int, int], ...]
    """Pairs of letters that she is most likely to confuse, the likeliest first."""


QualityCode = Literal["sensor_dropped", "hand_moved", "close_to_other"]
"""What is wrong with an example; docs/reference/codes.md."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of one example: `score` from 0, of no use, to 1; without a fault `code` is None and `reason`, the
    same in words, is empty."""

    score: float
    code: QualityCode | None = None
    reason: str = ""
    other: int | None = None
    """With `close_to_other`: the letter that the example is close to, an index into LETTERS."""


class ExampleSelector:
    """For one model, whose `prototypes` say how differently one letter is held. It asks until `enough` of the
    newest repeated letters were known already, or for `most` examples of letters."""

    def __init__(self, prototypes: OpenSetReference, enough: float = ENOUGH, most: int = MOST) -> None:
        self._prototypes = prototypes
        found = _differences(prototypes.embeddings.astype(np.float64), prototypes.labels)
        # Of a training that knew one way of holding each letter nothing can be said of others.
        self._differences = found if len(found) else np.zeros((1, prototypes.embeddings.shape[1]))
        self._enough, self._most = enough, most

    def advise(self, embeddings: Embeddings, labels: Sequence[int], wanted: Sequence[int] = ()) -> Suggestion:
        """After these examples of a wearer, one embedding float32[m] each. `wanted`: the letters that she needs; empty:
        all of them. The same examples get the same advice."""
        marks = np.array(labels, np.int64)
        letters = np.array(sorted(wanted) or range(len(LETTERS)))
        if np.sum(marks == REST) < RESTS:
            return Suggestion(REST, bool(np.sum(marks == REST)), None, ())
        counts = np.array([np.sum(marks == letter) for letter in letters])
        risks, confusion = self._risks(embeddings, marks, letters)
        expected = _read_right(embeddings, marks, letters)
        confused = _most_confused(confusion, letters)
        sure = expected is not None and expected >= self._enough
        if sure or (counts.min() > 0 and counts.sum() >= self._most):
            return Suggestion(None, False, expected, confused)
        due = np.flatnonzero(counts == counts.min())
        chosen = due[risks[due].argmax()]
        return Suggestion(int(letters[chosen]), bool(counts[chosen]), expected, confused)

    def _risks(
        self, embeddings: Embeddings, marks: NDArray[np.int64], letters: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of each letter float64[n], and how much of it goes to which other one float64[n, n]. A letter that was not
        shown yet stands where training has it."""
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
            simulated = held[rng.integers(len(held), size=_SIMULATED)]
            simulated = simulated + differences[rng.integers(len(differences), size=_SIMULATED)]
            confusion[row] = _shares(simulated, examples, of_letter, letters).mean(axis=0)
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
    frames: NDArray[np.float32], embedding: NDArray[np.float32], label: int, others: OpenSetReference | None
) -> Quality:
    """How good the raw window `frames` float32[n, 8] with this embedding float32[m] is as an example of `label`;
    `others` are the wearer's examples so far, None: there are none, or of too few letters."""
    tenth = max(1, len(frames) // 10)
    drift = np.abs(np.median(frames[-tenth:], axis=0) - np.median(frames[:tenth], axis=0))
    drift[5:7] = np.minimum(drift[5:7], 360 - drift[5:7])
    if (frames[:, FLEX] < DROPPED_FLEX_BELOW).mean(axis=0).max() > 0.5:
        return Quality(0.3, "sensor_dropped", "a flex sensor had no contact")
    if drift[5:7].max() > MOVED_DEG or drift[FLEX].max() > MOVED_COUNTS:
        return Quality(0.2, "hand_moved", "the hand moved while it was taken")
    if others is None or label == REST:
        return Quality(1.0)
    distances = squared_distances(embedding[np.newaxis], others.embeddings)[0]
    rivals = (others.labels != label) & (others.labels != REST)
    if not rivals.any():
        return Quality(1.0)
    nearest = int(np.flatnonzero(rivals)[distances[rivals].argmin()])
    ratio = float(distances[nearest] / others.reach)
    if ratio < _NEAR_ANOTHER:
        other = int(others.labels[nearest])
        reason = f"it is close to an example of {LETTERS[other]}"
        return Quality(round(ratio / _NEAR_ANOTHER, 2), "close_to_other", reason, other)
    return Quality(1.0)


def _read_right(embeddings: Embeddings, marks: NDArray[np.int64], letters: NDArray[np.int64]) -> float | None:
    """Of the newest letters that were repeated once all had been shown, the share whose nearest example before is one
    of them."""
    own = np.flatnonzero(np.isin(marks, letters))
    firsts = np.unique(marks[own], return_index=True)[1]
    checks = min(CHECKS, len(letters))
    if len(firsts) < len(letters) or len(own) - firsts.max() - 1 < checks:
        return None
    distances = squared_distances(embeddings[own].astype(np.float64), embeddings[own].astype(np.float64))
    read = [marks[own[distances[place, :place].argmin()]] for place in range(len(own) - checks, len(own))]
    return float(np.mean(read == marks[own[-checks:]]))


def _differences(embeddings: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Between any two examples of one letter, both ways round: float64[k, m]."""
    rows, columns = np.nonzero((labels[:, np.newaxis] == labels) & ~np.eye(len(labels), dtype=bool))
    differences: NDArray[np.float64] = embeddings[rows] - embeddings[columns]
    return differences


def _shares(
    windows: NDArray[np.float64],
    examples: NDArray[np.float64],
    of_letter: NDArray[np.int64],
    letters: NDArray[np.int64],
) -> NDArray[np.float64]:
    """float64[windows, letters] by the distance to the nearest example of each."""
    distances = squared_distances(windows, examples)
    nearest = np.stack([distances[:, of_letter == letter].min(axis=1) for letter in letters], axis=1)
    log_scores = -SHARPNESS * np.log1p(nearest)
    likely = np.exp(log_scores - log_scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = likely / likely.sum(axis=1, keepdims=True)
    return shares


def _most_confused(confusion: NDArray[np.float64], letters: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    both = np.triu(confusion + confusion.T, k=1)
    order = np.argsort(both, axis=None)[::-1][:_PAIRS]
    pairs = zip(*np.unravel_index(order, both.shape), strict=True)
    return tuple((int(letters[a]), int(letters[b])) for a, b in pairs if both[a, b] > _LEAST_CONFUSED)
