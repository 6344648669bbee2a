from __future__ import annotations

import json

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import Case
from benchmarks.streams.judging import Score
from benchmarks.streams.measuring import WAYS, Measured
from benchmarks.streams.report import COLUMNS, make_report, page
from models.data.dataset import HoldOut

KNOWN = Case(HoldOut(bends=("2",)), "a", "2")
NEW = Case(HoldOut(collections=("b",)), "b", "1")


def measured(case: Case, knowledge: str, errors: int, examples: int = 0) -> list[Measured]:
    return [
        Measured(case, knowledge, examples, way, rate_hz, Score(letters=100, errors=errors, unheld_s=60))  # type: ignore[arg-type]
        for way in WAYS
        for rate_hz in (30.0, 50.0)
    ]


REPORT = make_report(
    [*measured(KNOWN, "profile", 2, 72), *measured(NEW, "one", 10, 24), *measured(NEW, "three", 20, 72)],
    "command",
    "r1",
)


def test_rows_have_every_way_and_rate_and_those_that_were_not_measured_are_not_there() -> None:
    assert list(REPORT["rows"]) == [
        "known wearer, her profile",
        "new wearer, 1 example a letter",
        "new wearer, 3 examples a letter",
    ]
    row = REPORT["rows"]["known wearer, her profile"]
    assert list(row) == list(WAYS)
    assert list(row[WAYS[0]]) == ["all", "30", "50"]
    assert row[WAYS[0]]["all"]["letters"] == 2 * row[WAYS[0]]["30"]["letters"] == 200
    assert row[WAYS[0]]["all"]["examples"] == 72
    assert set(COLUMNS) <= set(row[WAYS[0]]["all"])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("| letter error rate, held-out bends, known wearer, % | 2 | 8 | 3 |", "met, moonshot met"),
        ("| new wearer, 1 example a letter, % | 10 | 18 | 6 |", "met, moonshot missed by 4"),
        ("| new wearer, 3 a letter, % | 20 | 9 | 2 |", "missed by 11, moonshot missed by 18"),
    ],
)
def test_goals_that_are_missed_are_said_to_be(row: str, words: str) -> None:
    assert f"{row} {words} |" in page(REPORT)


def test_what_there_is_nothing_to_tell_of_is_a_dash() -> None:
    assert "| known wearer, her profile | 2 | – | 0 | – | – |" in page(REPORT)
    assert "| a, bend 2, trained without bend 2 | – | 2 | – | – | – |" in page(REPORT)


def test_the_report_survives_json_and_says_where_it_is_from() -> None:
    assert page(json.loads(json.dumps(REPORT))) == page(REPORT)
    assert "    command\n" in page(REPORT)
    assert "revision r1" in page(REPORT)
