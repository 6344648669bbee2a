"""Recorded episodes as a glove's readings, one after the other.

Pure once the files are read: the device clock runs on from episode to episode, with a silence in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firmware_bridge.emulated.glove_model import Reading
from models.recordings import Episode


class Replay:
    """Plays `episodes` in order at their own device times, `pause_s` of silence between them, over and over or once.

    The silence must be longer than `models.timeline.MAX_HOLE_MS`, or the end of one letter runs into the next.
    """

    def __init__(self, episodes: Sequence[Episode], *, pause_s: float = 1.0, once: bool = False) -> None:
        self._readings = _play(episodes, pause_s * 1000.0, once)

    def read(self, interval_ms: float) -> Reading | None:
        """The next reading, None after the last; the interval is the recording's own, whatever `interval_ms` says."""
        del interval_ms
        return next(self._readings, None)


def _play(episodes: Sequence[Episode], pause_ms: float, once: bool) -> Iterator[Reading]:
    clock_ms = 0.0
    while True:
        for episode in episodes:
            for t_ms, values in zip(episode.t_ms, episode.values, strict=True):
                yield Reading(clock_ms + float(t_ms), values)
            clock_ms += float(episode.t_ms[-1]) + pause_ms
        if once or not episodes:
            return
