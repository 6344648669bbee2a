"""Folders of recordings: which files are found, and the report on all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scaleglove.letters import LETTERS
from scaleglove.recordings import RecordingError, Repair, find_recordings, load_folder
from tests.scaleglove.recordings.test_episode import line, write


def test_an_unreadable_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, line(0), line(30))
    broken = write(tmp_path, letter="ㄴ")
    broken.write_bytes(b"\xff\xfe\x00")
    episodes, report = load_folder(tmp_path)
    assert len(episodes) == 1
    assert len(report.unreadable) == 1
    assert str(broken) in report.unreadable[0]
    assert [refusal.code for refusal in report.refusals] == ["encoding"]


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no recordings"):
        find_recordings(tmp_path)
    with pytest.raises(RecordingError, match="no such file"):
        find_recordings(tmp_path / "nowhere")
    write(tmp_path, "x", header="y")
    with pytest.raises(RecordingError, match="no readable recording"):
        load_folder(tmp_path)


def test_the_public_recordings_are_read_and_their_faults_counted(
    recordings_root: Path, recorded_files: list[Path]
) -> None:
    episodes, report = load_folder(recordings_root, recorded_files)
    assert report.episodes == {"collection_a": 1444, "collection_b": 864}
    assert set(report.labels) == set(LETTERS)
    assert report.unreadable == []
    assert report.findings["device time that does not rise: step replaced by the median"] == 1
    assert report.findings["flex2 frames dropped out: kept, neutralised inside the model"] > 10_000
    assert report.findings["episodes shorter than 80 frames: kept as they are"] == 9
    assert min(len(episode.values) for episode in episodes) == 1
    assert all((np.diff(episode.t_ms) > 0).all() for episode in episodes)
    assert report.interval_ms[0] >= 19
    assert report.interval_ms[2] <= 31


def test_codes_stand_beside_the_sentences_of_a_report(tmp_path: Path) -> None:
    write(tmp_path, line(0), line(30, flex2=0))
    write(tmp_path, "1,2,3", letter="ㄴ", header="timestamp_ms,flex1,flex1")
    report = load_folder(tmp_path)[1].as_dict()
    assert {"code": "flex_dropped", "channel": "flex2", "count": 1} in report["repairs"]
    assert report["refusals"] == [{"code": "column_twice", "column": "flex1", "line": None}]


def test_any_label_is_kept_and_counted(tmp_path: Path) -> None:
    write(tmp_path, line(0), line(30))
    path = tmp_path / "collection_x" / "hello" / "1" / "episode_20260101_120000_hello_1.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(write(tmp_path, line(0), line(30)).read_bytes())
    episodes, report = load_folder(tmp_path)
    assert {episode.label for episode in episodes} == {"ㄱ", "hello"}
    assert report.labels == {"ㄱ": 1, "hello": 1}


def test_a_name_that_contradicts_its_folder_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "collection_x" / "ㄱ" / "1" / "episode_20260101_120000_ㄴ_1.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(write(tmp_path, line(0), line(30)).read_bytes())
    episodes, report = load_folder(tmp_path, [path])
    assert episodes[0].label == "ㄱ"
    assert report.findings["episodes whose file name and folder name different letters: the folder's is used"] == 1


def test_the_published_recordings_of_another_glove_are_read(recordings_root: Path) -> None:
    folder = recordings_root.parent / "asl_glove"
    episodes, report = load_folder(folder / "as_published")
    assert report.labels == {"a": 10, "hello": 10}
    one = np.load(folder / "person_001.npz")
    for episode in episodes:
        sign = list(one["signs"]).index(episode.label)
        assert np.allclose(episode.values[:, :5], one["flex"][sign, episode.repetition - 1] / 10, atol=1e-3)
        assert np.allclose(episode.t_ms, one["t_ms"][sign, episode.repetition - 1], atol=1)
        assert np.abs(episode.values[:, 5]).max() <= 90
        assert (episode.collection, episode.bend) == ("001", "")


def test_a_repetition_that_lies_in_the_folder_in_both_forms_counts_once(recordings_root: Path) -> None:
    folder = recordings_root.parent / "asl_glove"
    published = sorted((folder / "as_published").rglob("*.csv"))
    episodes, report = load_folder(folder, [*published, folder / "person_001.npz"])
    assert report.episodes == {"001": 400}
    assert report.repairs[Repair("repetition_twice")] == 20
    assert len(report.labels) == 40
    assert len({(episode.label, episode.repetition) for episode in episodes}) == 400


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("anna/thank you/1/first.csv", ("anna", "thank you", "1")),
        ("anna/up/first.csv", ("anna", "up", "")),
        ("anna/up/slow/episode_20260101_120000_up_slow.csv", ("anna", "up", "slow")),
        ("anna/stop_2/1/episode_20260101_120000_stop_2_1.csv", ("anna", "stop_2", "1")),
        ("deep/anna/up/1/first.csv", ("anna", "up", "1")),
        ("anna/first.csv", ("", "", "")),
    ],
)
def test_folders_name_any_label_whatever_the_files_are_called(
    tmp_path: Path, path: str, labels: tuple[str, str, str]
) -> None:
    file = tmp_path / "own" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(write(tmp_path, line(0), line(30)).read_bytes())
    (episode,), report = load_folder(tmp_path / "own")
    assert (episode.collection, episode.label, episode.bend) == labels
    assert report.as_dict()["unlabelled"] == (not labels[1])
