"""Quotas of a token: a rate limit for windows and a limit of concurrent streams. Pure: time is an argument."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from service.problems import ProblemError


class TokenBucket:
    """Rate limiter: `rate` per second on average, with a burst of one second's worth (at least 1)."""

    def __init__(self, rate: float) -> None:
        self.burst = max(rate, 1.0)
        self._rate = rate
        self._level = self.burst
        self._at_s = -math.inf

    def take(self, amount: int, now_s: float) -> float:
        """Take `amount` and return 0, or take nothing and return the seconds to wait (inf: more than the burst)."""
        if amount > self.burst:
            return math.inf
        if now_s > self._at_s:
            self._level = min(self.burst, self._level + self._rate * (now_s - self._at_s))
            self._at_s = now_s
        if amount > self._level:
            return (amount - self._level) / self._rate
        self._level -= amount
        return 0.0

    def owe(self, amount: int, now_s: float) -> None:
        """Take `amount` even if there is less: nothing more is given until the time has paid for it."""
        self.take(0, now_s)
        self._level -= amount


class Quota:
    """Rate limit and stream limit of one holder in this process; None: unlimited. `holder` names it in errors."""

    def __init__(self, holder: str, rate: float | None = None, streams: int | None = None) -> None:
        self._holder = holder
        self._bucket = None if rate is None else TokenBucket(rate)
        # Apart from the windows: a file that is imported must not end the streams of the same token.
        self._bodies = None if rate is None else TokenBucket(rate)
        self._rate = rate
        self._max_streams = streams
        self._streams = 0

    def spend(self, windows: int, now_s: float) -> None:
        """Take `windows` from the rate limit at `now_s`, in seconds of a monotonic clock.

        Raises:
            ProblemError: 429 `rate_limited`; 413 `too_many_windows` for more windows than the limit ever admits.
        """
        if self._bucket is not None and (wait_s := self._bucket.take(windows, now_s)):
            self._refuse(windows, wait_s)

    def charge_body(self, windows: int, now_s: float) -> None:
        """Charge a body that was received, as this number of windows, to a rate of its own."""
        if self._bodies is not None:
            self._bodies.owe(windows, now_s)

    def admit_body(self, now_s: float) -> None:
        """Refuse a body, whose size is not known yet, until the time has paid for those before.

        Raises:
            ProblemError: 429 `rate_limited`.
        """
        if self._bodies is not None and (wait_s := self._bodies.take(0, now_s)):
            self._refuse(0, wait_s)

    def _refuse(self, windows: int, wait_s: float) -> NoReturn:
        limit = f"the rate limit of {self._holder} is {self._rate:g} windows per second"
        if math.isinf(wait_s):
            detail = f"windows: {windows} are too many, {limit}; send fewer in one request"
            raise ProblemError(413, "too_many_windows", detail, "windows")
        headers = {"Retry-After": str(math.ceil(wait_s))}
        raise ProblemError(429, "rate_limited", f"{limit}; retry in {wait_s:.3g} s", headers=headers)

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Count one stream while the block runs.

        Raises:
            ProblemError: 429 `too_many_streams`.
        """
        if self._streams == self._max_streams:
            detail = f"the quota of {self._holder} is {self._streams} concurrent streams; close one first"
            raise ProblemError(429, "too_many_streams", detail)
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1
