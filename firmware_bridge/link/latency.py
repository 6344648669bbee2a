"""Recognition of frames that a driver collects before it passes them on. Pure: time is an argument."""

from __future__ import annotations

from typing import Final

_READS: Final = 100
"""Reads that are judged, once: a second and a half of a latency timer of 16 ms."""

_MIN_GAP_S: Final = 0.008
"""Mean time between reads from which on the driver is the cause: the link itself collects for 2 ms."""

_GROUPED_SHARE: Final = 0.3
"""Share of the reads with more than one frame. A glove slower than the timer has none, and loses nothing by it."""


class GroupedFrames:
    """Judge of the first reads of an open port."""

    def __init__(self) -> None:
        self._begun_s: float | None = None
        self._reads = 0
        self._grouped = 0

    def observe(self, frames: int, now_s: float) -> bool:
        """Add a read with this number of frames, and return True once if they come in groups."""
        if frames == 0 or self._reads > _READS:
            return False
        if self._begun_s is None:
            self._begun_s = now_s
        self._reads += 1
        self._grouped += frames > 1
        if self._reads <= _READS:
            return False
        mean_gap_s = (now_s - self._begun_s) / _READS
        return mean_gap_s >= _MIN_GAP_S and self._grouped >= _GROUPED_SHARE * _READS
