from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.commands import Run

pytest.importorskip("torch", reason="the train extra is not installed")

BASELINES = ("NearestNeighbour", "MajorityGuess")

pytestmark = pytest.mark.usefixtures("jobs_in_this_process")


def test_a_table_a_report_and_a_page_from_one_run(run: Run, few: Path, tmp_path: Path) -> None:
    named = [option for name in BASELINES for option in ("--model", name)]
    files = ("--out", "out/report.json", "--page", "pages/benchmark.md")
    done = run("evaluate", few, *named, "--seeds", 2, "--shapes", 12, *files)
    assert done.returncode == 0, done.stderr
    assert "leave one style out" in done.stdout
    assert "NearestNeighbour, percent" in done.stdout
    assert "interval" in done.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert list(report["families"]) == list(BASELINES)
    assert report["seeds"] == [0, 1]
    assert report["command"].startswith("scaleglove evaluate FOLDER --model NearestNeighbour --model MajorityGuess")
    assert report["data"]["episodes"] == {"collection_a": 12, "collection_b": 12}
    assert report["command"].endswith("--shapes 12 --epochs 30 --seeds 2")
    assert report["ranged"]["shapes"] == 12
    assert str(tmp_path) not in (tmp_path / "out" / "report.json").read_text()
    page = (tmp_path / "pages" / "benchmark.md").read_text()
    assert "| cross-user |" in page
    assert len(list((tmp_path / "pages" / "benchmark").glob("*.svg"))) == 4


def own(few: Path, tmp_path: Path, *sessions: str) -> Path:
    """Return a folder of one person's own labels, in one style: the recordings of `few` once in each session."""
    folder = tmp_path / "own"
    for hour in sessions:
        for number, source in enumerate(sorted(few.rglob("*.csv"))):
            label = {"ㄱ": "up", "ㄴ": "stop", "ㄷ": "water"}[source.parts[-3]]
            target = folder / "anna" / label / "1" / f"episode_20260131_{hour}00{number:02}_{label}_1.csv"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return folder


def test_of_one_person_a_session_is_left_out_and_others_are_not_spoken_of(run: Run, few: Path, tmp_path: Path) -> None:
    folder = own(few, tmp_path, "09", "14")
    options = ("--model", "NearestNeighbour", "--seeds", 1)
    done = run("evaluate", folder, *options, "--out", "report.json", "--page", "page.md")
    assert done.returncode == 0, done.stderr
    assert "note: all recordings are of one person" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert [one["code"] for one in report["shortfalls"]] == ["one_person"]
    protocols = report["families"]["NearestNeighbour"]["protocols"]
    assert set(protocols) == {"random", "leave_one_session_out"}
    assert set(protocols["leave_one_session_out"]["folds"]) == {
        "test on 2026-01-31 09:00",
        "test on 2026-01-31 14:00",
    }
    page = (tmp_path / "page.md").read_text()
    assert "## What cannot be said" in page
    assert "| leave one session out |" in page


def test_of_one_person_in_one_session_no_accuracy_is_given_unless_asked(run: Run, few: Path, tmp_path: Path) -> None:
    folder = own(few, tmp_path, "09")
    options = ("--model", "NearestNeighbour", "--seeds", 1)
    refused = run("evaluate", folder, *options, "--json", "--out", "report.json")
    assert refused.returncode == 1
    assert "no accuracy can be given: all recordings are of one person" in refused.stderr
    report = json.loads(refused.stdout)
    assert report == json.loads((tmp_path / "report.json").read_text())
    assert (report["families"], [one["code"] for one in report["shortfalls"]]) == ({}, ["one_person", "one_session"])
    assert run("evaluate", folder, *options, "--split", "cross_user").returncode == 1
    asked = json.loads(run("evaluate", folder, *options, "--split", "random", "--json").stdout)
    assert set(asked["families"]["NearestNeighbour"]["protocols"]) == {"random"}


def test_a_split_that_the_recordings_do_not_allow_says_what_it_needs(run: Run, few: Path, tmp_path: Path) -> None:
    folder = own(few, tmp_path, "09")
    for person in ("bora", "chen", "dina", "emil", "finn"):
        shutil.copytree(folder / "anna", folder / person)
    for split, needs in (("leave_one_style_out", "two styles"), ("leave_one_session_out", "of one person")):
        done = run("evaluate", folder, "--model", "NearestNeighbour", "--split", split, "--json")
        assert done.returncode == 1
        assert f"no accuracy can be given for {split}: {split} needs " in done.stderr
        assert needs in done.stderr
        (told,) = json.loads(done.stdout)["shortfalls"]
        assert (told["code"], told["values"]) == ("split_without_parts", {"split": split})


def test_what_was_interrupted_goes_on(run: Run, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["--model", "MajorityGuess", "--seeds", 1, "--json"]
    first = run("evaluate", few, *options)
    kept = sorted((tmp_path / "runs" / "evaluation").iterdir())
    assert len(kept) == 5
    kept[2].unlink()
    measured: list[object] = []

    def noted(units, recordings, workers):
        measured.extend(units)
        yield from compute(units, recordings, workers)

    from models.evaluation.benchmark import compute

    monkeypatch.setattr("models.evaluation.benchmark.compute", noted)
    again = run("evaluate", few, *options)
    assert len(measured) == 1
    assert again.stdout == first.stdout
