from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from models.runtime.artefact import Artefact, open_session
from models.runtime.gpu.unrolled import align
from models.runtime.parity import tried_windows
from models.runtime.readings import READINGS_KEY, encode
from scaleglove.vocabulary import load_vocabulary
from tests.commands import Run
from tests.own_unit import write_in_unit

torch = pytest.importorskip("torch", reason="the train extra is not installed")

AMERICAN = load_vocabulary("american")


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


def test_predict_ranges_the_glove_by_the_shapes_of_each_collection(
    run: Run, few: Path, artefact_path: Path, asl_root: Path
) -> None:
    """Of one hand of the ASL glove, whose ranges are others than those of most."""
    american = artefact_path.with_stem("American_INT8")

    def right(*options: object) -> float:
        done = run("predict", asl_root / "person_004.npz", "--model", american, "--json", *options)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        known = [answer for answer in answers if answer["recorded"] in AMERICAN.names]
        assert len(known) == 240
        return sum(answer["label"] == answer["recorded"] for answer in known) / len(known)

    assert right("--ranged") > right()
    one = run("predict", next(few.rglob("*.csv")), "--ranged")
    assert (one.returncode, "--ranged needs 8 episodes" in one.stderr) == (1, True)


def test_predict_reads_counts_and_the_unit_of_the_training_s_own_glove(
    run: Run, few: Path, artefact_path: Path, tmp_path: Path
) -> None:
    gain, offset = unit = (0.125, 500.0)
    model = write_in_unit(artefact_path, unit, tmp_path / "own.onnx")
    path = sorted(few.rglob("*.csv"))[0]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update({f"flex{n}": f"{(float(row[f'flex{n}']) - offset) / gain:.4f}" for n in range(1, 6)})
    own = tmp_path / "own.csv"
    with own.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    in_counts, in_unit = map(json.loads, run("predict", path, own, "--model", model, "--json").stdout.splitlines())
    assert (in_counts["state"], in_unit["label"]) == ("ok", in_counts["label"])
    assert in_unit["confidence"] == pytest.approx(in_counts["confidence"], abs=1e-4)


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


def test_export_makes_the_graph_for_a_gpu_of_an_artefact(run: Run, artefact_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "gpu.onnx"
    assert run("export", artefact_path, "--target", "gpu", "--out", out).stdout == f"{out}\n"
    windows = tried_windows(80)
    frames, lengths = align(windows, 80)
    session = open_session(out)
    (probabilities,) = session.run(["probabilities"], {"frames": frames, "lengths": lengths})
    expected = Artefact.load(artefact_path).run_windows(windows).probabilities
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-5)
    refused = run("export", artefact_path, "--target", "gpu", "--glove", "glove.json", "--out", out)
    assert (refused.returncode, "goes with --target c alone" in refused.stderr) == (2, True)


def test_own_signs_of_a_glove_in_another_unit_are_exported_with_what_it_read(
    run: Run, few: Path, tmp_path: Path
) -> None:
    for letter, label in (("ㄱ", "up"), ("ㄴ", "thank you"), ("ㄷ", "stop")):
        for path in sorted(few.rglob(f"*{letter}*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            for row in rows:
                row.update({f"flex{n}": f"{(float(row[f'flex{n}']) - 800) / 4:.2f}" for n in range(1, 6)})
            target = tmp_path / "own" / path.parts[-4] / label / path.parts[-2] / path.name.replace(letter, label)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)
    assert run("train", "own", "--epochs", 1, "--model", "MSCGRU_ScaleAware", "--out", "c.pt").returncode == 0
    done = run("export", "c.pt", "--out", "a.onnx")
    assert (done.returncode, done.stderr) == (0, "")
    artefact = Artefact.load(tmp_path / "a.onnx")
    assert artefact.contract.labels == ("stop", "thank you", "up")
    assert artefact.reference is not None
    assert artefact.readings is not None
    assert artefact.readings.unit[0] >= 2
    before = (tmp_path / "a.onnx").read_bytes()
    assert run("prototypes", "a.onnx", "own").returncode == 0
    assert (tmp_path / "a.onnx").read_bytes() == before


def test_a_checkpoint_whose_recordings_have_no_usable_readings_is_exported_without_prototypes(
    run: Run, few: Path, tmp_path: Path
) -> None:
    assert run("train", few, "--epochs", 1, "--model", "MSCGRU_ScaleAware", "--out", "c.pt").returncode == 0
    stored = torch.load(tmp_path / "c.pt", weights_only=True)
    shapes = np.full((2, 8), 800, np.float32)
    written = b""
    for unit, status in (((1.0, 0.0), 0), ((2.0, 100.0), 1)):
        stored["measured"][READINGS_KEY] = encode(shapes, [0, 1], unit)
        torch.save(stored, tmp_path / "d.pt")
        done = run("export", "d.pt", "--out", "d.onnx")
        assert (done.returncode, READINGS_KEY in done.stderr) == (status, True)
        assert ("no prototypes, as the training's recordings are too few or too alike" in done.stderr) == (not status)
        written = written or (tmp_path / "d.onnx").read_bytes()
    assert (tmp_path / "d.onnx").read_bytes() == written  # what is refused replaces nothing
    assert not list(tmp_path.glob(".*draft"))
    assert Artefact.load(tmp_path / "d.onnx").reference is None
