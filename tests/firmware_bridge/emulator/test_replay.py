"""Recordings played as a glove: the lines give back exactly what the files hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import FrameRead
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.replay import Replay, episode_tracks
from firmware_bridge.recorder.reader import Track
from scaleglove.recordings import Episode, load_folder
from scaleglove.resampling import MAX_GAP_MS


def decoded(episodes: list[Episode]) -> list[FrameRead]:
    device, decoder = Device(Replay(episode_tracks(episodes), once=True)), GloveDecoder()
    events = decoder.feed(device.greeting())
    while (line := device.next_message()) is not None:
        events += decoder.feed(line[1])
    assert decoder.counts.damaged.total() == 0
    return [event for event in events if isinstance(event, FrameRead)]


def test_the_lines_of_a_replay_read_back_as_the_exact_values_of_the_files(recordings_root: Path) -> None:
    episodes, _ = load_folder(recordings_root / "collection_a" / "ㅜ" / "3")
    frames = decoded(episodes)
    values = np.array([frame.values for frame in frames], np.float32)
    assert np.array_equal(values, np.concatenate([episode.values for episode in episodes]))
    times = np.array([frame.t_ms for frame in frames])
    splits = np.cumsum([len(episode.t_ms) for episode in episodes])[:-1]
    for played, episode in zip(np.split(times, splits), episodes, strict=True):
        assert np.array_equal(played - played[0], episode.t_ms)


def test_the_device_clock_runs_on_with_a_silence_between_episodes() -> None:
    episode = Episode(Path(), "", "", "", np.array([0.0, 20.0]), np.zeros((2, 8), np.float32), Counter())
    replay = Replay(episode_tracks([episode] * 2))
    readings = [replay.read(20.0) for _ in range(6)]
    assert [reading.t_ms for reading in readings if reading] == [0, 20, 1020, 1040, 2040, 2060]
    assert MAX_GAP_MS < 1000.0


def test_frames_that_were_lost_are_lost_again() -> None:
    track = Track(np.array([0.0, 20.0, 100.0]), np.zeros((3, 8), np.float32), np.array([0, 0, 3]))
    device, decoder = Device(Replay([track], once=True), format_name="binary"), GloveDecoder()
    events = decoder.feed(device.greeting())
    while (message := device.next_message()) is not None:
        events += decoder.feed(message[1])
    assert [event.seq for event in events if isinstance(event, FrameRead)] == [0, 1, 5]
    assert decoder.counts.missing_by_sequence == 3


@given(arrays(np.float32, 8, elements=st.floats(-1e6, 1e6, width=32)))
def test_any_float32_survives_its_line(values: np.ndarray) -> None:
    episode = Episode(Path(), "", "", "", np.zeros(1), values[None], Counter())
    (frame,) = decoded([episode])
    assert np.array_equal(np.array(frame.values, np.float32), values)
