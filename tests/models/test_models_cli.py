"""The model life cycle as its user types it: exit status, output, and one line when something is wrong."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.contract import LETTERS
from scaleglove.cli import main

pytest.importorskip("torch", reason="the train extra is not installed")


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("data", "check", folder)` is the command `scaleglove data check FOLDER`, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def scaleglove(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["scaleglove", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, *capsys.readouterr())

    return scaleglove


@pytest.fixture
def few(recordings_root: Path, tmp_path: Path) -> Path:
    """Three letters, two bends, two collections, two episodes of each."""
    folder = tmp_path / "few"
    for collection in ("collection_a", "collection_b"):
        for letter in LETTERS[:3]:
            for bend in ("1", "2"):
                target = folder / collection / letter / bend
                target.mkdir(parents=True)
                for source in sorted((recordings_root / collection / letter / bend).glob("*.csv"))[:2]:
                    shutil.copy(source, target)
    return folder


def test_from_recordings_to_letters(run: Run, few: Path, tmp_path: Path) -> None:
    assert "episodes: collection_a: 12" in run("data", "check", few).stdout
    trained = run("train", few, "--model", "MSCGRU_ScaleAware", "--epochs", 2, "--out", "runs/c.pt")
    assert (trained.returncode, trained.stdout.strip()) == (0, "runs/c.pt")
    evaluated = run("evaluate", few, "--model", "MSCGRU_ScaleAware", "--epochs", 2, "--out", "report.json", "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    assert set(json.loads(evaluated.stdout)["accuracy_percent"]) == {
        "random",
        "leave_one_bend_out",
        "leave_one_collection_out",
    }
    exported = run("export", "runs/c.pt", "--report", "report.json", "--out", "a.onnx")
    assert (exported.returncode, exported.stdout.strip()) == (0, "a.onnx")
    answers = [json.loads(line) for line in run("predict", few, "--model", "a.onnx", "--json").stdout.splitlines()]
    assert len(answers) == 24
    assert all(answer["state"] == "ok" and answer["label"] in LETTERS for answer in answers)


def test_predict_names_no_letter_from_too_few_frames_and_goes_on_after_a_broken_file(run: Run, few: Path) -> None:
    paths = sorted(few.rglob("*.csv"))
    lines = paths[0].read_text(encoding="utf-8").splitlines()
    paths[0].write_text("\n".join(lines[:6]) + "\n", encoding="utf-8")
    paths[1].write_text("nonsense\n", encoding="utf-8")
    done = run("predict", few, "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert len(answers) == len(paths) - 1
    assert (answers[0]["state"], answers[0]["label"]) == ("warming", None)
    assert done.stderr.strip() == f"{paths[1]}: column timestamp_ms is missing"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["train", "nowhere"], 1, "nowhere: no such file or folder"),
        (["train", "few", "--out", "/proc/none/c.pt"], 1, "/proc/none"),
        (["train", "few", "--out", "few"], 2, "'few' is a directory"),
        (["train", "few", "--seed", "-1"], 2, "--seed"),
        (["train", "few", "--epochs", "0"], 2, "--epochs"),
        (["train", "few", "--model", "GPT"], 2, "GPT is not one of MSCSGRU"),
        (["evaluate", "few/collection_a/ㄱ"], 1, "evaluation needs two letters or more"),
        (["evaluate", "few", "--out", "few"], 2, "'few' is a directory"),
        (["export", "few/none.pt", "--out", "a.onnx"], 1, "few/none.pt: no such file"),
        (["export", "list.json", "--out", "a.onnx"], 1, "not a checkpoint of `scaleglove train`"),
        (["predict", "few", "--model", "few"], 1, "few: is a folder, not a file"),
        (["predict", "few", "--model", "list.json"], 1, "list.json: not a readable ONNX model"),
        (["predict", "list.json"], 1, "list.json: column timestamp_ms is missing"),
        (["predict"], 2, "files"),
        (["data", "check", "empty"], 1, "empty: no recordings"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    run: Run, few: Path, tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.json").write_text("[1, 2]")
    done = run(*arguments)
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_report_that_is_none_is_refused(run: Run, few: Path, tmp_path: Path) -> None:
    assert run("train", few, "--epochs", 1, "--model", "MSCGRU_ScaleAware", "--out", "c.pt").returncode == 0
    for text, words in (
        ("[1]", "not a report"),
        ("{", "not a readable report"),
        ('{"accuracy_percent": {}}', "another"),
    ):
        (tmp_path / "report.json").write_text(text)
        done = run("export", "c.pt", "--report", "report.json", "--out", "a.onnx")
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "a.onnx").exists()


def test_data_check_names_the_unreadable_and_fails(run: Run, few: Path) -> None:
    broken = sorted(few.rglob("*.csv"))[0]
    broken.write_text("x\n")
    for options in ([], ["--json"]):
        done = run("data", "check", few, *options)
        assert done.returncode == 1
        assert broken.name in done.stdout
    assert json.loads(done.stdout)["interval_ms"]["median"] > 10


def test_bench_prints_one_table_of_all_networks_and_ways(run: Run) -> None:
    done = run("bench", "model", "--rounds", 5, "--frames", 20, "--json")
    timings = json.loads(done.stdout)
    assert len({(timing["network"], timing["way"]) for timing in timings}) == 12
    nodes = {timing["network"]: timing["nodes"] for timing in timings if timing["way"] == "folded export"}
    assert all(count < 60 for count in nodes.values())
    traced = [t["nodes"] for t in timings if t["way"] == "plain tracing export" and t["network"] != "MSCSGRU"]
    assert min(traced) > 300  # the time steps unrolled
    assert all(timing["milliseconds"] > 0 for timing in timings)
