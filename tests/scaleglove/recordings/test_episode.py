"""Loading of recordings, and every kind of fault: made on purpose, and found in the public recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaleglove.recordings import (
    RecordingError,
    Repair,
    load_episode,
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
    assert (episode.collection, episode.label, episode.bend) == ("collection_x", "ㄱ", "3")
    assert episode.t_ms.tolist() == [0, 30]


def test_time_that_steps_back_is_mended_by_the_median_and_counted(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, *(line(t) for t in (0, 30, 60, -900, -870, -840))))
    assert episode.t_ms.tolist() == [0, 30, 60, 90, 120, 150]
    assert episode.repairs[Repair("time_not_rising")] == 1


@pytest.mark.parametrize("bad", ["abc", "", "nan", "inf", "8_0"])
def test_a_line_that_cannot_be_read_is_left_out_and_counted(tmp_path: Path, bad: str) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30, roll=bad), line(60)))
    assert episode.t_ms.tolist() == [0, 60]
    assert episode.repairs[Repair("line_left_out")] == 1


def test_a_line_cut_short_is_left_out_and_counted(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), "30,1759295449730,-14.5", line(60)))
    assert len(episode.values) == 2


def test_dropped_flex_is_kept_and_counted_by_channel(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30, flex2=0), line(60, flex2=21)))
    assert episode.values[1, 1] == 0
    assert episode.repairs[Repair("flex_dropped", "flex2")] == 2


def test_crossings_and_short_episodes_are_counted(tmp_path: Path) -> None:
    repairs = load_episode(write(tmp_path, line(0, roll=179.9), line(30, roll=-179.8))).repairs
    assert repairs[Repair("angle_wrapped", "roll")] == 1
    assert repairs[Repair("short")] == 1


def test_a_missing_column_is_nan_and_is_named_where_all_are_needed(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, "1,2", header="timestamp_ms,pitch"))
    assert episode.missing == ("flex1", "flex2", "flex3", "flex4", "flex5", "roll", "yaw")
    assert episode.repairs[Repair("channel_missing", "flex1")] == 1
    with pytest.raises(RecordingError, match=r"episode_ㄱ_3.csv: no readings of flex1, flex2, .*") as refusal:
        episode.require_complete()
    assert (refusal.value.code, refusal.value.column) == ("channel_missing", "flex1")


def test_an_impossible_reading_is_left_out_and_a_gap_is_counted(tmp_path: Path) -> None:
    episode = load_episode(write(tmp_path, line(0), line(30, flex2="1e39"), line(60), line(900)))
    assert episode.t_ms.tolist() == [0, 60, 900]
    assert episode.repairs[Repair("line_left_out")] == 1
    assert episode.repairs[Repair("gap")] == 1
