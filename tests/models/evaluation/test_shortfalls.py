"""What recordings are too few for: each case by its code, and every other code absent."""

from __future__ import annotations

import pytest

from models.evaluation.protocols import (
    CROSS_USER,
    LEAVE_ONE_SESSION_OUT,
    PROTOCOLS,
    RANDOM,
    Known,
    folds,
    is_random_alone,
)
from models.evaluation.shortfalls import shortfalls, split_shortfalls
from tests.models.evaluation.test_protocols import Row, known_of

LABELS = ("up", "stop", "water")

FULL: list[Row] = [
    (label, "1", person, "") for label in range(3) for person in ("anna", "bora", "chen", "dina", "emil") for _ in "12"
]
ALONE: list[Row] = [(label, "1", "anna", "morning") for label in range(3) for _ in range(6)]
TWO_SESSIONS = [*ALONE, *((label, "1", "anna", "evening") for label in range(2) for _ in range(6))]


def codes(rows: list[Row]) -> list[str]:
    return [one.code for one in shortfalls(known_of(rows), LABELS)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (FULL, []),
        (FULL[:20] + FULL[20:24], ["few_episodes"]),
        ([row for row in FULL if row[2] != "emil"], ["few_people"]),
        ([row for row in FULL if row[0] != 2] + [(2, "1", "anna", "")] * 6, ["label_of_one_person"]),
        (FULL + [(0, "2", "anna", "")] * 6, ["label_of_one_style"]),
        (ALONE, ["one_person", "one_session"]),
        (TWO_SESSIONS, ["one_person", "label_of_one_session"]),
        ([(label, "1", "anna", "") for label, *_ in TWO_SESSIONS], ["one_person", "unknown_sessions"]),
        (ALONE[:6], ["one_label", "one_person", "one_session"]),
        (ALONE[::2], ["few_episodes", "one_label", "one_person", "one_session"]),
    ],
)
def test_what_is_too_little_is_said_by_its_code(rows: list[Row], expected: list[str]) -> None:
    assert codes(rows) == expected


def test_the_labels_concerned_are_named_in_words_and_for_programs() -> None:
    (few,) = shortfalls(known_of(FULL[:20] + FULL[20:24]), LABELS)
    assert few.values == {"labels": ["water"], "episodes": {"water": 4}, "needed": 5}
    assert few.text.startswith("fewer than 5 episodes of water: ")
    (alone,) = shortfalls(known_of([row for row in FULL if row[0] != 2] + [(2, "1", "anna", "")] * 6), LABELS)
    assert alone.values == {"labels": ["water"]}


def test_of_one_person_each_session_is_left_out_and_a_random_split_alone_says_nothing() -> None:
    found = folds(known_of(TWO_SESSIONS), 0)
    assert [(fold.protocol, fold.name) for fold in found] == [
        (RANDOM, "80% / 20%"),
        (LEAVE_ONE_SESSION_OUT, "test on evening"),
        (LEAVE_ONE_SESSION_OUT, "test on morning"),
    ]
    assert not is_random_alone(found)
    assert is_random_alone(folds(known_of(ALONE), 0))
    assert LEAVE_ONE_SESSION_OUT not in {fold.protocol for fold in folds(known_of(FULL), 0)}


def test_what_was_not_learned_or_is_too_little_is_not_tested() -> None:
    known: Known = known_of([*FULL[:20], *FULL[20:24], *[(3, "1", "anna", "")] * 6])
    for fold in folds(known, 0):
        tested = set(known.letters[fold.test].tolist())
        assert 2 not in tested, fold.name  # four episodes
        assert (3 in tested) == (fold.protocol == RANDOM)  # of anna alone
        if fold.protocol == CROSS_USER:
            assert not set(fold.train) & set(fold.test)
            assert all(known.collections[index] != fold.name.removeprefix("test on ") for index in fold.train)


def test_a_fold_that_learns_or_tests_a_single_label_is_left_out() -> None:
    rows = [(0, "1", "anna", "")] * 6 + [(1, "1", "bora", "")] * 6 + [(0, "1", "bora", "")] * 6
    assert {fold.protocol for fold in folds(known_of(rows), 0)} == {RANDOM}
    rows += [(label, "1", "chen", "") for label in (0, 1) for _ in range(6)]
    names = [fold.name for fold in folds(known_of(rows), 0) if fold.protocol == CROSS_USER]
    assert names == ["test on bora", "test on chen"]
    assert folds(known_of([(0, "1", "anna", "")] * 9), 0) == []


def test_where_one_label_alone_can_be_tested_nothing_is_measured() -> None:
    rows = [(label, "1", "ab"[number % 2], "") for label, count in enumerate((10, 3, 3)) for number in range(count)]
    (one,) = [one for one in shortfalls(known_of(rows), LABELS) if one.code == "one_label"]
    assert one.values == {"count": 1, "needed": 5}
    assert folds(known_of(rows), 0) == []


def test_each_split_says_what_it_needs() -> None:
    found = split_shortfalls(PROTOCOLS)
    assert [(one.code, one.values["split"]) for one in found] == [("split_without_parts", name) for name in PROTOCOLS]
    assert all(one.text.startswith(f"{name} needs ") for one, name in zip(found, PROTOCOLS, strict=True))
