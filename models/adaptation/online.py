"""Self-calibration: where a user's letters lie, learned from the holds of a session. Pure numpy.

A hold is a hand shape held still: its embedding h_i and its log-scores b_i (`models.adaptation.open_set`). In a few
rounds of soft k-means (Ren et al., Meta-Learning for Semi-Supervised Few-Shot Classification, 2018), each letter gets a
centre among the holds:

    r_i  ~  (exp(b_i) * (1 + |h_i - c|^2) ^ -SHARPNESS) ^ TEMPERING * (bigram prior from the neighbours) ^ BIGRAM_WEIGHT
    c_letter  =  sum r_i^2 h_i / sum r_i^2

A window is then scored by its reference and by its distance to the centres. What is farther than SPREAD * class_spacing
from every centre is no letter. The bigrams of Korean are used here only, to learn the hand, and never in the answer for
a window: the user may sign any text. Labels that spell no Korean have no bigram prior. A mean field in place of
forward-backward keeps a round to a few matrix products.

One centre for each letter fits a user who holds a letter in one way. Where more than SEVERAL_WAYS of the holds that are
letters lie far from every centre, each hold counts by itself (label propagation; Zhu and Ghahramani, 2002):

    (1 + |h - c|^2) ^ -SHARPNESS   becomes   sum r_i^2 (1 + |h - h_i|^2) ^ -SHARPNESS

The embedding of a hold is that of its newest frames. No frequency of letters is assumed.

So it is while nothing is known but the holds. As soon as words tell what some of them showed (`teach`), only those
count, each by how sure its word was, and none is guessed any more: r_i is 0 for all others. Letters that no word has
shown are then scored by the reference alone. A reference of other hands counts less the more words have shown. What
words have shown in earlier streams (`models.adaptation.word_examples`) counts in the same way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, softmax, squared_distances
from models.adaptation.hold_memory import HoldMemory
from models.adaptation.learned import Centres, Learned, WeightedHolds, log_kernel, log_sums
from models.adaptation.native import load
from models.adaptation.native.learned_scores import LearnedScores, Terms
from models.adaptation.open_set import Reference
from models.adaptation.scored import LogScores, Scored
from models.adaptation.taught import Taught, first_forgotten
from models.adaptation.word_examples import WordExamples
from scaleglove.vocabulary import Vocabulary

FIRST: Final = 10
"""Holds before anything is learned: about the first twenty seconds of signing."""
EVERY: Final = 5
"""Holds from one learning to the next."""
REMEMBERED: Final = 300
"""Holds. Those that no word has shown are forgotten first (`models.adaptation.taught`)."""

STRANGERS: Final = 0.3
"""Exponent of a reference of other hands once words have shown this one: where the two differ it is wrong."""
SURE: Final = 2.0
"""Exponent of all scores then: by the hand itself fewer answers are wrong than these say. All three are chosen in
docs/reports/words.md."""
HALF_WAY: Final = 9.0
"""Holds shown by words, each as far as its word is believed, with which both exponents are half-way there."""

SPREAD: Final = 0.4
"""In units of `class_spacing`. Holds of one letter lie much nearer to each other than to other letters."""
SEVERAL_WAYS: Final = 0.2
"""Share of the letters held that no centre explains. Simulated users who held each letter in one way were below 0.13
most of the time, those who held it in another way each time above 0.2 (docs/reports/stream-benchmark.md)."""
BIGRAM_WEIGHT: Final = 0.5
"""Exponent of the bigram prior."""
TEMPERING: Final = 0.3
"""Exponent of the scores while the hand is learned: they are overconfident on a hand not seen before."""
_PAUSE: Final = 0.25
"""Probability that no letter comes next: a word ends, or the hand rests."""
_ROUNDS: Final = 5
_EVEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Hold:
    """A hand shape that was held still: its mean embedding float32[m] and its mean log-scores
    float64[classes + 1]."""

    embedding: NDArray[np.float32]
    log_scores: NDArray[np.float64]
    end_ms: float = math.nan
    """Device time of its end, by which a word says what it was; NaN: unknown."""


class OnlineCalibration:
    """Self-calibration to one user in one session, on top of a reference. `following` is P(next | letter)
    float64[classes + 1, classes + 1] of `bigrams_of`; None: no prior. `of_others`: the reference is of other hands.
    `kept`: what words have shown before; None: nothing."""

    def __init__(
        self,
        reference: Reference,
        following: NDArray[np.float64] | None = None,
        taught: Mapping[float, Taught] | None = None,
        *,
        of_others: bool = False,
        kept: WordExamples | None = None,
    ) -> None:
        self._of_others = of_others
        self._reference = reference
        self._following = following
        self._taught: Mapping[float, Taught] = taught or {}
        self._limit = SPREAD * reference.class_spacing
        self._holds = HoldMemory(REMEMBERED)
        self._kept = kept
        self._learned: Learned | None = None
        self._compiled: LearnedScores | None = None
        if kept is not None:
            self._know(self._of_words())
        self.count = 0
        """Holds so far."""

    @property
    def letters(self) -> int:
        """Number of letters that are known."""
        return 0 if self._learned is None else self._learned.letters

    @property
    def sure(self) -> dict[int, float]:
        """The probability of each letter that words have shown that one of its holds was that letter."""
        doubts: dict[int, float] = {}
        shown = [(taught.letter, taught.weight) for taught in self._taught.values()]
        if self._kept is not None:
            shown += zip(self._kept.letters.tolist(), self._kept.weights.tolist(), strict=True)
        for letter, weight in shown:
            doubts[letter] = doubts.get(letter, 1.0) * (1 - weight)
        return {letter: 1 - doubt for letter, doubt in sorted(doubts.items())}

    def add(self, hold: Hold) -> bool:
        """Add the next hold; return whether more has been learned."""
        self._remember(hold)
        self.count += 1
        if self.count < FIRST or self.count % EVERY:
            return False
        self._learn()
        return True

    def teach(self, taught: Mapping[float, Taught]) -> None:
        """Learn from what words say of holds, by the time of their end; what was said before is forgotten."""
        self._taught = taught
        self._learn()

    def add_all(self, holds: Sequence[Hold]) -> None:
        """Add holds that were made before, and learn once."""
        for hold in holds:
            self._remember(hold)
        self.count += len(holds)
        if self.count >= FIRST or self._taught:
            self._learn()

    def adjust(self, log_scores: LogScores, embeddings: Embeddings) -> LogScores:
        """Return the log-scores of windows with what has been learned; unchanged before anything is."""
        if self._learned is None:
            return log_scores
        nearness = self._with_rejection(self._learned.nearness(embeddings, self._limit), embeddings)
        _, own, every = self._terms
        adjusted: LogScores = every * (own * log_scores + nearness)
        return adjusted

    def score(self, scores: Scored, embeddings: Embeddings) -> Scored:
        """Return the scores of windows so adjusted, with what follows from them, compiled where that is possible; the
        confidence is the reference's."""
        if self._learned is None:
            return scores
        if self._compiled is not None and len(embeddings):
            return self._compiled.adjust(scores, embeddings)
        return Scored.of(self.adjust(scores.log_scores, embeddings), scores.confidence)

    @property
    def _terms(self) -> Terms:
        shown = sum(each.weight for each in self._taught.values())
        if self._kept is not None:
            shown += float(self._kept.weights.sum())
        if not self._of_others or not shown:
            return Terms(self._limit, 1.0, 1.0)
        learned = shown / (shown + HALF_WAY)
        return Terms(self._limit, (1 - learned) + learned * STRANGERS, (1 - learned) + learned * SURE)

    def _know(self, learned: Learned) -> None:
        self._learned = learned
        self._compiled = learned.compiled(self._reference.rests, self._terms, load())

    def _remember(self, hold: Hold) -> None:
        if self._holds.is_full:
            self._holds.forget(first_forgotten(self._holds.ends_ms, self._taught))
        self._holds.append(hold.embedding, hold.log_scores, hold.end_ms)

    def _learn(self) -> None:
        if self._kept is not None or any(end_ms in self._taught for end_ms in self._holds.ends_ms):
            self._know(self._of_words())
            return
        if not len(self._holds):  # words speak of holds from before the learning started again
            return
        embeddings, log_scores = self._holds.embeddings(), self._holds.log_scores
        centres = self._centres_of(embeddings, log_scores)
        one_way = self._unexplained(centres, embeddings, log_scores) <= SEVERAL_WAYS
        self._know(centres if one_way else self._holds_of(embeddings, log_scores))

    def _of_words(self) -> WeightedHolds:
        ends_ms = self._holds.ends_ms
        shown = [place for place, end_ms in enumerate(ends_ms) if end_ms in self._taught]
        weights = np.zeros((len(shown), self._reference.classes))
        for row, place in enumerate(shown):
            taught = self._taught[ends_ms[place]]
            weights[row, taught.letter] = taught.weight
        if self._kept is None:
            return WeightedHolds(self._holds.embeddings(shown), weights)
        kept = self._kept.newest(REMEMBERED - len(shown))
        before = np.zeros((len(kept), self._reference.classes))
        before[np.arange(len(kept)), kept.letters] = kept.weights
        if not shown:
            return WeightedHolds(kept.embeddings, before)
        embeddings = np.concatenate([kept.embeddings, self._holds.embeddings(shown)])
        return WeightedHolds(embeddings, np.concatenate([before, weights]))

    def _centres_of(self, embeddings: Embeddings, log_scores: LogScores) -> Centres:
        probabilities = softmax(TEMPERING * log_scores)
        for _ in range(_ROUNDS - 1):
            centres = Centres.of(embeddings, probabilities[:, :-1] ** 2)
            nearness = self._with_rejection(centres.nearness(embeddings, self._limit), embeddings)
            probabilities = self._in_context(log_scores + nearness, probabilities)
        return Centres.of(embeddings, probabilities[:, :-1] ** 2)

    def _holds_of(self, embeddings: Embeddings, log_scores: LogScores) -> WeightedHolds:
        near = np.exp(log_kernel(squared_distances(embeddings, embeddings)))
        np.fill_diagonal(near, 0.0)  # no hold counts for itself
        probabilities = softmax(TEMPERING * log_scores)
        for _ in range(_ROUNDS - 1):
            nearness = self._with_rejection(log_sums(near, probabilities[:, :-1] ** 2, self._limit), embeddings)
            probabilities = self._in_context(log_scores + nearness, probabilities)
        return WeightedHolds(embeddings, probabilities[:, :-1] ** 2)

    def _unexplained(self, centres: Centres, embeddings: Embeddings, log_scores: LogScores) -> float:
        """Return the share of the holds that are probably letters and lie far from every centre."""
        letters = softmax(log_scores)[:, -1] < _EVEN
        distances = np.where(centres.known, squared_distances(embeddings, centres.centres), np.inf).min(axis=1)
        return float(np.mean(distances[letters] > self._limit)) if letters.any() else 0.0

    def _in_context(self, log_scores: LogScores, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of consecutive holds, with the bigram prior from their neighbours."""
        before, after = np.zeros_like(log_scores), np.zeros_like(log_scores)
        if self._following is not None:
            before[1:] = np.log(probabilities[:-1] @ self._following)
            after[:-1] = np.log(probabilities[1:] @ self._following.T)
        return softmax(TEMPERING * log_scores + BIGRAM_WEIGHT * (before + after))

    def _with_rejection(self, nearness: NDArray[np.float64], embeddings: Embeddings) -> LogScores:
        """Return the log-likelihoods with a last column for rejection."""
        to_rejection = np.minimum(self._limit, self._reference.to_rest(embeddings))
        return np.column_stack([nearness, log_kernel(to_rejection)])


@lru_cache(maxsize=16)  # a service has few vocabularies, and users few numbers of signs
def bigrams_of(vocabulary: Vocabulary, classes: int) -> NDArray[np.float64] | None:
    """Return P(next | letter) float64[classes + 1, classes + 1] in Korean text, for the labels of a vocabulary and then
    those that are a user's own; the last row and column stand for no letter. None: the vocabulary spells no Korean.

    Read from `bigrams.json`, which names its source; `python -m benchmarks.model.bigrams` recreates it.
    """
    if vocabulary.language != "korean":
        return None
    counts = json.loads(Path(__file__).with_name("bigrams.json").read_text(encoding="utf-8"))["after"]
    place = {letter: index for index, letter in enumerate(letter for letter in counts if letter)}
    columns = [place.get(label) for label in vocabulary.names] + [None] * (classes - len(vocabulary.names))
    table = np.full((classes + 1, classes + 1), _PAUSE)
    for row, label in enumerate([*vocabulary.names, *[""] * (classes + 1 - len(vocabulary.names))]):
        after = np.array(counts.get(label, counts[""]), np.float64)  # "" is the beginning of a word
        share = (1 - _PAUSE) * after / after.sum()
        # What is no letter of the text may stand anywhere in it: as often as a letter does on the whole.
        table[row, :classes] = [share.mean() if at is None else share[at] for at in columns]
    table.setflags(write=False)
    return table
