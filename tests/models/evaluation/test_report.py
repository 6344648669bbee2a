"""From jobs to figures, on results made by hand so that every figure can be counted."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording
from models.evaluation import tables
from models.evaluation.baselines import MajorityGuess
from models.evaluation.cases import Cases, interval
from models.evaluation.job import FRAMES_SEEN, Job, Result
from models.evaluation.judged import Judged, Served
from models.evaluation.protocols import CROSS_USER, LEAVE_ONE_STYLE_OUT, Fold
from models.evaluation.report import Report, ReportError, make_report, read_report, summary
from models.evaluation.scores import Bins, Tally
from scaleglove.letters import LETTERS

NOBODY = np.zeros(0, np.int64)


def tally(right: int, wrong: int, person: str = "a", served: Served | None = None) -> Result:
    """Return what is judged of ㄱ named ㄱ `right` times in one way and ㄴ `wrong` times in another, always with
    confidence 0.8."""
    rows = np.full((right + wrong, 24), 0.2 / 23, np.float32)
    rows[:right, 0] = rows[right:, 1] = 0.8
    ways = {(person, way): np.zeros((2, 24), np.int64) for way in "12"}
    ways[person, "1"][:, 0], ways[person, "2"][:, 0] = (right, right), (0, wrong)
    return Judged(Tally.of(rows, [0] * (right + wrong)), Cases(ways), served).as_dict()


def job(protocol: str, fold: str, seed: int) -> Job:
    return Job(MajorityGuess(labels=LETTERS), seed, Fold(protocol, fold, NOBODY, NOBODY))


def result(right: int, wrong: int, **more: object) -> Result:
    seen = {str(frames): 100 * right / (right + wrong) - (80 - frames) / 10 for frames in FRAMES_SEEN}
    empty = {"known_wearer": None, "ranged": None, "self_calibration": None, "few_shot": {}, "guided": {}}
    return {"train": 1, "test": right + wrong, "tally": tally(right, wrong), "accuracy_by_frames": seen} | empty | more


@pytest.fixture
def report(made: list[Recording]) -> Report:
    few = {
        "one_bend": {
            "1": {"accuracy": [70.0, 80.0], "tally": tally(15, 5), "without_direction": [50.0, 70.0], "short": 2}
        }
    }
    named = Bins.of(np.full(15, 0.6), np.arange(15) < 8)
    ranged = {"accuracy": [40.0, 60.0], "tally": tally(10, 10, served=Served(20, named)), "method": "by hand"}
    by_doubt = {"labels": {"36": {"accuracy": [80.0], "tally": tally(8, 2)}}, "reached": [42, None]}
    results = [
        (job(LEAVE_ONE_STYLE_OUT, "test on 1", 0), result(9, 1, known_wearer=tally(19, 1))),
        (job(LEAVE_ONE_STYLE_OUT, "test on 2", 0), result(70, 30)),
        (job(LEAVE_ONE_STYLE_OUT, "test on 1", 1), result(5, 5)),
        (job(LEAVE_ONE_STYLE_OUT, "test on 2", 1), result(60, 40)),
        (
            job(CROSS_USER, "test on a", 0),
            result(4, 6, self_calibration=tally(6, 4), few_shot=few, ranged=ranged, guided=by_doubt),
        ),
        # Too small to show an example of and still test.
        (job(CROSS_USER, "test on b", 0), result(4, 6, self_calibration=tally(6, 4))),
    ]
    return make_report(results, made, "scaleglove evaluate FOLDER", "abc", {"numpy": "2"})


def test_a_figure_is_the_mean_over_folds_then_over_seeds(report: Report) -> None:
    found = report["families"]["MajorityGuess"]["protocols"][LEAVE_ONE_STYLE_OUT]
    by_seed = [80.0, 55.0]  # each fold counts the same, whatever its size
    assert (found["mean"], found["sd"]) == (67.5, round(statistics.stdev(by_seed), 2))
    of_fold = found["folds"]["test on 1"]
    assert (of_fold["mean"], of_fold["sd"]) == (70.0, round(statistics.stdev([90, 50]), 2))
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
    assert (found["known_wearer"]["mean"], list(found["known_wearer"]["folds"])) == (95, ["test on 1"])
    assert found["few_shot_1_one_bend"]["mean"] == 75  # of the support sets
    assert found["few_shot_1_one_bend"]["sd"] is None  # one seed
    assert found["few_shot_1_one_bend"]["letters_with_fewer"] == 2
    assert (found["ranged"]["mean"], found["guided_36"]["mean"]) == (50, 80)
    assert (found["ranged"]["rejected"]["mean"], found["ranged"]["served"]["mean"]) == (25, 40)
    assert found["ranged"]["served_calibration_error"]["mean"] == pytest.approx(100 * (0.6 - 8 / 15), abs=0.01)
    assert found[CROSS_USER]["served_calibration_error"] == found[CROSS_USER]["calibration_error"]  # what it shows
    assert found["few_shot_1_one_bend"]["without_direction"] == {"mean": 60, "sd": None}
    assert ["1 a letter, one bend, no direction", "60.0"] in tables.by_protocol(report)
    assert found[CROSS_USER]["rejected"] is None  # a guess rejects nothing
    assert set(found) == {
        LEAVE_ONE_STYLE_OUT,
        "known_wearer",
        CROSS_USER,
        "ranged",
        "self_calibration",
        "few_shot_1_one_bend",
        "guided_36",
    }
    assert report["families"]["MajorityGuess"]["labels_needed"] == {"test on a": [42, None]}
    assert report["ranged"] == {"shapes": 100, "draws": 5, "by": ["by hand"]}


def test_a_figure_has_the_interval_and_the_number_of_its_cases(report: Report) -> None:
    found = report["families"]["MajorityGuess"]["protocols"][LEAVE_ONE_STYLE_OUT]
    assert (found["cases"], found["people"]) == (2, 1)
    low, high = found["interval"]
    assert low < found["mean"] < high
    again = [Cases.from_dict(fold["cases"]) for fold in found["folds"].values()]
    assert interval(again) == [low, high]  # of what the report says
    assert again[0].by_case().tolist() == [[14, 14], [0, 6]]  # of both seeds


def test_labels_by_doubt_are_a_median_that_knows_of_sessions_that_never_got_there(report: Report) -> None:
    assert tables.labels_needed(report) == [["", "MajorityGuess"], ["test on a", "69.5 (1 of 2 never)"]]
    more = {"families": {"A": {"labels_needed": {"x": [36, 48, 42], "y": [None, None, 96]}}, "B": {"protocols": {}}}}
    assert tables.labels_needed(more) == [["", "A"], ["x", "42"], ["y", "more than 96 (2 of 3 never)"]]


def test_a_report_of_an_earlier_version_is_tabulated_without_what_it_lacks(report: Report) -> None:
    former = {"mean": 40.0, "sd": None, "calibration_error": {"mean": 9.0, "sd": None}}
    rows = tables.of_family({"families": {"A": {"protocols": {CROSS_USER: former}}}}, "A")
    assert rows[1] == ["cross-user", "40.0", "–", "9.0", "–", "–", "–", "–"]
    assert len(tables.of_family(report, "MajorityGuess")) == 8


def test_a_summary_fits_into_metadata_and_names_its_recipe(report: Report) -> None:
    short = summary(report, "MajorityGuess")
    assert len(json.dumps(short)) < 4000
    assert short["recipe"] == {}
    assert short["accuracy_percent"][LEAVE_ONE_STYLE_OUT] == {
        "mean": 67.5,
        "sd": 17.68,
        "interval": [0.0, 100.0],
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
