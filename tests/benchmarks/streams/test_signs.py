"""The benchmark of static and moving signs, on made-up recordings and barely trained networks, and its report."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams import signs
from benchmarks.streams.sign_cases import TUNED_ON
from benchmarks.streams.sign_report import Measured, make_report, page
from benchmarks.streams.sign_scoring import SignScore
from models.cli.options import make_recipe
from tests.made_letters import COLLECTIONS, made_letters

RATE_HZ = 50.0


def scored(person: str, errors: int, shots: int = 3) -> Measured:
    score = SignScore(static=6, moving=4, static_errors=errors, seconds=60, static_delays_ms=[300.0])
    return Measured(person, shots, RATE_HZ, score)


def measured() -> list[Measured]:
    return [scored("a", 1), scored(TUNED_ON[0], 5)]


def test_only_people_on_whom_nothing_was_chosen_are_judged() -> None:
    report = make_report(measured(), "command", "revision")
    assert report["rows"]["3 examples of each sign"]["sign_error_rate"] == 10
    assert report["people"][TUNED_ON[0]]["sign_error_rate"] == 50
    assert set(report["people"]) == {"a", TUNED_ON[0]}


def test_the_page_has_the_goal_the_command_and_every_row() -> None:
    report = make_report(measured(), "command", "revision")
    written = page(report)
    assert "| sign error rate, person never seen, 3 examples, % | 10 | 12 | 5 | met |" in written
    assert "    command\n" in written
    assert all(f"| {row} |" in written for row in report["rows"])
    assert f"{TUNED_ON[0]} (tuned on)" in written
    worse = make_report([scored("a", 2)], "command", "revision")
    assert "| 20 | 12 | 5 | missed |" in page(worse)


@pytest.mark.filterwarnings("default")  # lightning's
def test_each_person_is_measured_with_a_network_that_has_not_seen_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "RATES_HZ", (RATE_HZ,))
    monkeypatch.setattr(signs, "SHOTS", (1,))
    monkeypatch.setattr(signs, "DRAWS", 1)
    monkeypatch.setattr(signs, "ROUNDS", 1)
    recordings = made_letters()
    plan = signs.Plan(make_recipe(signs.MODEL, 1, 0), tmp_path, 2)
    found = list(signs.measure(recordings, plan, 1))
    assert [each.person for each in found] == list(COLLECTIONS)
    assert all(each.score.static >= 24 and each.score.moving == 0 for each in found)
    assert len(list(tmp_path.glob("*.onnx"))) == 2
    lacking = [each for each in recordings if (each.collection, each.label) != ("a", 3)]
    assert not signs.measure_person("a", ["a"], lacking, plan)
