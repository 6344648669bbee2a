"""A beam over the spellings of one word: a step for each hold, by array operations. Pure.

It is the reference of `service/streams/words/native`, which computes the same, bit by bit, where it is compiled.

A hypothesis is in one of two models of `scaleglove.language`: at a node of the tree of listed words, or, with node
OPEN, at a context of the letter model. Its `language` is the logarithm so far, at a node without the entry that is
being spelled. It may end an entry and go on with an ending, or, at some cost, with another word: not everybody who
signs a sentence rests after each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scaleglove.language.language_model import LISTED, LanguageModel
from scaleglove.language.letter_model import START
from service.streams.words.options import WordOptions
from service.streams.words.signed_letter import Emission

OPEN: Final = -1
WIDTH: Final = 32
"""Hypotheses kept of each of the two models."""
RETRIED: Final = 8
"""Hypotheses, of each, for which a missed or a doubled letter is considered."""
_ALIKE: Final = 2
"""Candidates for each that is kept, since some of them spell the same."""

LOG_LISTED: Final = math.log(LISTED)
LOG_OTHER: Final = math.log1p(-LISTED)
"""Logarithms of the shares of words that are of the list, and of no list."""

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_MIXER: Final = np.uint64(0xC2B2AE3D27D4EB4F)

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class Beam(NamedTuple):
    """Hypotheses after one step, each an element of all arrays."""

    node: NDArray[np.int32]
    code: NDArray[np.int32]
    language: Floats
    score: Floats
    """Of the holds, with the costs of what explains them."""
    letter: NDArray[np.int64]
    """The newest letter; -1: none yet."""
    spelled: NDArray[np.uint64]
    """A number for the letters so far."""
    listed: NDArray[np.bool_]
    parent: Places
    """The hypothesis of the step before."""
    added: NDArray[np.int64]
    """Letters that this step added, all `letter`."""

    def at(self, chosen: Places) -> Beam:
        """Return some of the hypotheses."""
        return Beam._make(array[chosen] for array in self)


def joined(beams: Sequence[Beam]) -> Beam:
    """Return the hypotheses of several beams as one."""
    return Beam._make(_concatenated(beams))


class _Sources(NamedTuple):
    """Where the next letter may be added: hypotheses of a beam, as they are or after the end of an entry."""

    place: Places
    node: NDArray[np.int32]
    code: NDArray[np.int32]
    language: Floats
    listed: NDArray[np.bool_]


class _Step(NamedTuple):
    """How hypotheses are extended: the scores of the letters, how many are kept of each model, and the letter that each
    hypothesis is extended by; None: by every letter that the models allow."""

    emission: Emission
    most: int
    only: NDArray[np.int64] | None = None


class BeamSearch:
    """The steps of a beam in one language."""

    def __init__(self, language: LanguageModel, options: WordOptions) -> None:
        self._model = language
        self._options = options
        self._log_start = np.array([LOG_LISTED, LOG_OTHER])
        self._log_space = -options.space / options.language
        self._roots = np.array([language.root, OPEN], np.int32)

    def start(self) -> Beam:
        """Return the beam before the first hold."""
        two, zeros = np.arange(2), np.zeros(2, np.int64)
        spelled = np.zeros(2, np.uint64)
        codes = np.full(2, START, np.int32)
        listed = np.array([True, False])
        return Beam(self._roots, codes, self._log_start, np.zeros(2), zeros - 1, spelled, listed, two, zeros)

    def push(self, beam: Beam, emission: Emission, is_letter: bool = True) -> tuple[Beam, Beam]:
        """Return the beams after what may have been missed before a hold, and after that hold; `is_letter` False: it
        may as well be none."""
        options = self._options
        missed = self.missed(beam)
        read = self._extended(missed, _Step(emission, _ALIKE * WIDTH))
        likely = read.at(self._best(read, RETRIED))
        twice = self._extended(likely, _Step(np.full(len(emission), -options.doubled), WIDTH, likely.letter))
        before = likely.at(twice.parent)
        doubled = twice._replace(parent=before.parent, added=twice.added + 1)
        again = np.where(missed.letter >= 0, emission[missed.letter] - options.again, -np.inf)
        cost = options.false if is_letter else options.unwritten
        false = _stay(missed)._replace(score=missed.score + np.maximum(again, -cost))
        return missed, self._pruned([read, doubled, false], WIDTH)

    def push_unwritten(self, beam: Beam, emission: Emission) -> Beam:
        """Return the beam after a hold for which no letter was written."""
        read = self._extended(beam, _Step(emission - self._options.unwritten, WIDTH))
        return self._pruned([read, _stay(beam)], WIDTH)

    def missed(self, beam: Beam) -> Beam:
        """Return the beam with hypotheses that have one letter more, for which there was no hold."""
        likely = self._best(beam, RETRIED)
        costs = np.full(len(self._model.letters), -self._options.missed)
        more = self._extended(beam.at(likely), _Step(costs, RETRIED))
        return joined([_stay(beam), more._replace(parent=likely[more.parent])])

    def ended(self, beam: Beam) -> Floats:
        """Return the total float64[n] of each hypothesis if the word ends here; -inf where it cannot."""
        return beam.score + self._options.language * self._word_ends(beam, self._ends(beam))

    def _ends(self, beam: Beam) -> Floats:
        """Return the language's logarithm with the end of the entry; -inf where nothing was spelled."""
        of_open = self._model.open.after(beam.code)[:, -1]
        ends = beam.language + np.where(beam.node == OPEN, of_open, self._model.tree.end[beam.node])
        ends[beam.letter < 0] = -np.inf
        return ends

    def _word_ends(self, beam: Beam, ends: Floats) -> Floats:
        """Return the same with the end of the word."""
        return ends + np.where(beam.node == OPEN, 0.0, self._model.log_last)

    def _extended(self, beam: Beam, step: _Step) -> Beam:
        """Return the likely ones of the hypotheses with one more letter; their parents are places in the beam."""
        sources = self._sources(beam)
        is_open = sources.node == OPEN
        at_node, at_code = np.flatnonzero(~is_open), np.flatnonzero(is_open)
        listed = self._down_the_tree(beam, sources, at_node, step)
        other = self._by_letters(beam, sources, at_code, step)
        source, node, letters, language, score = _concatenated([listed, other])
        place = sources.place[source]
        return Beam(
            node,
            self._model.open.extend(sources.code[source], letters),
            language,
            score,
            letters,
            beam.spelled[place] * _MULTIPLIER + (letters + 1).astype(np.uint64),
            sources.listed[source],
            place,
            np.ones(len(place), np.int64),
        )

    def _down_the_tree(
        self, beam: Beam, sources: _Sources, chosen: Places, step: _Step
    ) -> tuple[Places, NDArray[np.int32], Places, Floats, Floats]:
        """Return the source, node, letter, logarithm and score of the likely children of the chosen sources."""
        tree = self._model.tree
        places, nodes = tree.extend(sources.node[chosen])
        source = chosen[places]
        letters = tree.letter[nodes].astype(np.int64)
        if step.only is not None:
            same = np.flatnonzero(letters == step.only[sources.place[source]])
            source, nodes, letters = source[same], nodes[same], letters[same]
        score = beam.score[sources.place[source]] + step.emission[letters]
        language = sources.language[source]
        kept = _highest(score + self._options.language * (language + tree.best[nodes]), step.most)
        return source[kept], nodes[kept], letters[kept], language[kept], score[kept]

    def _by_letters(
        self, beam: Beam, sources: _Sources, chosen: Places, step: _Step
    ) -> tuple[Places, NDArray[np.int32], Places, Floats, Floats]:
        """Return the same of the chosen sources that are in the letter model."""
        after = self._model.open.after(sources.code[chosen])[:, :-1]
        place = sources.place[chosen]
        if step.only is None:
            rows, letters = np.divmod(np.arange(after.size), after.shape[1])
        else:
            rows, letters = np.arange(len(chosen)), step.only[place]
        language = sources.language[chosen][rows] + after[rows, letters]
        score = beam.score[place][rows] + step.emission[letters]
        kept = _highest(score + self._options.language * language, step.most)
        rows = rows[kept]
        return chosen[rows], np.full(len(rows), OPEN, np.int32), letters[kept], language[kept], score[kept]

    def _sources(self, beam: Beam) -> _Sources:
        """Return where the next letter may be added."""
        size = len(beam.node)
        as_it_is = _Sources(np.arange(size), beam.node, beam.code, beam.language, beam.listed)
        ends = self._ends(beam)
        over = np.flatnonzero(ends > -np.inf)
        ending = self._model.endings_after[beam.letter[over]]
        parts = [as_it_is]
        if len(over) and ending[0] >= 0:
            language = ends[over] + self._model.log_followed
            parts.append(_Sources(over, ending, beam.code[over], language, beam.listed[over]))
        if len(over) and self._log_space > -math.inf:
            parts += self._other_words(beam, over, self._word_ends(beam, ends)[over] + self._log_space)
        return _Sources._make(_concatenated(parts)) if len(parts) > 1 else as_it_is

    def _other_words(self, beam: Beam, over: Places, language: Floats) -> Iterator[_Sources]:
        """Yield where the next letter begins another word, after the hypotheses `over` with these logarithms."""
        codes = np.full(len(over), START, np.int32)
        for root, start in zip(self._roots, self._log_start, strict=True):
            listed = beam.listed[over] & (root != OPEN)
            yield _Sources(over, np.full(len(over), root, np.int32), codes, language + start, listed)

    def _priority(self, beam: Beam) -> Floats:
        """Return how promising hypotheses are, with the most probable entry that each may become."""
        ahead = np.where(beam.node == OPEN, np.float32(0.0), self._model.tree.best[beam.node])
        priority: Floats = beam.score + self._options.language * (beam.language + ahead)
        return priority

    def _best(self, beam: Beam, most: int) -> Places:
        """Return the most promising hypotheses, the best first, at most `most` of each of the two models."""
        order = np.argsort(-self._priority(beam), kind="stable")
        is_open = beam.node[order] == OPEN
        rank = np.where(is_open, np.cumsum(is_open), np.cumsum(~is_open))
        return order[rank <= most]

    def _pruned(self, beams: Sequence[Beam], most: int) -> Beam:
        """Return the best of several beams, of those that spell the same in the same place one."""
        beam = joined(beams)
        order = self._best(beam, _ALIKE * most)
        node = beam.node[order]
        places = beam.spelled[order] ^ ((node.astype(np.int64) + 2).astype(np.uint64) * _MIXER)
        first = np.sort(np.unique(places, return_index=True)[1])
        is_open = node[first] == OPEN
        rank = np.where(is_open, np.cumsum(is_open), np.cumsum(~is_open))
        return beam.at(order[first[rank <= most]])


def total_of(score: float, weight: float, log_listed: float, log_other: float) -> float:
    """Return the total of a row of letters by itself, of the score of its holds and its logarithms as a word of the
    list and as one of none."""
    return score + weight * max(LOG_LISTED + log_listed, LOG_OTHER + log_other)


def _stay(beam: Beam) -> Beam:
    """Return the beam as a step that adds nothing."""
    size = len(beam.node)
    return beam._replace(parent=np.arange(size), added=np.zeros(size, np.int64))


def _highest(values: Floats, most: int) -> Places:
    """Return the places of the highest values, at most `most`, no infinitely low one: of equal ones the first."""
    if len(values) <= most:
        return np.flatnonzero(values > -np.inf)
    lowest = np.partition(values, len(values) - most)[len(values) - most]
    kept = np.flatnonzero((values >= lowest) & (values > -np.inf))
    if len(kept) <= most:
        return kept
    above = values[kept] > lowest
    chosen: Places = kept[above | (np.cumsum(~above) <= most - np.count_nonzero(above))]
    return chosen


def _concatenated(rows: Sequence[Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return the arrays of several rows of arrays, each with those in its place of the other rows after it."""
    return [np.concatenate(arrays) for arrays in zip(*rows, strict=True)]
