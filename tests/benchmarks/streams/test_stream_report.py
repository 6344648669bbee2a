"""Report of the stream benchmark: rows, goals, parts, and what was not measured."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import Case
from benchmarks.streams.experiment import EVERYTHING, MAJORITY, TRIALS, WORDS_OFF, Measured, Spelled
from benchmarks.streams.scoring import Score
from benchmarks.streams.stream_goals import GOALS, KNOWN, NOBODY, THREE
from benchmarks.streams.stream_report import ERRORS, OTHERS, make_report, page
from benchmarks.streams.word_errors import SPANS, WordErrors
from models.data.dataset import HoldOut

OF_KNOWN = Case(HoldOut(bends=("2",)), "a", "2")
NEW = Case(HoldOut(collections=("b",)), "b", "mixed")
SITTING, TWELVE_BITS = "a sitting of one minute", "nothing known, 12 bits"


def words(wrong: int | None, wrong_unlisted: int | None = None) -> list[WordErrors]:
    """Return a hundred words of ten letters, every tenth in no list, with these wrong letters each."""
    unlisted = wrong if wrong_unlisted is None else wrong_unlisted
    return [
        WordErrors(place % 10 > 0, 10, 5, wrong if place % 10 else unlisted, 4, wrong and 1) for place in range(100)
    ]


def measured(case: Case, trial: str, **wrong: list[WordErrors]) -> list[Measured]:
    """Return a stream of a trial by each of its ways; `wrong` by the first letters of a way, else one letter a word."""
    return [
        Measured(case, trial, way, 72, Score(letters=1000, errors=20, unheld_s=60), wrong.get(way.split()[0], words(1)))
        for way in TRIALS[trial].ways
    ]


REPORT = make_report(
    [
        *measured(OF_KNOWN, KNOWN, everything=words(0)),
        *measured(NEW, NOBODY, everything=words(1, 3), words=words(2)),
        *measured(NEW, THREE, majority=words(None)),
        *measured(NEW, TWELVE_BITS),
    ],
    "command",
    "r1",
)


def test_rows_have_every_way_and_those_that_were_not_measured_are_not_there() -> None:
    assert set(REPORT["rows"]) == {KNOWN, NOBODY, THREE, TWELVE_BITS}
    for title, ways in REPORT["rows"].items():
        assert list(ways) == list(TRIALS[title].ways)
        assert {*ERRORS, *OTHERS} <= set(ways[EVERYTHING])
    assert REPORT["rows"][NOBODY][EVERYTHING]["written_after_50"] == 12.0  # 18 words of 1 and 2 of 3 in 200
    assert REPORT["rows"][NOBODY][EVERYTHING]["written_unlisted"] == 30.0
    assert set(REPORT["rows"][THREE][EVERYTHING]["intervals"]) == {f"written_{span}" for span in SPANS}


def test_goals_are_of_rows_and_columns_that_there_are() -> None:
    for goal in GOALS:
        assert goal.row in TRIALS
        assert goal.column in {*ERRORS, *OTHERS}
        assert goal.required > goal.stretch


@pytest.mark.parametrize(
    "row",
    [
        "| known wearer | 0 | 0 to 0 | 10 | 4 | 2 | met, stretch goal met |",
        "| the same, words 41 to 60 | 12 | 10 to 15 | 20 | 12 | 5 | met, stretch goal missed by 7 |",
        "| 3 examples of each letter | 10 | 10 to 10 | 10 | 3 | 1.5 | missed by 7, stretch goal missed by 8.5 |",
        "| 12 bits, nothing known, words 81 to 100 | 10 | 10 to 10 | – | 10 | 4 | met, stretch goal missed by 6 |",
        "| nothing known, words in no list, % of the errors with words off | 150 | – | 100 | 100 | 80 | missed by 50,",
    ],
)
def test_goals_are_judged(row: str) -> None:
    assert row in page(REPORT)


def test_a_part_says_how_many_errors_more_there_are_without_it() -> None:
    ways = REPORT["rows"][NOBODY]
    assert (ways[EVERYTHING]["more"], ways[EVERYTHING]["more_interval"]) == (0, (0, 0))
    assert ways[WORDS_OFF]["more"] == 8.0
    low, high = ways[WORDS_OFF]["more_interval"]
    assert low < 8.0 < high
    assert "## Each part switched off: nothing known" in page(REPORT)


def test_what_writes_nothing_has_dashes() -> None:
    figures = REPORT["rows"][THREE][MAJORITY]
    assert (figures["written_all"], figures["more"], figures["more_interval"]) == (None, None, None)
    assert f"| {MAJORITY} | 50 | 50 | 50 | 50 | – | – | – | – | – | – | – |" in page(REPORT)


def test_the_report_survives_json_and_says_where_it_is_from() -> None:
    assert page(json.loads(json.dumps(REPORT))) == page(REPORT)
    assert "    command\n" in page(REPORT)
    assert "revision r1" in page(REPORT)
    assert page(make_report([], "command", "r1"))  # nothing is measured yet


def test_sittings_and_guided_sessions_that_used_up_the_recordings_are_reported() -> None:
    assert "used up" not in page(REPORT)
    spelled = [replace(each, spelled=Spelled(10, 45, 79.4, 38, 34, 24)) for each in measured(NEW, SITTING)]
    guided = [replace(each, used_up=True) for each in measured(NEW, "guided examples")]
    report = make_report([*spelled, *guided], "command", "r1")
    assert "| b | 10 | 45 | 79 | 38 | 34 | 24 |" in page(report)
    assert f"used up all recordings of a letter: {NEW.title}." in page(report)
