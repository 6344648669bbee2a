"""Labelled episodes: the plan, a take and its faults, and the saved file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.codec.events import Damaged, DeviceRestarted, Event, Fault, FrameRead, FramesMissing
from firmware_bridge.recorder.episodes import COLUMNS, Slot, Take, plan, recorded, save
from scaleglove.recordings import load_episode


def test_the_plan_goes_round_the_letters() -> None:
    slots = list(plan(["ㄱ", "ㄴ"], ["1", "2"], 2, {}))
    assert [(slot.label, slot.bend, slot.number) for slot in slots] == [
        ("ㄱ", "1", 1), ("ㄴ", "1", 1), ("ㄱ", "2", 1), ("ㄴ", "2", 1),
        ("ㄱ", "1", 2), ("ㄴ", "1", 2), ("ㄱ", "2", 2), ("ㄴ", "2", 2),
    ]  # fmt: skip


def test_the_plan_omits_recorded_episodes(tmp_path: Path) -> None:
    folder = tmp_path / "ㄱ" / "1"
    folder.mkdir(parents=True)
    (folder / "episode_20250101_000000_ㄱ_1.csv").touch()
    (folder / "notes.txt").touch()
    have = recorded(tmp_path)
    assert have == Counter({("ㄱ", "1"): 1})
    assert list(plan(["ㄱ", "ㄴ"], ["1"], 2, have)) == [
        Slot("ㄴ", "1", 1, 2),
        Slot("ㄱ", "1", 2, 2),
        Slot("ㄴ", "1", 2, 2),
    ]
    assert recorded(tmp_path / "none") == Counter()


HAND = (801.0, 802.0, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)


def frames(count: int, *changes: tuple[int, float]) -> list[Event]:
    """Return frames of a hand that trembles, with some channels set to a constant."""
    made: list[Event] = []
    for n in range(count):
        values = [value + n % 3 / 100 for value in HAND]
        for channel, value in changes:
            values[channel] = value
        made.append(FrameRead(n * 20.0, tuple(values)))
    return made


def take_of(events: Sequence[Event], wanted: int = 10) -> Take:
    take = Take(wanted)
    take.add(events, 1000)
    return take


def test_a_take_is_done_with_enough_frames_and_ignores_more() -> None:
    take = take_of(frames(9))
    assert not take.done
    take.add(frames(5), 2000)
    assert take.done
    assert len(take.frames) == 10
    assert take.received_ms == [1000] * 9 + [2000]


def test_a_good_take_has_a_rate_and_no_faults() -> None:
    take = take_of(frames(10))
    assert take.faults() == []
    assert take.rate_hz() == pytest.approx(50)


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (FramesMissing(100.0, 3, "sequence"), "3 frames were lost"),
        (DeviceRestarted(100.0, 0.0), "the glove restarted"),
        (Damaged("x", Fault.CRC, ""), "1 messages of the glove were damaged"),
    ],
)
def test_events_within_a_take_are_faults_and_earlier_ones_are_not(event: Event, fault: str) -> None:
    assert take_of([event, *frames(10)]).faults() == []
    assert take_of([*frames(5), event, *frames(5)]).faults() == [fault]


def test_defective_sensors_are_named() -> None:
    assert take_of(frames(10, (1, 0.0))).faults() == ["flex2 has no contact"]
    assert take_of(frames(10, (5, 1.0), (6, 2.0), (7, 3.0))).faults() == ["the motion sensor repeats one value"]
    assert take_of(frames(10, (5, 1.0))).faults() == []
    assert take_of(frames(10, (2, 700.0), (4, 1023.0))).faults() == ["flex3 is stuck", "flex5 is at its limit"]


def test_gloves_of_other_scales_and_with_fewer_sensors_are_good() -> None:
    take = Take(10)
    for n in range(10):
        values = (3100.0 + n % 3, None, 3400.0 + n % 2, 90.0 + n, 3500.0 - n % 3, None, None, None)
        take.add([FrameRead(n * 20.0, values)], 1000)  # type: ignore[arg-type]
    assert take.absent() == ["flex2", "pitch", "roll", "yaw"]
    assert take.faults() == ["flex4 has no contact"]


def test_a_sensor_that_the_glove_does_not_have_is_an_empty_field_and_reads_as_nan(tmp_path: Path) -> None:
    take = Take(80)
    for n in range(80):
        values = (801.0 + n % 3, None, 803.0, 804.0, 805.0, -1.5, 2.25, None)
        take.add([FrameRead(20.0 * n, values)], 1_760_000_000_000 + 20 * n)  # type: ignore[arg-type]
    path = save(take, tmp_path / "mine", "ㄱ", "1", NOW)
    assert path.read_text("utf-8").splitlines()[1].split(",")[4:7] == ["", "801", ""]
    episode = load_episode(path)
    assert episode.missing == ("flex2", "yaw")
    assert np.array_equal(np.isnan(episode.values).all(axis=0), [False, True, *[False] * 5, True])
    assert episode.values[1, 0] == 802


NOW = datetime(2026, 11, 23, 9, 5, 7)


def good_take(acceleration: tuple[float, float, float] | None = (0.1, -0.25, 0.97)) -> Take:
    made = Take(80)
    for n in range(80):
        values = (801.0 + n % 3, 802.5, 803.0, 804.0, 805.0, -1.5 + 0.01 * n, 2.25, 179.0)
        made.add([FrameRead(5000.5 + 20.0 * n, values, acceleration, n)], 1_760_000_000_000 + 20 * n)
    return made


def test_the_loader_reads_a_saved_episode_back_exactly(tmp_path: Path) -> None:
    path = save(good_take(), tmp_path / "mine", "ㄱ", "2", NOW)
    assert path == tmp_path / "mine" / "ㄱ" / "2" / "episode_20261123_090507_ㄱ_2.csv"
    episode = load_episode(path)
    assert (episode.collection, episode.label, episode.bend) == ("mine", "ㄱ", "2")
    assert not episode.repairs
    assert np.array_equal(episode.t_ms, 20.0 * np.arange(80))
    assert np.array_equal(episode.values, np.array([frame.values for frame in good_take().frames], np.float32))


@pytest.mark.parametrize(
    ("label", "bend"),
    [("thank you", "1"), ("stop_2", "12"), ("up", "slow"), ("[up]", "b.2"), ("물", "1")],
)
def test_a_label_of_any_name_is_read_back_as_it_was_recorded(tmp_path: Path, label: str, bend: str) -> None:
    episode = load_episode(save(good_take(), tmp_path / "mine", label, bend, NOW))
    assert (episode.collection, episode.label, episode.bend) == ("mine", label, bend)
    assert recorded(tmp_path / "mine") == {(label, bend): 1}


def test_the_columns_are_those_of_the_public_recordings(tmp_path: Path, recordings_root: Path) -> None:
    public = next(recordings_root.rglob("*.csv")).read_text(encoding="utf-8").splitlines()[0]
    path = save(good_take(), tmp_path, "ㄱ", "1", NOW)
    assert path.read_text(encoding="utf-8").splitlines()[0] == public == ",".join(COLUMNS)


def test_without_acceleration_its_cells_are_empty(tmp_path: Path) -> None:
    path = save(good_take(None), tmp_path, "ㄱ", "1", NOW)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["accel_z"] for row in rows} == {""}
    assert {row["sampling_hz"] for row in rows} == {"50.0"}
    assert load_episode(path).repairs.total() == 0


def test_two_episodes_of_one_second_have_different_names(tmp_path: Path) -> None:
    assert save(good_take(), tmp_path, "ㄱ", "1", NOW) != save(good_take(), tmp_path, "ㄱ", "1", NOW)
    assert len(list(tmp_path.rglob("*.csv"))) == 2
