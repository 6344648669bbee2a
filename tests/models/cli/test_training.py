from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from tests.commands import Run

torch = pytest.importorskip("torch", reason="the train extra is not installed")

SMALL = ("--model", "MSCGRU_ScaleAware", "--epochs", 4)


def test_the_same_seed_makes_the_same_artefact_in_one_piece_or_resumed(
    run: Run, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.training import checkpoint, steps

    assert run("train", few, *SMALL, "--out", "one.pt").returncode == 0
    with monkeypatch.context() as patch:
        patch.setattr(steps.Fit, "training_step", _stopping(steps.Fit.training_step, epoch=3))
        stopped = run("train", few, *SMALL, "--out", "two.pt")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Lightning has set it aside
    assert (stopped.returncode, stopped.stderr.splitlines()[-1]) == (
        1,
        "scaleglove: training was stopped; --resume continues from two.pt.state",
    )
    assert not (tmp_path / "two.pt").exists()
    resumed = run("train", few, *SMALL, "--out", "two.pt", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert [line.split(":")[0] for line in resumed.stderr.splitlines()] == ["epoch 3 of 4", "epoch 4 of 4"]
    assert not (tmp_path / "two.pt.state").exists()

    monkeypatch.setattr(checkpoint, "git_revision", lambda: "abc")
    for name in ("one", "two"):
        assert run("export", f"{name}.pt", "--out", f"{name}.onnx").returncode == 0
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()


def test_without_resume_a_training_starts_again_and_with_it_a_missing_state_is_reported(
    run: Run, few: Path, tmp_path: Path
) -> None:
    (tmp_path / "c.pt.state").write_text("left behind")
    refused = run("train", few, *SMALL, "--out", "c.pt", "--resume")
    assert (refused.returncode, "not the state of an interrupted training" in refused.stderr) == (1, True)
    assert run("train", few, *SMALL, "--out", "c.pt").returncode == 0
    done = run("train", few, *SMALL, "--out", "c.pt", "--resume")
    assert done.stderr.splitlines()[0] == "c.pt.state: no interrupted training; starting from the beginning"


def test_what_is_left_out_is_recorded(run: Run, few: Path, tmp_path: Path) -> None:
    from models.training.checkpoint import Checkpoint

    left_out = ("--leave-out-bend", 2, "--leave-out-collection", "collection_b")
    done = run("train", few, *SMALL, "--epochs", 1, *left_out, "--out", "c.pt")
    assert (done.returncode, done.stdout) == (0, "c.pt\n")
    assert re.fullmatch(
        r"epoch 1 of 1: loss \d+\.\d+, accuracy \d+\.\d %, of what is left out \d+\.\d %, 0 s left\n", done.stderr
    )
    origin = Checkpoint.load(tmp_path / "c.pt").origin
    assert (origin.episodes, origin.left_out) == ({"collection_a": 6}, "bend 2, collection_b")
    missing = run("train", few, *SMALL, "--leave-out-bend", 7)
    assert (missing.returncode, "no bend 7 to leave out" in missing.stderr) == (1, True)


def test_json_has_a_line_for_each_epoch_and_a_name_is_kept_until_export_overrules_it(
    run: Run, few: Path, tmp_path: Path
) -> None:
    done = run("train", few, *SMALL, "--epochs", 2, "--name", "my signs", "--out", "c.pt", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    *epochs, last = map(json.loads, done.stdout.splitlines())
    assert [(one["epoch"], one["epochs"], one["left_out_accuracy"]) for one in epochs] == [(1, 2, None), (2, 2, None)]
    assert (last["file"], last["name"], last["labels"]) == ("c.pt", "my signs", list(LETTERS))
    for options, name in (((), "my signs"), (("--name", "other"), "other")):
        assert run("export", "c.pt", "--out", "a.onnx", *options).returncode == 0
        assert Artefact.load(tmp_path / "a.onnx").contract.name == name
        assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith(f"# {name} 0.1.0\n")
    for command in (("train", few), ("export", "c.pt", "--out", "a.onnx")):
        refused = run(*command, "--name", "a/b")
        assert (refused.returncode, "'a/b'" in refused.stderr, "--name" in refused.stderr) == (2, True, True)


def _stopping(step, epoch: int):
    """Ctrl-C in the middle of this epoch."""

    def stopped(self, batch, number):
        if self.current_epoch == epoch:
            raise KeyboardInterrupt
        return step(self, batch, number)

    return stopped


def test_plot_shows_what_training_did_to_the_weights(run: Run, few: Path, tmp_path: Path) -> None:
    for seed in (0, 1):
        run("train", few, "--model", "MSCGRU_ScaleAware", "--epochs", 1, "--seed", seed, "--out", f"{seed}.pt")
    done = run("plot", "0.pt", "1.pt", "--out", "pictures/importance.svg", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {(row["gate"], row["scale"]) for row in rows} == {
        (f"{gate}_gate", f"scale_{scale}") for gate in ("update", "reset", "hidden") for scale in (3, 5, 7)
    }
    assert all(row["initial"] == pytest.approx(6.53, abs=0.2) for row in rows)  # Xavier's, sqrt(2048 * 2 / 96)
    assert any(row["change_percent"] for row in rows)
    assert "seeds 0, 1" in (tmp_path / "pictures" / "importance.svg").read_text()
    assert run("plot", "0.pt").stdout.startswith("| layer | gate | scale |")


def test_plot_says_which_file_is_no_checkpoint(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no checkpoint")
    done = run("plot", "notes.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert "notes.txt: not a checkpoint of `scaleglove train`" in done.stderr
