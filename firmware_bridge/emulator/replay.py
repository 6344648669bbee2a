"""Recordings as a glove's readings, one after the other.

Pure once the files are read: the device clock runs on from one to the next, with a silence in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from firmware_bridge.emulator.glove_model import Reading
from firmware_bridge.recorder.reader import Track
from scaleglove.recordings import Episode


class Replay:
    """Plays `tracks` in order at their own device times, `pause_s` of silence between them, over and over or once.

    The silence must be longer than `scaleglove.resampling.MAX_GAP_MS`, or the end of one letter runs into the next.
    """

    def __init__(self, tracks: Sequence[Track], *, pause_s: float = 1.0, once: bool = False) -> None:
        self._readings = _play(tracks, pause_s * 1000.0, once)

    def read(self, interval_ms: float) -> Reading | None:
        """The next reading, None after the last; the interval is the recording's own, whatever `interval_ms` says."""
        del interval_ms
        return next(self._readings, None)


def track_of(episode: Episode) -> Track:
    """A labelled episode as a track; it does not know of lost frames."""
    return Track(episode.t_ms, episode.values, np.zeros(len(episode.t_ms), np.int64))


def _play(tracks: Sequence[Track], pause_ms: float, once: bool) -> Iterator[Reading]:
    clock_ms = 0.0
    while True:
        for track in tracks:
            for t_ms, values, missing in zip(track.t_ms, track.values, track.missing, strict=True):
                yield Reading(clock_ms + float(t_ms), values, int(missing))
            clock_ms += float(track.t_ms[-1]) + pause_ms
        if once or not tracks:
            return
