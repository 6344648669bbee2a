"""A file of the public layout."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np

from firmware_bridge.codec.events import FrameRead
from firmware_bridge.recorder.episode_file import COLUMNS, save
from firmware_bridge.recorder.take import Take
from scaleglove.recordings import load_episode

NOW = datetime(2026, 11, 23, 9, 5, 7)


def take(acceleration: tuple[float, float, float] | None = (0.1, -0.25, 0.97)) -> Take:
    made = Take(80)
    for n in range(80):
        values = (801.0 + n % 3, 802.5, 803.0, 804.0, 805.0, -1.5 + 0.01 * n, 2.25, 179.0)
        made.add([FrameRead(5000.5 + 20.0 * n, values, acceleration, n)], 1_760_000_000_000 + 20 * n)
    return made


def test_the_loader_reads_it_back_exactly_and_finds_nothing_to_mend(tmp_path: Path) -> None:
    path = save(take(), tmp_path / "mine", "ㄱ", "2", NOW)
    assert path == tmp_path / "mine" / "ㄱ" / "2" / "episode_20261123_090507_ㄱ_2.csv"
    episode = load_episode(path)
    assert (episode.collection, episode.letter, episode.bend) == ("mine", "ㄱ", "2")
    assert not episode.repairs
    assert np.array_equal(episode.t_ms, 20.0 * np.arange(80))
    assert np.array_equal(episode.values, np.array([frame.values for frame in take().frames], np.float32))


def test_its_columns_are_those_of_the_public_recordings(tmp_path: Path, recordings_root: Path) -> None:
    public = next(recordings_root.rglob("*.csv")).read_text(encoding="utf-8").splitlines()[0]
    path = save(take(), tmp_path, "ㄱ", "1", NOW)
    assert path.read_text(encoding="utf-8").splitlines()[0] == public == ",".join(COLUMNS)


def test_a_glove_without_acceleration_leaves_its_cells_empty(tmp_path: Path) -> None:
    path = save(take(None), tmp_path, "ㄱ", "1", NOW)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["accel_z"] for row in rows} == {""}
    assert {row["sampling_hz"] for row in rows} == {"50.0"}
    assert load_episode(path).repairs.total() == 0


def test_two_of_one_second_do_not_replace_each_other(tmp_path: Path) -> None:
    assert save(take(), tmp_path, "ㄱ", "1", NOW) != save(take(), tmp_path, "ㄱ", "1", NOW)
    assert len(list(tmp_path.rglob("*.csv"))) == 2
