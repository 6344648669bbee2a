"""Nothing that is signed was shown or trained on: what the benchmark's figures stand on."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import (
    MIXED,
    SHOTS,
    Case,
    Knowledge,
    cases,
    drawn,
    signed,
    to_show,
    to_sign,
)
from benchmarks.streams.guided import another, guided
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.open_set import OpenSetReference
from models.data.dataset import Recording
from tests.made_letters import BENDS, COLLECTIONS, made_letters

RECORDINGS = made_letters(episodes=12)
CASES = cases(RECORDINGS)
KNOWLEDGE = [knowledge for knowledge in get_args(Knowledge) if knowledge != "nothing"]


def ids(recordings: list[Recording]) -> set[int]:
    return {id(recording) for recording in recordings}


def test_known_wearers_sign_in_a_way_left_out_and_new_ones_in_all_of_theirs() -> None:
    known = {(case.collection, case.bend) for case in CASES if not case.is_new_wearer}
    new = {(case.collection, case.bend) for case in CASES if case.is_new_wearer}
    assert known == {(collection, bend) for collection in COLLECTIONS for bend in BENDS}
    assert new == {(collection, bend) for collection in COLLECTIONS for bend in (*BENDS, MIXED)}


def test_a_way_without_all_letters_is_no_case() -> None:
    without = [each for each in RECORDINGS if (each.collection, each.bend, each.label) != ("a", "2", 5)]
    left = {(case.collection, case.bend) for case in cases(without)}
    assert ("a", "2") not in left
    assert {("a", "1"), ("b", "2"), ("a", MIXED)} <= left


def test_a_wearer_who_has_nothing_else_to_show_is_no_known_one() -> None:
    without = [each for each in RECORDINGS if each.collection == "a" or each.bend == "2"]
    assert not [case for case in cases(without) if case.collection == "b" and not case.is_new_wearer]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_what_is_signed_was_neither_trained_on_nor_shown(case: Case) -> None:
    signs, shows = ids(to_sign(case, RECORDINGS)), ids(to_show(case, RECORDINGS))
    assert signs
    assert shows
    assert not signs & shows
    assert not signs & ids(case.left_out.kept(RECORDINGS))
    for knowledge in KNOWLEDGE:
        assert ids(drawn(case, RECORDINGS, knowledge, 0)) <= shows


@pytest.mark.parametrize("case", [case for case in CASES if case.is_new_wearer], ids=lambda case: case.title)
def test_nothing_of_a_new_wearer_is_trained_on(case: Case) -> None:
    assert not any(each.collection == case.collection for each in case.left_out.kept(RECORDINGS))


@pytest.mark.parametrize("case", CASES[:1] + CASES[-1:], ids=lambda case: case.title)
def test_a_stream_is_made_of_what_is_to_be_signed_alone(case: Case) -> None:
    """Poison: all other recordings read as nothing ever does, and the stream is the same."""
    signs = ids(to_sign(case, RECORDINGS))
    poisoned = [
        each
        if id(each) in signs
        else Recording(np.full_like(each.samples, np.nan), each.label, each.collection, each.bend)
        for each in RECORDINGS
    ]
    clean, other = (signed(case, there, 50.0, 30.0, 2, seed=0).stream for there in (RECORDINGS, poisoned))
    assert np.array_equal(clean.values, other.values)
    assert clean.spans == other.spans


def test_examples_are_so_many_of_each_letter() -> None:
    for knowledge, shots in SHOTS.items():
        labels = [each.label for each in drawn(CASES[-1], RECORDINGS, knowledge, 0)]
        assert [labels.count(label) for label in range(24)] == [shots] * 24


def test_other_draws_and_rates_are_of_their_own_chance_and_the_same_again() -> None:
    case = CASES[-1]
    assert ids(drawn(case, RECORDINGS, "one", 0)) == ids(drawn(case, RECORDINGS, "one", 0))
    assert ids(drawn(case, RECORDINGS, "one", 0)) != ids(drawn(case, RECORDINGS, "one", 1))
    streams = [signed(case, RECORDINGS, 50.0, rate_hz, 1, seed=0).stream for rate_hz in (30.0, 30.0, 50.0)]
    assert streams[0].text == streams[1].text
    assert np.array_equal(streams[0].values, streams[1].values)
    assert streams[0].spans != streams[2].spans


def test_asked_again_she_shows_another_way_as_long_as_there_is_one() -> None:
    shown: list[int] = []
    for _ in range(4):
        shown.append(another(RECORDINGS, 3, shown))
    assert all(RECORDINGS[place].label == 3 for place in shown)
    assert len(set(shown)) == 4
    assert {RECORDINGS[place].bend for place in shown[:3]} == set(BENDS)


def test_guided_she_gives_until_it_is_enough() -> None:
    there = drawn(CASES[-1], RECORDINGS, "guided", 0)
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 3, (24, 30))
    embeddings = np.stack([centres[each.label] for each in there]) + rng.normal(0, 0.01, (len(there), 30))
    found = embeddings.astype(np.float32)
    labels = [each.label for each in there]
    guide = ExampleSelector(OpenSetReference.of(found, labels))
    taken = guided(there, found, np.full((2, 30), -9, np.float32), guide)
    assert len(taken) == len(set(taken)) == 24 + 12
    assert {labels[place] for place in taken[:24]} == set(range(24))
