from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.commands import Run

pytest.importorskip("torch", reason="the train extra is not installed")

BASELINES = ("ExtraTrees", "NearestNeighbour", "MajorityGuess")


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use threads: a process takes seconds to start, and the benchmark's tests show that it finds the same."""

    def here(workers: int, **_: object) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1)

    monkeypatch.setattr("models.evaluation.benchmark.ProcessPoolExecutor", here)


def test_a_table_a_report_and_a_page_from_one_run(run: Run, few: Path, tmp_path: Path) -> None:
    named = [option for name in BASELINES[1:] for option in ("--model", name)]
    done = run("evaluate", few, *named, "--seeds", 2, "--out", "out/report.json", "--page", "pages/benchmark.md")
    assert done.returncode == 0, done.stderr
    assert "leave one style out" in done.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert list(report["families"]) == list(BASELINES[1:])
    assert report["seeds"] == [0, 1]
    assert report["command"].startswith("scaleglove evaluate FOLDER --model NearestNeighbour --model MajorityGuess")
    assert report["data"]["episodes"] == {"collection_a": 12, "collection_b": 12}
    assert str(tmp_path) not in (tmp_path / "out" / "report.json").read_text()
    page = (tmp_path / "pages" / "benchmark.md").read_text()
    assert "| cross-user |" in page
    assert len(list((tmp_path / "pages" / "benchmark").glob("*.svg"))) == 4


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
