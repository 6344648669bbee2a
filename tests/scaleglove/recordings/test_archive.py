"""Archives of one person's signs: what is read of them, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from scaleglove.recordings import RecordingError, Repair, find_recordings, load_episodes, load_folder
from scaleglove.recordings.quaternion import angles_of

SIGNS = ("a", "thank you", "ㄱ")
REPETITIONS, FRAMES = 2, 150


def contents(**changed: Any) -> dict[str, NDArray[Any]]:
    shape = (len(SIGNS), REPETITIONS, FRAMES)
    flex = np.arange(np.prod(shape) * 5).reshape(*shape, 5) % 1000 - 500
    return {
        "signs": np.array(SIGNS),
        "t_ms": np.broadcast_to(np.arange(FRAMES, dtype=np.int16) * 10, shape),
        "flex": flex.astype(np.int16),
        "quaternion": np.broadcast_to(np.array([16384, 0, 0, 0], np.int16), (*shape, 4)),
        "gyro": np.zeros((*shape, 3), np.int16),
    } | changed


def write(folder: Path, name: str = "person_007.npz", **changed: Any) -> Path:
    path = folder / name
    with path.open("wb") as file:  # given a name, numpy adds a suffix
        np.savez_compressed(file, **contents(**changed))
    return path


def test_each_repetition_of_each_sign_is_an_episode_of_the_person(tmp_path: Path) -> None:
    path = write(tmp_path)
    episodes = load_episodes(path)
    told = [(one.label, one.repetition, one.collection, one.bend) for one in episodes]
    assert told == [(sign, repetition, "007", "") for sign in SIGNS for repetition in range(1, REPETITIONS + 1)]
    last = episodes[-1]
    assert last.path == path
    assert np.array_equal(last.values[:, :5], (contents()["flex"][2, 1] * 0.1).astype(np.float32))
    assert (last.t_ms == np.arange(FRAMES) * 10).all()
    assert (last.values[:, 5:] == 0).all()


def test_a_file_of_another_name_is_a_collection_of_its_own(tmp_path: Path) -> None:
    assert {one.collection for one in load_episodes(write(tmp_path, "mine.NPZ"))} == {"mine"}


def test_archives_are_found_beside_tables(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "notes.txt").write_text("no recording")
    assert find_recordings(tmp_path) == [path]
    episodes, report = load_folder(tmp_path)
    assert report.episodes == {"007": len(episodes)} == {"007": len(SIGNS) * REPETITIONS}
    assert report.repairs[Repair("repetitions")] == len(episodes)


@given(
    arrays.arrays(np.float64, (4,), elements=st.floats(-1, 1)).filter(lambda q: np.linalg.norm(q) > 0.1),
)
def test_the_angles_turn_gravity_as_the_quaternion_does(quaternion: NDArray[np.float64]) -> None:
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    pitch, roll, _ = np.deg2rad(angles_of(quaternion[np.newaxis])[0])
    down = [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z]
    of_angles = [-np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)]
    assert np.allclose(of_angles, down, atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_a_frame_without_plausible_numbers_is_left_out_and_counted(tmp_path: Path, bad: float) -> None:
    flex = contents()["flex"].astype(np.float64)
    flex[0, 0, 3, 2] = bad
    quaternion = contents()["quaternion"].copy()
    quaternion[0, 0, 5] = 0
    first = load_episodes(write(tmp_path, flex=flex, quaternion=quaternion))[0]
    assert len(first.values) == FRAMES - 2
    assert first.repairs[Repair("line_left_out")] == 2
    assert (np.diff(first.t_ms) > 0).all()


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        ({"flex": np.zeros((3, 2, 150, 4))}, "damaged", "flex"),
        ({"t_ms": np.zeros((2, 2, 150))}, "damaged", "t_ms"),
        ({"quaternion": np.zeros((3, 2, 150, 4))}, "no_numbers", None),
        ({"t_ms": np.zeros((3, 2, 150))}, "no_clock", None),
        ({"flex": np.full((3, 2, 150, 5), "x")}, "damaged", "flex"),
        ({"flex": np.zeros((3, 2, 0, 5)), "t_ms": np.zeros((3, 2, 0))}, "damaged", "t_ms"),
    ],
)
def test_an_archive_that_is_not_one_of_signs_is_refused(
    tmp_path: Path, changed: dict[str, Any], code: str, column: str | None
) -> None:
    path = write(tmp_path, **changed)
    with pytest.raises(RecordingError, match=r"person_007\.npz") as refusal:
        load_episodes(path)
    assert (refusal.value.code, refusal.value.column) == (code, column)


def test_an_array_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, signs=np.array(SIGNS), t_ms=np.zeros((3, 2, 150)))
    with pytest.raises(RecordingError, match="an archive of signs has flex") as refusal:
        load_episodes(path)
    assert (refusal.value.code, refusal.value.column) == ("no_channel", "flex")


def test_other_bytes_and_pickled_objects_are_refused(tmp_path: Path) -> None:
    for name, content in (("empty.npz", b""), ("text.npz", b"flex1,flex2"), ("zip.npz", b"PK\x03\x04 cut short")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(RecordingError, match=name) as refusal:
            load_episodes(tmp_path / name)
        assert refusal.value.code == "damaged"
    objects = np.empty((3, 2, 150, 5), object)
    with pytest.raises(RecordingError, match="not an archive of arrays"):
        load_episodes(write(tmp_path, flex=objects))
    with pytest.raises(RecordingError) as refusal:
        load_episodes(tmp_path / "nowhere.npz")
    assert refusal.value.code == "unreadable"
