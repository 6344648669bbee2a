"""Cases of the benchmark: nothing that is signed was shown or trained on."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import MIXED, SHOTS, Case, Knowledge, cases, drawn, to_show, to_sign
from models.data.dataset import Recording
from tests.made_letters import BENDS, COLLECTIONS, made_letters

RECORDINGS = made_letters(episodes=12)
CASES = cases(RECORDINGS)
DRAWN: list[Knowledge] = [*SHOTS, "guided"]


def ids(recordings: list[Recording]) -> set[int]:
    return {id(recording) for recording in recordings}


def test_known_wearers_sign_in_a_left_out_style_and_new_ones_in_all_styles_mixed() -> None:
    known = {(case.collection, case.bend) for case in CASES if not case.is_new_wearer}
    new = {(case.collection, case.bend) for case in CASES if case.is_new_wearer}
    assert known == {(collection, bend) for collection in COLLECTIONS for bend in BENDS}
    assert new == {(collection, MIXED) for collection in COLLECTIONS}


def test_a_style_without_all_letters_is_no_case() -> None:
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
    for knowledge in DRAWN:
        assert ids(drawn(case, RECORDINGS, knowledge, 0)) <= shows


@pytest.mark.parametrize("case", [case for case in CASES if case.is_new_wearer], ids=lambda case: case.title)
def test_nothing_of_a_new_wearer_is_trained_on(case: Case) -> None:
    assert not any(each.collection == case.collection for each in case.left_out.kept(RECORDINGS))


def test_examples_have_as_many_of_each_letter_as_asked() -> None:
    for knowledge, shots in SHOTS.items():
        labels = [each.label for each in drawn(CASES[-1], RECORDINGS, knowledge, 0)]
        assert [labels.count(label) for label in range(24)] == [shots] * 24


def test_draws_differ_and_are_reproducible() -> None:
    case = CASES[-1]
    assert ids(drawn(case, RECORDINGS, "one", 0)) == ids(drawn(case, RECORDINGS, "one", 0))
    assert ids(drawn(case, RECORDINGS, "one", 0)) != ids(drawn(case, RECORDINGS, "one", 1))
