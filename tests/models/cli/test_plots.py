from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import Run

pytest.importorskip("torch", reason="the train extra is not installed")


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
