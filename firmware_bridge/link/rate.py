"""How many frames a second a glove really sends. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

_OVER_MS: Final = 5000.0
"""Long enough that times in whole milliseconds give the rate to a thousandth, short enough to follow a change."""

_FROM_MS: Final = 500.0
"""Over less than this a rate says more about how bytes are delivered than about the glove."""


class RateEstimate:
    """Frames by the device's clock over the last 5 s; those known to be missing were sent, so they count."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._sent = 0

    def reset(self) -> None:
        """The device's clock began anew."""
        self._seen.clear()

    def observe(self, first_ms: float, t_ms: float, sent: int) -> None:
        """`sent` more frames, the first of device time `first_ms` and the newest of `t_ms`."""
        if not self._seen:
            self._seen.append((first_ms, self._sent + 1))
        self._sent += sent
        self._seen.append((t_ms, self._sent))
        while t_ms - self._seen[0][0] > _OVER_MS:
            self._seen.popleft()

    @property
    def hz(self) -> float | None:
        """Frames per second of the device's clock; None while too few have come."""
        if not self._seen:
            return None
        (first_ms, before), (last_ms, after) = self._seen[0], self._seen[-1]
        if last_ms - first_ms < _FROM_MS:
            return None
        return 1000.0 * (after - before) / (last_ms - first_ms)
