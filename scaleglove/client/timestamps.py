"""Device times as the binary message has them: whole milliseconds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MAX_AHEAD_MS: Final = 1.5
"""What a time may be moved by, and twice the half millisecond that rounding does anyhow; a rate at which this does not
suffice has more than one frame a millisecond."""


class WholeMilliseconds:
    """Rounds the times of one stream so that they rise where the times do.

    Two frames of a glove at 1,000 Hz that fall within one millisecond would have the same time else, and the service
    would take the second for one that came late.
    """

    def __init__(self) -> None:
        self._before: tuple[float, int] | None = None

    def round(self, times_ms: Iterable[float]) -> list[float]:
        """The next times."""
        return [float(self._round(t_ms)) for t_ms in times_ms]

    def _round(self, t_ms: float) -> int:
        whole = round(t_ms)
        if self._before is not None:
            before_ms, following = self._before[0], self._before[1] + 1
            if t_ms > before_ms and whole < following <= t_ms + _MAX_AHEAD_MS:
                whole = following
        self._before = t_ms, whole
        return whole
