"""Which recordings are learned from, which are shown for calibration, and which are tested, by protocol.

Pure: from what is known of each recording to indices into them. An index that is tested in a part is never in what was
learned from, shown or looked at for that part (`tests/models/evaluation/test_protocols.py` holds every split to that).

- random: a random fifth of each letter is tested. Its near-copies are in training; reported because the field does.
- leave_one_bend_out: one way of holding the letters (bend type) is tested, of all collections.
- new_collection: one collection, which stands for a wearer, is tested, after training on all others. On top of it:
  - self-calibration: one random half of the collection is looked at without labels, the other half is tested, and the
    other way round, so that every episode is tested once and never looked at for its own figure;
  - few-shot: some labelled episodes of each letter are shown, all the rest of the collection is tested.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording
from scaleglove.errors import ScaleGloveError

RANDOM, LEAVE_ONE_BEND_OUT, NEW_COLLECTION = "random", "leave_one_bend_out", "new_collection"
PROTOCOLS = (RANDOM, LEAVE_ONE_BEND_OUT, NEW_COLLECTION)
ANY_BEND, ONE_BEND = "any_bend", "one_bend"
SUPPORTS = (ANY_BEND, ONE_BEND)
SHOTS = (1, 3, 5, 10)
DRAWS = 5
TEST_SHARE = 0.2
MIN_EPISODES = 2

Indices = NDArray[np.int64]


class EvaluationError(ScaleGloveError):
    """Recordings that nothing can be learned about."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of n recordings: `letters` int64[n], `bends` and `collections` str[n]."""

    letters: Indices
    bends: NDArray[np.str_]
    collections: NDArray[np.str_]

    @classmethod
    def of(cls, recordings: Sequence[Recording]) -> Known:
        return cls(
            np.array([recording.label for recording in recordings], np.int64),
            np.array([recording.bend for recording in recordings], np.str_),
            np.array([recording.collection for recording in recordings], np.str_),
        )


@dataclass(frozen=True, slots=True)
class Split:
    """`unlabelled` is looked at without its labels, then `test` is tested; both are of the new collection."""

    unlabelled: Indices
    test: Indices


@dataclass(frozen=True, slots=True)
class SupportSet:
    """`support`, up to `shots` episodes of each letter, is shown with its labels, then `test` is tested."""

    shots: int
    support_from: str
    support: Indices
    test: Indices
    short: int
    """Letters with fewer than `shots` in `support`: there were no more, or the last one was kept for the test."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One fit on `train`, tested on `test`. `halves` and `draws` split `test` further, in `new_collection` only."""

    protocol: str
    name: str
    train: Indices
    test: Indices
    halves: tuple[Split, ...] = ()
    draws: tuple[SupportSet, ...] = ()


def folds(known: Known, seed: int, shots: Sequence[int] = SHOTS, draws: int = DRAWS) -> list[Fold]:
    """Every fold that the recordings allow: a protocol needs two bends, or two collections, to leave one out.

    Raises:
        EvaluationError: there is too little to learn from and to test on.
    """
    letters, episodes = np.unique(known.letters, return_counts=True)
    if len(letters) < 2 or episodes.min() < MIN_EPISODES:
        raise EvaluationError(f"evaluation needs two letters or more, and {MIN_EPISODES} recordings of each or more")
    found = [_fold(known, RANDOM, f"{1 - TEST_SHARE:.0%} / {TEST_SHARE:.0%}", _random_test(known.letters, seed))]
    found += [
        _fold(known, LEAVE_ONE_BEND_OUT, f"test on {bend}", np.flatnonzero(known.bends == bend))
        for bend in _names_of_several(known.bends)
    ]
    found += [
        _new_collection(known, collection, seed, shots, draws) for collection in _names_of_several(known.collections)
    ]
    return found


def _names_of_several(groups: NDArray[np.str_]) -> list[str]:
    names = [str(name) for name in np.unique(groups)]
    return names if len(names) > 1 else []


def _fold(known: Known, protocol: str, name: str, test: Indices) -> Fold:
    return Fold(protocol, name, np.setdiff1d(np.arange(len(known.letters)), test), test)


def _random_test(letters: Indices, seed: int) -> Indices:
    """A random fifth of each letter, one episode at least."""
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(of_letter)[: max(1, round(len(of_letter) * TEST_SHARE))]
        for of_letter in (np.flatnonzero(letters == letter) for letter in np.unique(letters))
    ]
    return np.sort(np.concatenate(chosen))


def _new_collection(known: Known, collection: str, seed: int, shots: Sequence[int], draws: int) -> Fold:
    target = np.flatnonzero(known.collections == collection)
    plain = _fold(known, NEW_COLLECTION, f"test on {collection}", target)
    return Fold(
        plain.protocol,
        plain.name,
        plain.train,
        plain.test,
        _halves(target, _generator(seed, f"{collection}/halves")),
        tuple(
            _draw(known, target, count, support_from, _generator(seed, f"{collection}/{support_from}/{count}/{number}"))
            for support_from in SUPPORTS
            for count in shots
            for number in range(draws)
        ),
    )


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Its own stream for every purpose: a draw does not depend on which others are made."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def _halves(target: Indices, rng: np.random.Generator) -> tuple[Split, ...]:
    """Without a look at the labels: whoever calibrates from unlabelled frames has none to balance them by."""
    if len(target) < 2:
        return ()
    one, other = (np.sort(part) for part in np.array_split(rng.permutation(target), 2))
    return Split(one, other), Split(other, one)


def _draw(known: Known, target: Indices, shots: int, support_from: str, rng: np.random.Generator) -> SupportSet:
    allowed = target
    if support_from == ONE_BEND:
        allowed = target[known.bends[target] == rng.choice(np.unique(known.bends[target]))]
    support = [
        rng.permutation(allowed[known.letters[allowed] == letter])[: min(shots, int(there) - 1)]
        for letter, there in zip(*np.unique(known.letters[target], return_counts=True), strict=True)
    ]
    chosen = np.sort(np.concatenate(support))
    short = sum(len(of_letter) < shots for of_letter in support)
    return SupportSet(shots, support_from, chosen, np.setdiff1d(target, chosen), short)
