"""A continuous recording by the real bridge, and the answers to its replay."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.recorder.reader import read_recording
from firmware_bridge.recorder.schemas import FRAMES, PREDICTIONS
from tests.deadlines import RUN_S, wait_until
from tests.end_to_end.conftest import Part


def frames_in(path: Path) -> int:
    return len(read_recording(path).of(FRAMES)) if path.exists() and path.stat().st_size else 0


def wait_for_frames(path: Path, count: int) -> None:
    wait_until(lambda: frames_in(path) >= count, RUN_S)


def recorded(start: Callable[..., Part], service_url: str, path: Path, *glove: str, frames: int) -> None:
    """Record an emulated glove until `frames` frames are on the disk.

    A pseudo-terminal holds 4 KiB, and the emulator loses what does not fit: at the speeds here that is a second.
    """
    emulator = start("emulate", "--wait", *glove)
    bridge = start("bridge", "--port", emulator.line(), "--url", service_url, "--record", str(path))
    wait_for_frames(path, frames)
    status, errors = bridge.stop(signal.SIGINT)
    assert status == 0, errors
    emulator.stop()


def predictions(path: Path) -> dict[float, dict[str, Any]]:
    """Return the predictions by device time since the first frame of the recording, in ms."""
    recording = read_recording(path)
    begin_ms = round(recording.of(FRAMES)[0]["t_ms"])
    return {round(prediction["t_ms"] - begin_ms): prediction for prediction in recording.of(PREDICTIONS)}


@pytest.mark.parametrize(("wire_format", "speed"), [("text", "1"), ("binary", "2")])
def test_what_a_replay_is_answered_is_what_was_recorded(
    start: Callable[..., Part], service_url: str, tmp_path: Path, wire_format: str, speed: str
) -> None:
    first, again = tmp_path / "first.mcap", tmp_path / "again.mcap"
    recorded(start, service_url, first, "--format", wire_format, frames=200)
    assert read_recording(first).finished
    count = len(read_recording(first).of(FRAMES))
    replay = ("--replay", str(first), "--speed", speed, "--format", wire_format, "--pause-s", "60")
    recorded(start, service_url, again, *replay, frames=count)

    before, after = predictions(first), predictions(again)
    common = before.keys() & after.keys()
    assert len(common) >= 0.9 * len(before) >= 27
    for t_ms in common:
        one, other = before[t_ms], after[t_ms]
        assert (one["label"], one["state"]) == (other["label"], other["state"])
        if one["label"] is not None:
            assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-5)
            assert one["scale_importance"] == pytest.approx(other["scale_importance"], abs=1e-4)


def test_what_was_recorded_before_a_crash_is_read_and_played(
    start: Callable[..., Part], service_url: str, tmp_path: Path
) -> None:
    path, again = tmp_path / "crashed.mcap", tmp_path / "again.mcap"
    emulator = start("emulate")
    bridge = start("bridge", "--port", emulator.line(), "--url", service_url, "--record", str(path))
    wait_for_frames(path, 200)
    bridge.stop(signal.SIGKILL)
    emulator.stop()
    recording = read_recording(path)
    assert not recording.finished
    (track,) = recording.tracks()
    assert len(track.t_ms) >= 200
    recorded(
        start, service_url, again, "--replay", str(path), "--speed", "2", "--format", "binary", frames=len(track.t_ms)
    )
    assert (read_recording(again).tracks()[0].values[: len(track.t_ms)] == track.values).all()


def test_a_recording_that_fails_is_reported_and_the_bridge_continues(
    start: Callable[..., Part], service_url: str, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.mcap"
    taken.touch()
    status, errors = start("bridge", "--port", "/dev/null", "--url", service_url, "--record", str(taken)).stop(0)
    assert status == 1
    assert "exists already: choose another name, or remove it" in errors
