"""Protocols: which recordings are trained on, which are shown for calibration, and which are tested.

Pure functions from what is known of the recordings to indices into them. An index that is tested in a part is never
trained on, shown or looked at for that part (`tests/models/evaluation/test_protocols.py` checks every split).

- random: a random fifth of each letter is tested. Its near-copies are in the training set; reported because other work
  reports it.
- leave_one_style_out: one style of holding the letters (bend type) is tested, of all collections.
- leave_one_session_out: one session of a single user is tested, after training on their others; only where there is one
  collection.
- cross_user: one collection, which stands for a user, is tested after training on all others
  (leave-one-subject-out). On top of it:
  - ranging: some episodes of one random half of the collection are looked at without labels, their letters as uneven as
    in text, and the other half is tested;
  - self-calibration: one random half of the collection is looked at without labels and the other half is tested, then
    the other way round, so that every episode is tested once and never looked at for its own figure;
  - few-shot: some labelled episodes of each letter are shown, all the rest of the collection is tested;
  - guided: a user who has held one random half of the collection shows an episode of each letter of it and is asked
    about others of it, and the other half is tested.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording

RANDOM, LEAVE_ONE_STYLE_OUT, CROSS_USER = "random", "leave_one_style_out", "cross_user"
LEAVE_ONE_SESSION_OUT = "leave_one_session_out"
PROTOCOLS = (RANDOM, LEAVE_ONE_STYLE_OUT, LEAVE_ONE_SESSION_OUT, CROSS_USER)
ANY_BEND, EACH_BEND, ONE_BEND = "any_bend", "each_bend", "one_bend"
SUPPORTS = (ANY_BEND, EACH_BEND, ONE_BEND)
SHOTS = (1, 3, 5, 10)
SUPPORT_SETS = 5
"""Support sets drawn for each number of shots and each SUPPORTS."""
RANGE_SHAPES = 100
"""Shapes that a user is ranged by: as many as the service ranges a stream by."""
RANGE_DRAWS = 5
GUIDED_SESSIONS = 4
TEST_SHARE = 0.2
MIN_EPISODES = 5
"""Episodes from which on a label is tested: a fifth of them is one, and one answer is 20 points of its accuracy."""

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Known:
    """Labels of n recordings: `letters` int64[n], `bends`, `collections` and `sessions` str[n]."""

    letters: Indices
    bends: NDArray[np.str_]
    collections: NDArray[np.str_]
    sessions: NDArray[np.str_]

    @classmethod
    def of(cls, recordings: Sequence[Recording]) -> Known:
        """Read the labels of recordings."""
        return cls(
            np.array([recording.label for recording in recordings], np.int64),
            np.array([recording.bend for recording in recordings], np.str_),
            np.array([recording.collection for recording in recordings], np.str_),
            np.array([recording.session for recording in recordings], np.str_),
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Episodes of one half of a collection to calibrate on without labels (`unlabelled`, some perhaps more than once),
    and the other half to test."""

    unlabelled: Indices
    test: Indices


@dataclass(frozen=True, slots=True)
class SupportSet:
    """Labelled episodes to calibrate on (`support`, up to `shots` of each letter), and the rest to test."""

    shots: int
    support_from: str
    support: Indices
    test: Indices
    short: int
    """Letters with fewer than `shots` episodes in `support`: there are no more, or the last one is kept to test."""


@dataclass(frozen=True, slots=True)
class Session:
    """Guided session: the half of a collection that the user has held (`held`), of which one episode of each letter is
    shown `first` and others may be asked about, and the other half to test."""

    first: Indices
    held: Indices
    test: Indices


@dataclass(frozen=True, slots=True)
class Fold:
    """One fit on `train`, tested on `test`. The others divide `test` further, in `cross_user` only."""

    protocol: str
    name: str
    train: Indices
    test: Indices
    ranges: tuple[Split, ...] = ()
    splits: tuple[Split, ...] = ()
    support_sets: tuple[SupportSet, ...] = ()
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Draws:
    """What is drawn of a collection that is tested: `support_sets` for each of `shots` and SUPPORTS, `ranges` of
    `shapes` each, and guided `sessions`."""

    shots: tuple[int, ...] = SHOTS
    support_sets: int = SUPPORT_SETS
    shapes: int = RANGE_SHAPES
    ranges: int = RANGE_DRAWS
    sessions: int = GUIDED_SESSIONS


USUAL_DRAWS = Draws()


def folds(known: Known, seed: int, draws: Draws = USUAL_DRAWS) -> list[Fold]:
    """Return every fold that the recordings allow, which may be none: leaving out a bend, a session or a collection
    needs two of them. A label of fewer than MIN_EPISODES episodes is trained on and not tested, nor is one in a fold
    whose training set does not have it (`models.evaluation.shortfalls` says which). A fold trains and tests two labels
    or more: of one there is nothing to take it for."""
    found = [_fold(known, RANDOM, f"{1 - TEST_SHARE:.0%} / {TEST_SHARE:.0%}", _random_test(known.letters, seed))]
    found += [
        _fold(known, LEAVE_ONE_STYLE_OUT, f"test on {bend}", np.flatnonzero(known.bends == bend))
        for bend in _names_of_several(known.bends)
    ]
    found += [_cross_user(known, collection, seed, draws) for collection in _names_of_several(known.collections)]
    if len(np.unique(known.collections)) == 1:
        found += [
            _fold(known, LEAVE_ONE_SESSION_OUT, f"test on {session}", np.flatnonzero(known.sessions == session))
            for session in _names_of_several(known.sessions)
        ]
    return [fold for fold in found if all(len(np.unique(known.letters[part])) > 1 for part in (fold.train, fold.test))]


def is_random_alone(found: Sequence[Fold]) -> bool:
    """Tell whether the folds are of the random split alone: of one person in one session and style it tests on
    near-copies of what was trained on, and says nothing of any other."""
    return {fold.protocol for fold in found} == {RANDOM}


def _names_of_several(groups: NDArray[np.str_]) -> list[str]:
    names = [str(name) for name in np.unique(groups)]
    return names if len(names) > 1 else []


def _fold(known: Known, protocol: str, name: str, left_out: Indices) -> Fold:
    train = np.setdiff1d(np.arange(len(known.letters)), left_out)
    letters, counts = np.unique(known.letters, return_counts=True)
    tested = np.intersect1d(letters[counts >= MIN_EPISODES], known.letters[train])
    return Fold(protocol, name, train, left_out[np.isin(known.letters[left_out], tested)])


def _random_test(letters: Indices, seed: int) -> Indices:
    """Choose a random fifth of each letter that is tested."""
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(of_letter)[: round(len(of_letter) * TEST_SHARE)]
        for of_letter in (np.flatnonzero(letters == letter) for letter in np.unique(letters))
        if len(of_letter) >= MIN_EPISODES
    ]
    return np.sort(np.concatenate([*chosen, np.zeros(0, np.int64)]))


def _cross_user(known: Known, collection: str, seed: int, draws: Draws) -> Fold:
    plain = _fold(known, CROSS_USER, f"test on {collection}", np.flatnonzero(known.collections == collection))
    target = plain.test

    def drawn(purpose: str) -> np.random.Generator:
        return _generator(seed, f"{collection}/{purpose}")

    has_halves, has_ways = len(target) > 1, len(np.unique(known.bends[target])) > 1
    return replace(
        plain,
        ranges=tuple(
            _range(known, target, draws.shapes, drawn(f"range/{number}"))
            for number in range(draws.ranges if has_halves else 0)
        ),
        splits=_splits(target, drawn("halves")),
        support_sets=tuple(
            _support_set(known, target, count, support_from, drawn(f"{support_from}/{count}/{number}"))
            for support_from in (SUPPORTS if has_ways else (ANY_BEND,))
            if len(target)
            for count in draws.shots
            for number in range(draws.support_sets)
        ),
        sessions=tuple(
            _session(known, target, drawn(f"guided/{number}")) for number in range(draws.sessions if has_halves else 0)
        ),
    )


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a random stream for one purpose: a choice does not depend on which others are made."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def _halves(target: Indices, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Halve at random, not by letter: what is not labelled cannot be balanced by its labels."""
    one, other = (np.sort(part) for part in np.array_split(rng.permutation(target), 2))
    return one, other


def _splits(target: Indices, rng: np.random.Generator) -> tuple[Split, ...]:
    if len(target) < 2:
        return ()
    one, other = _halves(target, rng)
    return Split(one, other), Split(other, one)


def _range(known: Known, target: Indices, shapes: int, rng: np.random.Generator) -> Split:
    """Draw shapes of one half with shares of the letters from Dirichlet(1), about as uneven as in text. They are drawn
    with replacement: a frequent letter may be drawn more often than it was recorded."""
    seen, test = _halves(target, rng)
    letters, of_letter, counts = np.unique(known.letters[seen], return_inverse=True, return_counts=True)
    shares = rng.dirichlet(np.ones(len(letters)))
    return Split(np.sort(rng.choice(seen, shapes, p=(shares / counts)[of_letter])), test)


def _session(known: Known, target: Indices, rng: np.random.Generator) -> Session:
    held, test = _halves(target, rng)
    of_letters = (held[known.letters[held] == letter] for letter in np.unique(known.letters[held]))
    return Session(np.sort([rng.choice(of_letter) for of_letter in of_letters]), held, test)


def _support_set(known: Known, target: Indices, shots: int, support_from: str, rng: np.random.Generator) -> SupportSet:
    allowed = target
    if support_from == ONE_BEND:
        allowed = target[known.bends[target] == rng.choice(np.unique(known.bends[target]))]
    support = []
    for letter, there in zip(*np.unique(known.letters[target], return_counts=True), strict=True):
        order = rng.permutation(allowed[known.letters[allowed] == letter])
        if support_from == EACH_BEND:
            order = order[_in_turn(known.bends[order])]
        support.append(order[: min(shots, int(there) - 1)])
    chosen = np.sort(np.concatenate(support))
    short = sum(len(of_letter) < shots for of_letter in support)
    return SupportSet(shots, support_from, chosen, np.setdiff1d(target, chosen), short)


def _in_turn(groups: NDArray[np.str_]) -> Indices:
    """Return an order of items str[n] by their groups: the first of each group in the order in which they appear, then
    the second of each, and so on."""
    turns = np.zeros(len(groups), np.int64)
    for group in np.unique(groups):
        mine = np.flatnonzero(groups == group)
        turns[mine] = np.arange(len(mine))
    return np.argsort(turns, kind="stable")
