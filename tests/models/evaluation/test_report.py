"""From jobs to figures, on results made by hand so that every figure can be counted."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording
from models.evaluation.baselines import MajorityGuess
from models.evaluation.job import FRAMES_SEEN, Job, Result
from models.evaluation.protocols import CROSS_USER, LEAVE_ONE_STYLE_OUT, Fold
from models.evaluation.report import Report, ReportError, make_report, read_report, summary
from models.evaluation.scores import Tally
from scaleglove.letters import LETTERS

NOBODY = np.zeros(0, np.int64)


def tally(right: int, wrong: int) -> Result:
    """Return a tally of ㄱ named ㄱ `right` times and named ㄴ `wrong` times, both with confidence 0.8."""
    rows = np.full((right + wrong, 24), 0.2 / 23, np.float32)
    rows[:right, 0] = rows[right:, 1] = 0.8
    return Tally.of(rows, [0] * (right + wrong)).as_dict()


def job(protocol: str, fold: str, seed: int) -> Job:
    return Job(MajorityGuess(labels=LETTERS), seed, Fold(protocol, fold, NOBODY, NOBODY))


def result(right: int, wrong: int, **more: object) -> Result:
    seen = {str(frames): 100 * right / (right + wrong) - (80 - frames) / 10 for frames in FRAMES_SEEN}
    empty = {"self_calibration": None, "few_shot": {}}
    return {"train": 1, "test": right + wrong, "tally": tally(right, wrong), "accuracy_by_frames": seen} | empty | more


@pytest.fixture
def report(made: list[Recording]) -> Report:
    few = {"one_bend": {"1": {"accuracy": [70.0, 80.0], "tally": tally(15, 5), "short": 2}}}
    results = [
        (job(LEAVE_ONE_STYLE_OUT, "test on 1", 0), result(9, 1)),
        (job(LEAVE_ONE_STYLE_OUT, "test on 2", 0), result(70, 30)),
        (job(LEAVE_ONE_STYLE_OUT, "test on 1", 1), result(5, 5)),
        (job(LEAVE_ONE_STYLE_OUT, "test on 2", 1), result(60, 40)),
        (job(CROSS_USER, "test on a", 0), result(4, 6, self_calibration=tally(6, 4), few_shot=few)),
        # Too small to show an example of and still test.
        (job(CROSS_USER, "test on b", 0), result(4, 6, self_calibration=tally(6, 4))),
    ]
    return make_report(results, made, "scaleglove evaluate FOLDER", "abc", {"numpy": "2"})


def test_a_figure_is_the_mean_over_folds_then_over_seeds(report: Report) -> None:
    found = report["families"]["MajorityGuess"]["protocols"][LEAVE_ONE_STYLE_OUT]
    by_seed = [80.0, 55.0]  # each fold counts the same, whatever its size
    assert (found["mean"], found["sd"]) == (67.5, round(statistics.stdev(by_seed), 2))
    assert found["folds"]["test on 1"] == {"mean": 70.0, "sd": round(statistics.stdev([90, 50]), 2)}
    assert found["by_frames"]["80"]["mean"] == 67.5
    assert found["by_frames"]["10"]["mean"] == 60.5
    # |0.8 - accuracy| of each fold: 0.1 and 0.1, then 0.3 and 0.2
    assert found["calibration_error"]["mean"] == pytest.approx((10 + 25) / 2, abs=0.01)
    assert found["letters"] == {"ㄱ": {"right": 65.5, "taken_for": {"ㄴ": 34.5}}}
    assert found["sizes"]["test on 2"] == {"train": 1, "test": 100}


def test_calibration_has_figures_of_its_own(report: Report) -> None:
    found = report["families"]["MajorityGuess"]["protocols"]
    assert found[CROSS_USER]["mean"] == 40
    assert found["self_calibration"]["mean"] == 60
    assert found["few_shot_1_one_bend"]["mean"] == 75  # of the support sets
    assert found["few_shot_1_one_bend"]["sd"] is None  # one seed
    assert found["few_shot_1_one_bend"]["letters_with_fewer"] == 2
    assert set(found) == {LEAVE_ONE_STYLE_OUT, CROSS_USER, "self_calibration", "few_shot_1_one_bend"}


def test_a_summary_fits_into_metadata_and_names_its_recipe(report: Report) -> None:
    short = summary(report, "MajorityGuess")
    assert len(json.dumps(short)) < 4000
    assert short["recipe"] == {}
    assert short["accuracy_percent"][LEAVE_ONE_STYLE_OUT] == {
        "mean": 67.5,
        "sd": 17.68,
        "folds": {"test on 1": 70.0, "test on 2": 65.0},
        "calibration_error": 17.5,
    }
    assert short["accuracy_percent_by_frames"][CROSS_USER]["80"] == 40
    with pytest.raises(ReportError, match="no figures of GPT"):
        summary(report, "GPT")


def test_what_cannot_be_said_goes_into_the_summary(report: Report) -> None:
    assert "shortfalls" not in summary(report | {"shortfalls": []}, "MajorityGuess")
    said = [{"code": "one_person", "text": "all of one", "values": {}}]
    assert summary(report | {"shortfalls": said}, "MajorityGuess")["shortfalls"] == said


def test_without_a_result_a_report_has_no_families(made: list[Recording]) -> None:
    empty = make_report([], made, "scaleglove evaluate FOLDER", "abc", {})
    assert (empty["families"], empty["seeds"], empty["data"]["labels"]) == ({}, [], [])
    with pytest.raises(ReportError, match="no figures of MajorityGuess"):
        summary(empty, "MajorityGuess")


def test_a_report_is_read_back_and_what_is_none_is_refused(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    assert read_report(path) == report
    for text, words in (("{", "not a readable report"), ("[1]", "not a report of"), ("{}", "not a report of")):
        path.write_text(text)
        with pytest.raises(ReportError, match=words):
            read_report(path)
    path.write_text(json.dumps(report | {"families": {"A": {}}}))
    with pytest.raises(ReportError, match="a family in the report has no protocols"):
        read_report(path)
    with pytest.raises(ReportError, match="not a readable report"):
        read_report(tmp_path / "none.json")


def test_a_report_with_the_former_names_of_protocols_is_read(report: Report, tmp_path: Path) -> None:
    former = json.dumps(report).replace(CROSS_USER, "new_collection").replace(LEAVE_ONE_STYLE_OUT, "leave_one_bend_out")
    assert "new_collection" in former
    (tmp_path / "report.json").write_text(former)
    assert read_report(tmp_path / "report.json") == report
