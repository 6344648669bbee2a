"""Command `scaleglove evaluate --protocol stream`, on a few recordings and barely trained networks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams import cases, command
from benchmarks.streams.command import evaluate_streams
from benchmarks.streams.experiment import WAYS
from benchmarks.streams.stream_report import ROWS, page
from scaleglove.errors import ScaleGloveError
from scaleglove.letters import LETTERS
from scaleglove.recordings import find_recordings

MODEL = "MSCGRU_ScaleAware"
SHOWN = (("collection_a", "1"), ("collection_a", "2"), ("collection_b", "1"))


@pytest.fixture
def few(recordings_root: Path, tmp_path: Path) -> Path:
    """Ten episodes of every letter in three styles."""
    folder = tmp_path / "recordings"
    for collection, bend in SHOWN:
        for letter in LETTERS:
            style = folder / collection / letter / bend
            style.mkdir(parents=True)
            for path in find_recordings(recordings_root / collection / letter / bend)[:10]:
                (style / path.name).symlink_to(path)
    return folder


@pytest.mark.filterwarnings("default")  # lightning's
def test_it_trains_simulates_recognises_and_reports(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RATES_HZ", (50.0,))
    monkeypatch.setattr(command, "DRAWS", 1)
    monkeypatch.setattr(cases, "PHRASES", ("사랑",))  # a short one, since 72 streams are recognised twice
    runs, out, written = tmp_path / "runs", tmp_path / "reports" / "report.json", tmp_path / "reports" / "page.md"
    evaluate_streams(few, MODEL, 1, 1, 1, runs, out, written, as_json=False)
    report = json.loads(out.read_text(encoding="utf-8"))
    assert list(report["rows"]) == list(ROWS)
    assert page(report) == written.read_text(encoding="utf-8")
    assert "--phrases 1" in report["command"]
    for ways in report["rows"].values():
        for way in WAYS:
            assert ways[way]["all"]["letters"] > 0
    networks = sorted(runs.glob("*.onnx"))
    assert len(networks) == 4  # without either bend, without either collection
    kept = [network.stat().st_mtime_ns for network in networks]
    again = tmp_path / "again.json"
    evaluate_streams(few, MODEL, 1, 1, 1, runs, again, None, as_json=False)
    assert [network.stat().st_mtime_ns for network in networks] == kept
    assert json.loads(again.read_text(encoding="utf-8")) == report


def test_recordings_without_all_letters_are_refused(few: Path, tmp_path: Path) -> None:
    with pytest.raises(ScaleGloveError, match="24 letters"):
        evaluate_streams(few / "collection_a" / "ㄱ", MODEL, 1, 1, 1, tmp_path / "runs", None, None, as_json=False)
