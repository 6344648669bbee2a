"""Offset and drift of a device's clock against the service's, with their uncertainty. Pure.

A frame of device time t that arrives at host time h bounds the offset between the clocks by h - t, since the delay of
the transport is never negative. The least of these in each second is a sample, and a line through the samples of the
last minute gives offset and drift (the one-way form of Cristian, Probabilistic clock synchronization, 1989). The
shortest delay cannot be measured from one side: by that much the offset is too high.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

_SAMPLE_MS: Final = 1000.0
_SAMPLES: Final = 60
_MIN_FOR_DRIFT: Final = 10
"""Samples needed for a drift; over fewer, the jitter of the delay looks like one."""


@dataclass(frozen=True, slots=True)
class ClockMapping:
    """Relation of the clocks: host time = device time + `offset_ms`, now.

    `drift_ppm` is the growth of the offset (None until known), `uncertainty_ms` the range of the last minute's samples
    without the drift.
    """

    offset_ms: float
    drift_ppm: float | None
    uncertainty_ms: float


class DeviceClock:
    """Estimate of one glove's clock from the arrival times of its frames."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=_SAMPLES)
        self.reset()

    def reset(self) -> None:
        """Forget the samples: the device's clock has restarted."""
        self._samples.clear()
        self._begin_ms = 0.0
        self._least: tuple[float, float] | None = None

    def observe(self, t_ms: float, host_ms: float) -> None:
        """Add a message's newest frame, of device time `t_ms`, which arrived at `host_ms`."""
        offset = host_ms - t_ms
        if self._least is None or host_ms - self._begin_ms >= _SAMPLE_MS:
            if self._least is not None:
                self._samples.append(self._least)
            self._begin_ms, self._least = host_ms, (host_ms, offset)
        elif offset < self._least[1]:
            self._least = (host_ms, offset)

    @property
    def mapping(self) -> ClockMapping | None:
        """The present estimate; None before the first frame."""
        if self._least is None:
            return None
        samples = np.array(self._samples or [self._least])
        host_ms, offset_ms = samples[:, 0] - samples[-1, 0], samples[:, 1]
        if len(samples) < _MIN_FOR_DRIFT:
            return ClockMapping(float(offset_ms.min()), None, float(np.ptp(offset_ms)))
        drift, _ = np.polyfit(host_ms, offset_ms, 1)
        level = offset_ms - drift * host_ms
        return ClockMapping(float(level.min()), float(drift) * 1e6, float(np.ptp(level)))
