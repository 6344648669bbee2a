"""The window of one stream that C fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from scaleglove.resampling import MAX_GAP_MS
from service.streams.native import structures
from service.streams.window import RATE_INTERVALS, DueWindow, samples_in

_SPARE: Final = 3
"""Samples that one frame may complete beyond those of the longest time without a gap: rounding at both ends."""

_U32: Final = 2**32


class NativeWindow:
    """The same as `StreamWindow`, whose arguments it has.

    Args:
        intake: the structure in which C keeps the window.
        reset: discards it.
    """

    def __init__(
        self,
        intake: structures.Intake,
        reset: Callable[[], None],
        contract: ModelContract,
        sample_rate_hz: float | None,
        hop_ms: float,
    ) -> None:
        self._state: structures.Window = intake.window
        self.reset = reset
        self._size, self._hop = contract.window_frames, samples_in(hop_ms, contract.sample_rate_hz)
        most_drawn = int(MAX_GAP_MS * contract.sample_rate_hz / 1000) + _SPARE
        # Space for two windows: the newest samples are always contiguous, and move to the front when it is full.
        self._samples = np.zeros((2 * self._size + most_drawn, len(CHANNELS)), np.float32)
        self._state.samples = self._samples.ctypes.data
        self._state.capacity, self._state.most_drawn = len(self._samples), most_drawn
        self._state.size, self._state.hop = self._size, self._hop
        is_resampled = sample_rate_hz != contract.sample_rate_hz
        intake.timeline.period_ms = 1000.0 / contract.sample_rate_hz if is_resampled else 0.0

    @property
    def newest_ms(self) -> float:
        """Device time of the newest frame; a reset does not change it."""
        return self._state.newest_ms

    @property
    def frames(self) -> int:
        return self._state.frames

    @property
    def late_frames(self) -> int:
        return self._state.late_frames

    @property
    def duplicate_frames(self) -> int:
        return self._state.duplicate_frames

    @property
    def missing_frames(self) -> int:
        return self._state.missing_frames

    @property
    def rate_hz(self) -> float | None:
        """The frame rate by device time; None until known."""
        return 1000.0 / self._state.interval_ms if self._state.intervals >= RATE_INTERVALS else None

    @property
    def window(self) -> NDArray[np.float32]:
        """A copy of the samples in the window, float32[n, 8], oldest first."""
        return self._until(0)[0]

    def finish(self) -> list[DueWindow]:
        """Return the present window, if samples have arrived since it was last due."""
        due = self.newest()
        return [] if due is None or self._state.count % self._hop == 0 else [due]

    def newest(self) -> DueWindow | None:
        """Return the present window, due or not; None before the first frame."""
        state = self._state
        if not state.has_next:
            return None
        frames, gap = self._until(0)
        return DueWindow((state.next_seq - 1) % _U32, state.newest_ms, frames, gap)

    def due(self, seq: int, t_ms: float, count: int) -> list[DueWindow]:
        """Return the last `count` windows that fell due, all at frame `seq`."""
        since = self._state.count % self._hop
        behind = range(since + (count - 1) * self._hop, since - 1, -self._hop)
        return [DueWindow(seq, t_ms, *self._until(samples)) for samples in behind]

    def _until(self, behind: int) -> tuple[NDArray[np.float32], bool]:
        """Return the window as it was `behind` samples ago, and whether frames are missing inside it."""
        state = self._state
        count, end = state.count - behind, state.end - behind
        length = min(self._size, count)
        return self._samples[end - length : end].copy(), count - length < state.gap_end
