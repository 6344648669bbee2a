"""How much one token may ask for: windows a second and streams at once. Pure: time is an argument."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from service.problems import ProblemError


class Bucket:
    """A token bucket: at any time at most `rate` a second, after a rest what one second gives at once (at least 1)."""

    def __init__(self, rate: float) -> None:
        self.burst = max(rate, 1.0)
        self._rate = rate
        self._level = self.burst
        self._at_s = -math.inf

    def take(self, amount: int, now_s: float) -> float:
        """Take `amount` and return 0, or take nothing and return the seconds until it can be had (inf: never)."""
        if amount > self.burst:
            return math.inf
        if now_s > self._at_s:
            self._level = min(self.burst, self._level + self._rate * (now_s - self._at_s))
            self._at_s = now_s
        if amount > self._level:
            return (amount - self._level) / self._rate
        self._level -= amount
        return 0.0


class Quota:
    """What one holder may still ask for in this process; None: without limit. `holder` is how its errors call it."""

    def __init__(self, holder: str, rate: float | None = None, streams: int | None = None) -> None:
        self._holder = holder
        self._bucket = None if rate is None else Bucket(rate)
        self._rate = rate
        self._max_streams = streams
        self._streams = 0

    def spend(self, windows: int, now_s: float) -> None:
        """Ask for `windows` answers at `now_s`, a monotonic clock's seconds.

        Raises:
            ProblemError: 429 `rate_limited`; 413 `too_many_windows` where waiting would not help.
        """
        if self._bucket is None:
            return
        wait_s = self._bucket.take(windows, now_s)
        if wait_s == 0:
            return
        allowed = f"{self._holder} may have {self._rate:g} windows a second"
        if math.isinf(wait_s):
            detail = f"{windows} windows at once are too many: {allowed}; send fewer in one request"
            raise ProblemError(413, "too_many_windows", detail, "windows")
        headers = {"Retry-After": str(math.ceil(wait_s))}
        raise ProblemError(429, "rate_limited", f"{allowed}; the next in {wait_s:.3g} s", headers=headers)

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Hold one of the streams while the block runs.

        Raises:
            ProblemError: 429 `too_many_streams`.
        """
        if self._streams == self._max_streams:
            detail = f"{self._holder} has {self._streams} streams open already, which is its limit"
            raise ProblemError(429, "too_many_streams", detail)
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1
