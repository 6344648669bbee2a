"""Forced alignment: which of the shapes that a hand held were the letters of a word that it was asked for. Pure numpy.

The word is known, and letters come in its order: that says more of a hand of which nothing is known than any word
that is found by decoding. A hold is the next letter, something else in its place, the letter before once more, or none
of the word; a letter may have had no hold. The probability of all of it is that of a hidden Markov model (Rabiner, A
Tutorial on Hidden Markov Models, 1989), whose hidden state is the number of letters that were held so far:

    match(hold, letter) = SHARPNESS * (log p(letter | hold) - max over letters log p(. | hold))

beside constants for the rest, which were chosen on collections a and b, by networks trained without them
(docs/reports/words.md). Each hold is judged by the sum over all alignments, so that what several of them explain
as well is not taken for sure. While the hand is in the middle of the word, letters after the last one that was held
cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHARPNESS: Final = 0.5
"""Weight of what a hold says: the probabilities of a hand of which little is known are overconfident."""

OTHER: Final = -4.0
"""Log score of something else in the place of a letter. A hold that is less like its letter than this is left out."""
MISSED: Final = -5.0
"""Of a letter that had no hold: people sign what they read."""
FALSE: Final = -3.0
"""Of a hold between two letters, such as a halt or a rest."""
AGAIN: Final = -2.0
"""Of a letter that was read in two holds, beside what the second one says."""
BEFORE: Final = -1.0
"""Of a hold before the first letter, as people rest before a word."""
NO_LETTER: Final = 1.0
"""Added for a hold that the model takes for none."""

SURE: Final = 0.6
"""Probability from which on a hold is an example."""
_LIKELY: Final = 0.5


class LetterState(Enum):
    """What is known of a letter that was asked for."""

    FOUND = "found"
    UNSURE = "unsure"
    """Something was held in its place that is hardly this letter."""
    MISSED = "missed"
    """Letters after it were held, and it was not."""
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class AskedLetter:
    """A letter that was asked for: `hold` is the index of the hold in its place; None: there is none. `probability` is
    that of this hold being it."""

    state: LetterState
    hold: int | None = None
    probability: float = 0.0


def align(log_probabilities: NDArray[np.floating], asked: Sequence[int], is_over: bool) -> list[AskedLetter]:
    """Return what holds say of each of the letters that were asked for, in their order.

    Args:
        log_probabilities: float[n, labels + 1] of the holds in the order of time, the last column that of no letter.
        asked: indices of labels.
        is_over: whether the hand has come to the end of the word.
    """
    if not len(log_probabilities) or not asked:
        return [AskedLetter(LetterState.WAITING)] * len(asked)
    matched, replaced = _posteriors(_Scores.of(log_probabilities, asked, MISSED if is_over else 0.0))
    in_place = matched + replaced
    holds = in_place.argmax(axis=0)
    places = np.arange(len(asked))
    is_held = in_place[holds, places] >= _LIKELY
    last = int(np.flatnonzero(is_held).max(initial=-1))
    found: list[AskedLetter] = []
    for place, hold in enumerate(holds.tolist()):
        if not is_held[place]:
            found.append(AskedLetter(LetterState.MISSED if place < last else LetterState.WAITING))
            continue
        probability = float(matched[hold, place])
        state = LetterState.FOUND if probability >= SURE else LetterState.UNSURE
        found.append(AskedLetter(state, hold, probability))
    return found


@dataclass(frozen=True, slots=True)
class _Scores:
    """Log scores of n holds: of each being each letter float64[n, k], and of being none of the word after 0 to k of
    its letters float64[n, k + 1]."""

    match: NDArray[np.float64]
    false: NDArray[np.float64]
    waiting: float
    """Log score of each letter after the last one that was held."""

    @classmethod
    def of(cls, log_probabilities: NDArray[np.floating], asked: Sequence[int], waiting: float) -> _Scores:
        scores = np.asarray(log_probabilities, np.float64)
        highest = scores[:, :-1].max(axis=1)
        match = SHARPNESS * (scores[:, list(asked)] - highest[:, np.newaxis])
        false = np.full((len(scores), len(asked) + 1), FALSE)
        false[:, 0] = BEFORE
        return cls(match, false + np.where(scores[:, -1] > highest, NO_LETTER, 0.0)[:, np.newaxis], waiting)

    @property
    def end(self) -> NDArray[np.float64]:
        """Return the log scores float64[k + 1] of an end after 0 to k letters."""
        left = np.arange(self.match.shape[1], -1, -1, dtype=np.float64)
        return np.asarray(self.waiting * left, np.float64)


def _posteriors(scores: _Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the probabilities float64[n, k] of each hold being each letter, and of being something else in its place.

    A state is the number of letters so far; several may be missed before one that is held.
    """
    forward, backward = _forward(scores), _backward(scores)
    total = np.logaddexp.reduce(forward[-1] + scores.end)
    before = forward[:-1]
    skipped = np.full(before.shape, -np.inf)  # with letters missed before the next one, of state j - 1
    for place in range(before.shape[1]):
        earlier = skipped[:, place - 1] + MISSED if place else np.full(len(before), -np.inf)
        skipped[:, place] = np.logaddexp(before[:, place], earlier)
    into = skipped[:, :-1] + backward[1:, 1:] - total
    return np.exp(into + scores.match), np.exp(into + OTHER)


def _forward(scores: _Scores) -> NDArray[np.float64]:
    """Return the log scores float64[n + 1, k + 1] of the holds before each, with 0 to k letters held."""
    holds, letters = scores.match.shape
    forward = np.full((holds + 1, letters + 1), -np.inf)
    forward[0, 0] = 0.0
    for hold in range(holds):
        forward[hold + 1] = forward[hold] + scores.false[hold]
        reached = -np.inf
        for place in range(letters):
            reached = np.logaddexp(forward[hold, place], reached + MISSED)
            step = reached + np.logaddexp(scores.match[hold, place], OTHER)
            again = forward[hold, place + 1] + AGAIN + scores.match[hold, place]
            forward[hold + 1, place + 1] = np.logaddexp.reduce([forward[hold + 1, place + 1], step, again])
    return forward


def _backward(scores: _Scores) -> NDArray[np.float64]:
    """Return the log scores float64[n + 1, k + 1] of the holds from each on, after 0 to k letters."""
    holds, letters = scores.match.shape
    backward = np.tile(scores.end, (holds + 1, 1))
    for hold in reversed(range(holds)):
        here = backward[hold + 1] + scores.false[hold]
        here[1:] = np.logaddexp(here[1:], backward[hold + 1, 1:] + AGAIN + scores.match[hold])
        reached = -np.inf
        for place in reversed(range(letters)):
            step = np.logaddexp(scores.match[hold, place], OTHER) + backward[hold + 1, place + 1]
            reached = np.logaddexp(step, reached + MISSED)
            here[place] = np.logaddexp(here[place], reached)
        backward[hold] = here
    return backward
