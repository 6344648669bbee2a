from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import Run

pytest.importorskip("torch", reason="the train extra is not installed")


def test_predict_names_no_letter_from_too_few_frames_and_goes_on_after_a_broken_file(run: Run, few: Path) -> None:
    paths = sorted(few.rglob("*.csv"))
    lines = paths[0].read_text(encoding="utf-8").splitlines()
    paths[0].write_text("\n".join(lines[:6]) + "\n", encoding="utf-8")
    paths[1].write_text("nonsense\n", encoding="utf-8")
    header, *rows = paths[2].read_text(encoding="utf-8").splitlines()
    paths[2].write_text("\n".join([header.replace("flex2", "other"), *rows]), encoding="utf-8")
    done = run("predict", few, "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert len(answers) == len(paths) - 2
    assert (answers[0]["state"], answers[0]["label"]) == ("warming", None)
    broken, incomplete = done.stderr.splitlines()
    assert broken.startswith(f"{paths[1]}: its first line names no column of a glove: 'nonsense'")
    assert incomplete.startswith(f"{paths[2]}: no readings of flex2")


def test_a_report_that_is_none_is_refused(run: Run, few: Path, tmp_path: Path) -> None:
    assert run("train", few, "--epochs", 1, "--model", "MSCGRU_ScaleAware", "--out", "c.pt").returncode == 0
    for text, words in (
        ("[1]", "not a report"),
        ("{", "not a readable report"),
        ('{"schema": 2, "families": {}}', "no figures of MSCGRU_ScaleAware"),
    ):
        (tmp_path / "report.json").write_text(text)
        done = run("export", "c.pt", "--report", "report.json", "--out", "a.onnx")
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "a.onnx").exists()


def test_quantize_says_how_small_and_how_close(run: Run, few: Path, artefact_path: Path, tmp_path: Path) -> None:
    done = run("quantize", artefact_path, "--out", "small.onnx", "--compare", few, "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["bytes"] == (tmp_path / "small.onnx").stat().st_size
    assert printed["percent_of_float32"] == pytest.approx(
        100 * printed["bytes"] / artefact_path.stat().st_size, abs=0.1
    )
    assert (printed["windows"], printed["same_letter_percent"]) == (24, 100.0)
    small, large = (
        [json.loads(line)["label"] for line in run("predict", few, "--model", model, "--json").stdout.splitlines()]
        for model in ("small.onnx", artefact_path)
    )
    assert small == large
    assert len(small) == 24
    assert run("quantize", artefact_path, "--out", "small.onnx").stdout.splitlines()[0] == "small.onnx"
    again = run("quantize", "small.onnx", "--out", "smaller.onnx")
    assert (again.returncode, "INT8 already" in again.stderr) == (1, True)


def test_export_makes_c_of_an_artefact(run: Run, artefact_path: Path, tmp_path: Path) -> None:
    plain = artefact_path.with_name("MSCSGRU_ScaleAware.onnx")
    done = run("export", plain, "--target", "c", "--out", "net")
    assert (done.returncode, done.stdout) == (0, "net\n"), done.stderr
    assert {path.name for path in (tmp_path / "net").iterdir()} == {"sg_net.h", "sg_net.c"}
    (tmp_path / "glove.json").write_text("{}")
    other = run("export", plain, "--target", "c", "--glove", "glove.json", "--out", "net")
    assert (other.returncode, "not the export of a glove" in other.stderr) == (1, True)
    assert run("export", "c.pt", "--glove", "glove.json", "--out", "a.onnx").returncode == 2
    refused = run("export", tmp_path / "none.onnx", "--target", "c", "--out", "other")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert run("export", "c.pt", "--out", "net").stderr.strip().endswith("net is a folder")
