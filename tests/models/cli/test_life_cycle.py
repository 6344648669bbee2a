"""From recordings to letters, command by command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from tests.commands import Run

pytest.importorskip("torch", reason="the train extra is not installed")


@pytest.mark.usefixtures("jobs_in_this_process")
def test_from_recordings_to_letters(run: Run, few: Path, tmp_path: Path) -> None:
    assert "episodes: collection_a: 12" in run("data", "check", few).stdout
    trained = run("train", few, "--model", "MSCGRU_ScaleAware", "--epochs", 2, "--out", "runs/c.pt")
    assert (trained.returncode, trained.stdout.strip()) == (0, "runs/c.pt")
    options = ["--model", "MSCGRU_ScaleAware", "--epochs", 2, "--seeds", 1, "--workers", 1]
    evaluated = run("evaluate", few, *options, "--out", "report.json", "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    assert json.loads(evaluated.stdout) == json.loads((tmp_path / "report.json").read_text())
    exported = run("export", "runs/c.pt", "--report", "report.json", "--out", "a.onnx")
    assert (exported.returncode, exported.stdout.strip()) == (0, "a.onnx"), exported.stderr
    reported = Artefact.load(tmp_path / "a.onnx").contract.report["accuracy_percent"]
    assert {"random", "leave_one_style_out", "cross_user", "few_shot_1_one_bend"} <= set(reported)
    answers = [json.loads(line) for line in run("predict", few, "--model", "a.onnx", "--json").stdout.splitlines()]
    assert len(answers) == 24
    assert all(answer["label"] in {*LETTERS, None} for answer in answers)
    assert Artefact.load(tmp_path / "a.onnx").reference is not None


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["train", "nowhere"], 1, "nowhere: no such file or folder"),
        (["train", "few", "--out", "/proc/none/c.pt"], 1, "/proc/none"),
        (["train", "few", "--out", "few"], 2, "'few' is a directory"),
        (["train", "few", "--seed", "-1"], 2, "--seed"),
        (["train", "few", "--epochs", "0"], 2, "--epochs"),
        (["train", "few", "--name", " "], 2, "has a blank at an end"),
        (["train", "few", "--model", "GPT"], 2, "GPT is not one of MSCSGRU"),
        (["evaluate", "few/collection_a/ㄱ"], 1, "fewer than two labels have 5 episodes or more"),
        (["evaluate", "few", "--out", "few"], 2, "'few' is a directory"),
        (["evaluate", "few", "--page", "few"], 2, "'few' is a directory"),
        (["evaluate", "few", "--runs", "list.json"], 2, "'list.json' is a file"),
        (["evaluate", "few", "--model", "GPT"], 2, "GPT is not one of MSCSGRU"),
        (["evaluate", "few", "--seeds", "0"], 2, "--seeds"),
        (["evaluate", "few", "--workers", "0"], 2, "--workers"),
        (["export", "few/none.pt", "--out", "a.onnx"], 1, "few/none.pt: no such file"),
        (["export", "list.json", "--out", "a.onnx"], 1, "not a checkpoint of `scaleglove train`"),
        (["predict", "few", "--model", "few"], 1, "few: is a folder, not a file"),
        (["predict", "few", "--model", "list.json"], 1, "list.json: not a readable ONNX model"),
        (["predict", "list.json"], 1, "list.json: its first line names no column of a glove"),
        (["predict"], 2, "files"),
        (["data", "check", "empty"], 1, "empty: no recordings"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(
    run: Run, few: Path, tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.json").write_text("[1, 2]")
    done = run(*arguments)
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
