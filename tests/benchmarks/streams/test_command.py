"""Command `scaleglove evaluate --protocol stream`, on a few recordings and barely trained networks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.evaluate import app
from benchmarks.streams import command
from benchmarks.streams.command import evaluate_streams
from benchmarks.streams.experiment import TRIALS
from benchmarks.streams.stream_report import page
from scaleglove.errors import ScaleGloveError
from scaleglove.letters import LETTERS
from scaleglove.recordings import find_recordings

MODEL = "MSCGRU_ScaleAware"
SHOWN = (("collection_a", "1", 5), ("collection_a", "2", 5), ("collection_b", "1", 10))
"""Collection, style and episodes: ten of each letter by a hand, of which both halves that are drawn have some."""


@pytest.fixture
def few(recordings_root: Path, tmp_path: Path) -> Path:
    """Return a folder of a few episodes of every letter in three styles."""
    folder = tmp_path / "recordings"
    for collection, bend, episodes in SHOWN:
        for letter in LETTERS:
            style = folder / collection / letter / bend
            style.mkdir(parents=True)
            for path in find_recordings(recordings_root / collection / letter / bend)[:episodes]:
                (style / path.name).symlink_to(path)
    return folder


@pytest.mark.filterwarnings("default")  # lightning's
def test_it_trains_simulates_recognises_and_reports(few: Path, tmp_path: Path) -> None:
    runs, out, written = tmp_path / "runs", tmp_path / "reports" / "report.json", tmp_path / "reports" / "page.md"
    chosen = ["known wearer, own profile", "a sitting of one minute", "nothing known, 12 bits"]
    evaluate_streams(few, MODEL, 1, 1, 1, runs, out, written, as_json=False, rows=chosen, styles=["1"])
    report = json.loads(out.read_text(encoding="utf-8"))
    assert set(report["rows"]) == set(chosen)
    assert page(report) == written.read_text(encoding="utf-8")
    assert report["command"].endswith('--words 1 --row "' + '" --row "'.join(chosen) + '" --style 1')
    for title, ways in report["rows"].items():
        assert all(ways[way]["letters"] > 0 for way in TRIALS[title].ways)
    assert set(report["sittings"]) == {"collection_a", "collection_b"}
    networks = sorted(runs.glob("*.onnx"))
    assert len(networks) == 3  # without bend 1, without either collection
    kept = [network.stat().st_mtime_ns for network in networks]
    again = tmp_path / "again.json"
    evaluate_streams(few, MODEL, 1, 1, 1, runs, again, None, as_json=False, rows=chosen[2:])
    assert [network.stat().st_mtime_ns for network in networks] == kept
    assert json.loads(again.read_text(encoding="utf-8"))["rows"][chosen[2]] == report["rows"][chosen[2]]


def test_a_row_that_there_is_not_is_refused(few: Path, tmp_path: Path) -> None:
    with pytest.raises(ScaleGloveError, match="no row is called 'known'; rows are 1 example of each letter, "):
        evaluate_streams(few, MODEL, 1, 1, 1, tmp_path / "runs", None, None, as_json=False, rows=["known"])


@pytest.mark.parametrize(("options", "words"), [([], 100), (["--words", "40"], 40), (["--phrases", "20"], 40)])
def test_phrases_are_still_understood(
    options: list[str], words: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(command, "evaluate_streams", lambda *given: seen.append(given[3]))
    result = CliRunner().invoke(app, [str(tmp_path), "--protocol", "stream", *options])
    assert (result.exit_code, seen) == (0, [words]), result.output


def test_recordings_without_all_letters_are_refused(few: Path, tmp_path: Path) -> None:
    with pytest.raises(ScaleGloveError, match="24 letters"):
        evaluate_streams(few / "collection_a" / "ㄱ", MODEL, 1, 1, 1, tmp_path / "runs", None, None, as_json=False)
