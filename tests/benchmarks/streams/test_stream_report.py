from __future__ import annotations

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import Case
from benchmarks.streams.experiment import WAYS, Measured
from benchmarks.streams.scoring import Score
from benchmarks.streams.stream_report import COLUMNS, make_report, page
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
        "known wearer, own profile",
        "new wearer, 1 example per letter",
        "new wearer, 3 examples per letter",
    ]
    row = REPORT["rows"]["known wearer, own profile"]
    assert list(row) == list(WAYS)
    assert list(row[WAYS[0]]) == ["all", "30", "50"]
    assert row[WAYS[0]]["all"]["letters"] == 2 * row[WAYS[0]]["30"]["letters"] == 200
    assert row[WAYS[0]]["all"]["examples"] == 72
    assert set(COLUMNS) <= set(row[WAYS[0]]["all"])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("| letter error rate, held-out styles, known wearer, % | 2 | 8 | 3 |", "met, stretch goal met"),
        ("| new wearer, 1 example per letter, % | 10 | 18 | 6 |", "met, stretch goal missed by 4"),
        ("| new wearer, 3 per letter, % | 20 | 9 | 2 |", "missed by 11, stretch goal missed by 18"),
    ],
)
def test_missed_goals_are_reported(row: str, words: str) -> None:
    assert f"{row} {words} |" in page(REPORT)


def test_an_undefined_figure_is_a_dash() -> None:
    assert "| known wearer, own profile | 2 | – | 0 | – | – |" in page(REPORT)
    assert "| a, bend 2, trained without bend 2 | – | 2 | – | – | – |" in page(REPORT)


def test_the_report_survives_json_and_says_where_it_is_from() -> None:
    assert page(json.loads(json.dumps(REPORT))) == page(REPORT)
    assert "    command\n" in page(REPORT)
    assert "revision r1" in page(REPORT)


def test_guided_sessions_that_used_up_the_recordings_are_reported() -> None:
    assert "used up" not in page(REPORT)
    measurements = [replace(each, used_up=True) for each in measured(NEW, "guided", 10, 30)]
    report = make_report(measurements, "command", "r1")
    assert report["used_up"] == [NEW.title]
    assert f"used up all recordings of a letter: {NEW.title}." in page(report)
