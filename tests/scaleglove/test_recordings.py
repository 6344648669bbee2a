"""Loading of recordings, and every kind of fault: made on purpose, and found in the public recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scaleglove.letters import LETTERS
from scaleglove.recordings import (
    RecordingError,
    find_recordings,
    load_episode,
    load_folder,
)

HEADER = (
    "timestamp_ms,recv_timestamp_ms,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5,sampling_hz,accel_x,accel_y,accel_z"
)


def line(t: object, roll: object = -69.5, flex2: object = 780) -> str:
    return f"{t},1759295449730,-14.52,{roll},-68.44,780,{flex2},869,866,857,34.48,0.273,-0.92,0.344"


def write(folder: Path, *lines: str, letter: str = "ㄱ", header: str = HEADER) -> Path:
    path = folder / "collection_x" / letter / "3" / f"episode_{letter}_3.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_reads_the_channels_by_name_in_the_models_order(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30)))
    assert episode.values[0].tolist() == pytest.approx([780, 780, 869, 866, 857, -14.52, -69.5, -68.44])
    assert (episode.collection, episode.letter, episode.bend) == ("collection_x", "ㄱ", "3")
    assert episode.t_ms.tolist() == [0, 30]


def test_time_that_steps_back_is_mended_by_the_median_and_counted(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, *(line(t) for t in (0, 30, 60, -900, -870, -840))))
    assert episode.t_ms.tolist() == [0, 30, 60, 90, 120, 150]
    assert episode.repairs["device time that does not rise: step replaced by the median"] == 1


@pytest.mark.parametrize("bad", ["abc", "", "nan", "inf"])
def test_a_line_that_cannot_be_read_is_left_out_and_counted(tmp_path: Path, bad: str) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30, roll=bad), line(60)))
    assert episode.t_ms.tolist() == [0, 60]
    assert episode.repairs["lines left out: not nine plausible numbers"] == 1


def test_a_line_cut_short_is_left_out_and_counted(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), "30,1759295449730,-14.5", line(60)))
    assert len(episode.values) == 2


def test_dropped_flex_is_kept_and_counted_by_channel(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30, flex2=0), line(60, flex2=21)))
    assert episode.values[1, 1] == 0
    assert episode.repairs["flex2 frames dropped out: kept, neutralised inside the model"] == 2


def test_crossings_and_short_episodes_are_counted(tmp_path: Path) -> None:
    repairs = load_episode(write(tmp_path, line(0, roll=179.9), line(30, roll=-179.8))).repairs
    assert repairs["roll crossings of +-180 degrees: joined along the shorter arc"] == 1
    assert repairs["episodes shorter than 80 frames: kept as they are"] == 1


def test_a_missing_column_names_file_and_column(tmp_path: Path) -> None:
    path = write(tmp_path, "1,2", header="timestamp_ms,pitch")
    with pytest.raises(RecordingError, match=r"episode_ㄱ_3.csv: column flex1 is missing"):
        load_episode(path)


def test_an_unreadable_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, line(0), line(30))
    broken = write(tmp_path, letter="ㄴ")
    broken.write_bytes(b"\xff\xfe\x00")
    episodes, report = load_folder(tmp_path)
    assert len(episodes) == 1
    assert len(report.unreadable) == 1
    assert str(broken) in report.unreadable[0]


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
    assert set(report.letters) == set(LETTERS)
    assert report.unreadable == []
    assert report.findings["device time that does not rise: step replaced by the median"] == 1
    assert report.findings["flex2 frames dropped out: kept, neutralised inside the model"] > 10_000
    assert report.findings["episodes shorter than 80 frames: kept as they are"] == 9
    assert min(len(episode.values) for episode in episodes) == 1
    assert all((np.diff(episode.t_ms) > 0).all() for episode in episodes)
    assert report.interval_ms[0] >= 19
    assert report.interval_ms[2] <= 31


def test_an_impossible_reading_is_left_out_and_a_gap_is_counted(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30, flex2="1e39"), line(60), line(900)))
    assert episode.t_ms.tolist() == [0, 60, 900]
    assert episode.repairs["lines left out: not nine plausible numbers"] == 1
    assert episode.repairs["gaps of more than 250 ms: frames before the last one are not used"] == 1
