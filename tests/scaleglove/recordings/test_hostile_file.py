"""Files that somebody made to do harm, or that a disk has damaged: an episode in bounds or one sentence with a code."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaleglove.recordings import RecordingError, load_episodes
from scaleglove.recordings.clock import MAX_SPAN_MS
from scaleglove.recordings.file import MAX_FILE_BYTES
from scaleglove.resampling import resample

HEADER = "timestamp_ms,recv_timestamp_ms,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n"
READINGS = "0,0,0,500,500,500,500,500\n"
FRAMES = 40


def table(times: Sequence[object], received: Sequence[object] | None = None, readings: str = READINGS) -> bytes:
    rows = zip(times, received or [""] * len(times), strict=True)
    return (HEADER + "".join(f"{time},{other},{readings}" for time, other in rows)).encode()


def read(path: Path, data: bytes) -> str:
    """Read the bytes as a recording and put it on a model's grid; return the code of the refusal, if any."""
    path.write_bytes(data)
    try:
        (episode,) = load_episodes(path)
    except RecordingError as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        text = str(refusal)
        assert text.startswith(f"{path}: ")
        assert len(text.splitlines()) == 1
        assert len(text) < 1000
        return refusal.code
    assert 0 <= episode.t_ms[0] <= episode.t_ms[-1] <= MAX_SPAN_MS
    assert len(resample(episode.t_ms, episode.values, 50)) <= 250 * len(episode.t_ms)
    return ""


EVEN = list(range(0, 20 * FRAMES, 20))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (table([0, "1e300"]), ""),  # what is no time is left out
        (table([0, "1e19"]), "no_clock"),
        (table([*EVEN, "1e19"]), "no_clock"),
        (table([0] * FRAMES, [*EVEN[1:], "1e300"]), "no_clock"),
        (table([0] * FRAMES, [*EVEN[1:], "1e19"]), "no_clock"),
        (table(["nan"] * FRAMES), "no_time"),
        (table([-time for time in EVEN]), "no_clock"),
        (table(EVEN, readings="inf,0,0,1,1,1,1,1\n"), "no_numbers"),
        (table(EVEN, readings="1e308,1e308,0,1,1,1,1,1\n"), "no_numbers"),
        (b"flex1," * 30_000, "no_header"),
        (b"flex" * 50_000, "no_header"),
        (HEADER.encode() + b"1," * 300_000, "no_numbers"),
        (HEADER.encode() + b'"' + b"1," * 100_000, "quotes"),
        (HEADER.replace("pitch", "pitch (rad)").encode() + f"0,,1e308,{READINGS[2:]}".encode(), "no_numbers"),
    ],
)
def test_what_it_holds_is_read_in_bounds_or_refused(tmp_path: Path, data: bytes, code: str) -> None:
    assert read(tmp_path / "a.csv", data) == code


_time = st.one_of(st.floats(), st.integers(-(2**70), 2**70), st.sampled_from(["", "nan", "inf", "1e300", "1e19", "-0"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_time, _time), min_size=1, max_size=30))
def test_any_times_end(tmp_path: Path, times: list[tuple[object, object]]) -> None:
    read(tmp_path / "a.csv", table(*zip(*times, strict=True)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([b"", HEADER.encode(), table(EVEN)]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, noise: bytes, before: bytes) -> None:
    read(tmp_path / "a.csv", before + noise)


def archive(path: Path, **changes: np.ndarray) -> bytes:
    shape = (1, 1, FRAMES)
    quaternion = np.zeros((*shape, 4), np.int16)
    quaternion[..., 0] = 16384
    arrays = {
        "signs": np.array(["ㄱ"]),
        "t_ms": np.broadcast_to(np.arange(FRAMES) * 10.0, shape),
        "flex": np.full((*shape, 5), 5000, np.int16),
        "quaternion": quaternion,
    }
    np.savez_compressed(path, **(arrays | changes))
    return path.read_bytes()


@pytest.mark.parametrize("last", [1e19, 1e300, np.inf])
def test_times_of_an_archive_are_bounded(tmp_path: Path, last: float) -> None:
    times = np.arange(FRAMES).reshape(1, 1, FRAMES) * 10.0
    times[..., -1] = last
    assert read(tmp_path / "a.npz", archive(tmp_path / "b.npz", t_ms=times)) == ("" if np.isinf(last) else "no_clock")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 2**20), st.integers(0, 7))
def test_a_turned_bit_of_an_archive_is_refused_or_harmless(tmp_path: Path, place: int, bit: int) -> None:
    data = bytearray(archive(tmp_path / "b.npz"))
    data[place % len(data)] ^= 1 << bit
    read(tmp_path / "a.npz", bytes(data))


def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaleglove.recordings.archive._MOST_BYTES", 500)
    assert read(tmp_path / "a.npz", archive(tmp_path / "b.npz")) == "damaged"


def test_one_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert read(tmp_path / "a.npz", (tmp_path / "a.npy").read_bytes()) == "damaged"


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
@pytest.mark.parametrize(
    ("make", "code"), [(os.mkfifo, "unreadable"), (endless, "unreadable"), (Path.mkdir, "unreadable"), (huge, "")]
)
def test_what_is_no_file_of_a_recording_is_refused(
    tmp_path: Path, suffix: str, make: Callable[[Path], None], code: str
) -> None:
    path = tmp_path / f"a{suffix}"
    make(path)
    with pytest.raises(RecordingError) as raised:
        load_episodes(path)
    assert raised.value.code == (code or {".csv": "too_large", ".npz": "damaged"}[suffix])
