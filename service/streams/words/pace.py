"""How long a hand holds its letters, which tells a rest from a letter. Pure."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

SHORTEST_MS: Final = 400.0
"""Holds shorter are as often halts within a movement as letters."""
LONGEST_MS: Final = 1700.0
"""Holds longer are rests, of a hand that signs fast: of one that is not known, no shape tells a rest from a letter.
Chosen on the streams of docs/reports/words.md, where letters are held for up to 1.5 s and the hand rests for longer."""
_FIRST_MS: Final = 2500.0
"""The same of a hand whose pace is not known yet."""
_FACTOR: Final = 1.5
"""Of a hand that signs slowly a letter lasts up to this many times as long as its usual hold."""
_LEAST_HOLDS: Final = 4
_NEWEST: Final = 24


class Pace:
    """The usual length of the holds of one stream: the median of the newest, most of which are letters."""

    def __init__(self) -> None:
        self._lasted_ms: deque[float] = deque(maxlen=_NEWEST)

    def see(self, lasted_ms: float) -> None:
        """Take the length of a hold that has ended; one that is shorter than a letter counts for nothing."""
        if lasted_ms >= SHORTEST_MS:
            self._lasted_ms.append(lasted_ms)

    @property
    def is_known(self) -> bool:
        """Whether enough holds have shown how long this hand holds its letters."""
        return len(self._lasted_ms) >= _LEAST_HOLDS

    @property
    def longest_ms(self) -> float:
        """How long a letter lasts at most."""
        if not self.is_known:
            return _FIRST_MS
        return max(LONGEST_MS, _FACTOR * median(self._lasted_ms))
