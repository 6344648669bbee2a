"""Where a device's clock stands against the service's, and how sure that is. Pure.

A frame of device time t that arrives at host time h shows that the clocks lie at most h - t apart: whatever the way
adds, it only adds. So the least of these over a second is a witness, and a line through the last minute's witnesses
tells offset and drift (the one-way form of Cristian, Probabilistic clock synchronization, 1989). How long the quickest
way takes cannot be known from one side: by that much the offset lies too high.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

_WITNESS_MS: Final = 1000.0
_WITNESSES: Final = 60
_FOR_DRIFT: Final = 10
"""Seconds seen before a drift is told; over less, the way's own wavering looks like one."""


@dataclass(frozen=True, slots=True)
class ClockMapping:
    """host time = device time + `offset_ms`, now; `drift_ppm` is how fast the offset grows (null until known).

    `uncertainty_ms`: how far the witnesses of the last minute lie apart, once the drift is taken out.
    """

    offset_ms: float
    drift_ppm: float | None
    uncertainty_ms: float


class DeviceClock:
    """Watches one glove's frames come in."""

    def __init__(self) -> None:
        self._witnesses: deque[tuple[float, float]] = deque(maxlen=_WITNESSES)
        self.reset()

    def reset(self) -> None:
        """The device's clock began anew."""
        self._witnesses.clear()
        self._begin_ms = 0.0
        self._least: tuple[float, float] | None = None

    def observe(self, t_ms: float, host_ms: float) -> None:
        """The newest frame of a message, of device time `t_ms`, arrived at `host_ms`."""
        offset = host_ms - t_ms
        if self._least is None or host_ms - self._begin_ms >= _WITNESS_MS:
            if self._least is not None:
                self._witnesses.append(self._least)
            self._begin_ms, self._least = host_ms, (host_ms, offset)
        elif offset < self._least[1]:
            self._least = (host_ms, offset)

    @property
    def mapping(self) -> ClockMapping | None:
        """What is known now; None before the first frame."""
        if self._least is None:
            return None
        witnesses = np.array(self._witnesses or [self._least])
        host_ms, offset_ms = witnesses[:, 0] - witnesses[-1, 0], witnesses[:, 1]
        if len(witnesses) < _FOR_DRIFT:
            return ClockMapping(float(offset_ms.min()), None, float(np.ptp(offset_ms)))
        drift, _ = np.polyfit(host_ms, offset_ms, 1)
        level = offset_ms - drift * host_ms
        return ClockMapping(float(level.min()), float(drift) * 1e6, float(np.ptp(level)))
