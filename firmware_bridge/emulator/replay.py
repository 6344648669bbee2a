"""Replay of recordings as a glove's readings.

`Replay` is pure: the device clock continues from one recording to the next, with a pause in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from firmware_bridge.emulator.glove_model import Reading
from firmware_bridge.recorder.reader import SUFFIX, Track, read_recording
from scaleglove.recordings import Episode, RecordingError


class Replay:
    """Player of `tracks` in order at their own device times, with pauses of `pause_s` seconds, repeated or once.

    The pause must be longer than `scaleglove.resampling.MAX_GAP_MS`, or the end of one letter runs into the next.
    """

    def __init__(self, tracks: Sequence[Track], *, pause_s: float = 1.0, once: bool = False) -> None:
        self._readings = _play(tracks, pause_s * 1000.0, once)

    def read(self, interval_ms: float) -> Reading | None:
        """Return the next reading, or None after the last; the recording's own interval applies, not `interval_ms`."""
        del interval_ms
        return next(self._readings, None)


def episode_tracks(episodes: Iterable[Episode]) -> list[Track]:
    """Return labelled episodes as tracks; they contain no information about lost frames."""
    return [Track(episode.t_ms, episode.values, np.zeros(len(episode.t_ms), np.int64)) for episode in episodes]


def continuous_tracks(root: Path, on_truncated: Callable[[Path], None]) -> list[Track]:
    """Read the continuous recordings at or below `root`; `on_truncated` is called for each unfinished one.

    Raises:
        RecordingError: a file is not a recording, is damaged or has no frame.
    """
    tracks: list[Track] = []
    for path in [root] if root.suffix == SUFFIX else sorted(root.rglob(f"*{SUFFIX}")):
        recording = read_recording(path)
        tracks += (found := recording.tracks())
        if any(np.isnan(track.values).any() for track in found):
            raise RecordingError(
                f"{path}: its glove lacks sensors, and an emulated glove has all", code="channel_missing"
            )
        if not recording.finished or recording.is_damaged:
            on_truncated(path)
    return tracks


def _play(tracks: Sequence[Track], pause_ms: float, once: bool) -> Iterator[Reading]:
    clock_ms = 0.0
    while True:
        for track in tracks:
            for t_ms, values, missing in zip(track.t_ms, track.values, track.missing, strict=True):
                yield Reading(clock_ms + float(t_ms), values, int(missing))
            clock_ms += float(track.t_ms[-1]) + pause_ms
        if once or not tracks:
            return
