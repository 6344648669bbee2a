"""With any recordings, what is tested is never trained on, shown or looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation.protocols import (
    ANY_BEND,
    CROSS_USER,
    EACH_BEND,
    LEAVE_ONE_SESSION_OUT,
    LEAVE_ONE_STYLE_OUT,
    ONE_BEND,
    RANDOM,
    RANGE_SHAPES,
    SHOTS,
    SUPPORT_SETS,
    Draws,
    Known,
    folds,
)

Row = tuple[int, str, str, str]
"""Label, bend, collection and session of a recording."""


def known_of(rows: Sequence[Row]) -> Known:
    letters, bends, collections, sessions = zip(*rows, strict=True)
    return Known(np.array(letters), np.array(bends), np.array(collections), np.array(sessions))


@st.composite
def anything(draw: st.DrawFn) -> Known:
    """Any letters with two recordings or more each, of any bends, collections and sessions, in any order."""
    people = draw(st.sampled_from(["a", "ab"]))
    letters = draw(st.lists(st.integers(0, 23), min_size=2, max_size=5, unique=True))
    rows = [
        (letter, draw(st.sampled_from("123")), draw(st.sampled_from(people)), draw(st.sampled_from("xy")))
        for letter in letters
        for _ in range(draw(st.integers(2, 12)))
    ]
    return known_of(draw(st.permutations(rows)))


def full() -> Known:
    """Return 24 letters, 5 bends in one collection and 3 in the other, 12 episodes of each, as in the public
    recordings."""
    rows = [
        (letter, bend, collection, "")
        for collection, bends in (("a", "12345"), ("b", "123"))
        for letter in range(24)
        for bend in bends
        for _ in range(12)
    ]
    return known_of(rows)


@settings(max_examples=40)
@given(anything(), st.integers(0, 2**32 - 1))
def test_what_is_tested_is_in_no_other_part(known: Known, seed: int) -> None:
    for fold in folds(known, seed):
        train, test = set(fold.train), set(fold.test)
        assert test
        assert not train & test
        assert train | test <= set(range(len(known.letters)))
        if fold.protocol != RANDOM:
            groups = {
                LEAVE_ONE_STYLE_OUT: known.bends,
                LEAVE_ONE_SESSION_OUT: known.sessions,
                CROSS_USER: known.collections,
            }[fold.protocol]
            assert not {groups[index] for index in train} & {groups[index] for index in test}
        assert {known.letters[index] for index in test} <= {known.letters[index] for index in train}
        for draw in fold.ranges:
            assert not set(draw.test) & set(draw.unlabelled)
            assert set(draw.test) | set(draw.unlabelled) <= test
            assert len(draw.unlabelled) == RANGE_SHAPES
        for session in fold.sessions:
            assert set(session.first) <= set(session.held)
            assert sorted(known.letters[session.first]) == sorted(set(known.letters[session.held]))
            assert not set(session.test) & set(session.held)
            assert set(session.test) | set(session.held) == test
        for part, shown in [(split, split.unlabelled) for split in fold.splits] + [
            (d, d.support) for d in fold.support_sets
        ]:
            assert not set(part.test) & (set(shown) | train)
            assert set(part.test) | set(shown) == test


@settings(max_examples=40)
@given(anything(), st.integers(0, 2**32 - 1))
def test_splits_test_every_episode_once_and_support_sets_leave_some_of_each_letter(known: Known, seed: int) -> None:
    for fold in folds(known, seed):
        if fold.splits:
            np.testing.assert_array_equal(np.sort(np.concatenate([split.test for split in fold.splits])), fold.test)
        for draw in fold.support_sets:
            shown = np.bincount(known.letters[draw.support], minlength=24)
            there = np.bincount(known.letters[fold.test], minlength=24)
            assert (shown <= draw.shots).all()
            assert (np.bincount(known.letters[draw.test], minlength=24)[there > 0] > 0).all()
            assert draw.short == (shown[there > 0] < draw.shots).sum()
            if draw.support_from == ONE_BEND:
                assert len(set(known.bends[draw.support])) <= 1
            if draw.support_from == EACH_BEND:
                for letter in np.unique(known.letters[draw.support]):
                    bends = known.bends[draw.support[known.letters[draw.support] == letter]]
                    ways = set(known.bends[fold.test[known.letters[fold.test] == letter]])
                    assert len(set(bends)) == min(len(bends), len(ways))


def test_the_folds_of_the_public_recordings() -> None:
    known = full()
    found = folds(known, seed=0)
    assert [(fold.protocol, fold.name) for fold in found] == [
        (RANDOM, "80% / 20%"),
        *((LEAVE_ONE_STYLE_OUT, f"test on {bend}") for bend in "12345"),
        (CROSS_USER, "test on a"),
        (CROSS_USER, "test on b"),
    ]
    assert set(np.bincount(known.letters[found[0].test])) == {19}  # a fifth of 96
    for fold in found[1:6]:
        assert {known.bends[i] for i in fold.test} == {fold.name[-1]}
        assert fold.name[-1] not in known.bends[fold.train]
    for fold in found[6:]:
        assert {known.collections[i] for i in fold.test} == {fold.name[-1]}
        assert fold.name[-1] not in known.collections[fold.train]
        assert [(d.support_from, d.shots) for d in fold.support_sets[::SUPPORT_SETS]] == [
            (where, shots) for where in (ANY_BEND, EACH_BEND, ONE_BEND) for shots in SHOTS
        ]
        for draw in fold.support_sets:
            assert draw.short == 0
            assert set(np.bincount(known.letters[draw.support])) == {draw.shots}
            assert len(draw.support) + len(draw.test) == len(fold.test)
        assert len({tuple(draw.support) for draw in fold.support_sets}) == len(fold.support_sets)
        assert len({known.bends[d.support[0]] for d in fold.support_sets if d.support_from == ONE_BEND}) > 1


def test_with_three_collections_all_others_are_trained_on() -> None:
    known = full()
    thirds = np.array(["a", "b", "c"])[np.arange(len(known.letters)) % 3]
    three = [f for f in folds(replace(known, collections=thirds), 0) if f.protocol == CROSS_USER]
    assert [set(thirds[fold.train]) for fold in three] == [{"b", "c"}, {"a", "c"}, {"a", "b"}]


def test_a_split_is_a_matter_of_its_seed_alone() -> None:
    known = full()
    one, again, other = (folds(known, seed) for seed in (0, 0, 1))
    fewer = folds(known, 0, Draws(shots=(3,), support_sets=2))
    for a, b, c in zip(one, again, other, strict=True):
        np.testing.assert_array_equal(a.test, b.test)
        for mine, same, different in zip(a.support_sets, b.support_sets, c.support_sets, strict=True):
            np.testing.assert_array_equal(mine.support, same.support)
            assert not np.array_equal(mine.support, different.support)
        for mine, different in zip(a.splits, c.splits, strict=True):
            assert not np.array_equal(mine.test, different.test)
    assert not np.array_equal(one[0].test, other[0].test)
    # A draw stays the same when others are no longer made.
    kept = [d for d in one[-1].support_sets if d.shots == 3 and d.support_from == ANY_BEND][:2]
    for mine, same in zip(kept, fewer[-1].support_sets, strict=False):
        np.testing.assert_array_equal(mine.support, same.support)


def test_one_bend_and_one_collection_allow_the_random_split_only() -> None:
    known = known_of([(letter, "1", "a", "x") for letter in (0, 1) for _ in range(5)])
    assert [fold.protocol for fold in folds(known, 0)] == [RANDOM]


def test_shapes_to_range_by_have_letters_as_uneven_as_text() -> None:
    """Of letters drawn evenly none of 24 would be a tenth of 100 shapes; some are, and some hardly occur."""
    known = full()
    counts = [
        np.bincount(known.letters[draw.unlabelled], minlength=24)
        for fold in folds(known, 0, Draws(shapes=1000))
        for draw in fold.ranges
    ]
    assert len(counts) == 10
    assert np.mean([of_draw.max() for of_draw in counts]) > 100
    assert np.mean([of_draw.min() for of_draw in counts]) < 10
    np.testing.assert_allclose(np.mean(counts), 1000 / 24)
