"""Metrics that are counted in plain attributes, and added to their Prometheus metrics when these are collected.

To count in a Prometheus metric takes a lock, and with several workers a write to a shared file: for a prediction, which
counts in five, some ten microseconds. Here it is an addition. What is flushed is what was counted since the last flush,
so that the totals are exact; they are those of the moment of the flush.

One thread counts (the event loop's), any thread flushes.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final, Generic, Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric


class Buffered(Protocol):
    """A metric with counts that are not in Prometheus's yet."""

    def flush(self) -> None:
        """Add what was counted since the last flush; no two flushes may overlap."""


class BufferedCounter:
    """A counter, or the child of one for some values of its labels."""

    __slots__ = ("_counter", "_flushed", "_total")

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._total: float = 0
        self._flushed: float = 0

    def inc(self, amount: float = 1) -> None:
        """Count `amount`, which is not negative."""
        self._total += amount

    def flush(self) -> None:
        total = self._total
        if total != self._flushed:
            self._counter.inc(total - self._flushed)
            self._flushed = total


class AddableHistogram(Histogram):
    """A Prometheus histogram to which many observations are added at once."""

    @property
    def bounds(self) -> Sequence[float]:
        """The upper bounds of the buckets; the last is infinite."""
        return self._upper_bounds

    def add(self, counts: Sequence[int], total: float) -> None:
        """Add observations: their number in each bucket, and the sum of their values."""
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)
        self._sum.inc(total)


class BufferedHistogram:
    """A histogram, or the child of one for some values of its labels."""

    __slots__ = ("_bounds", "_counts", "_flushed", "_flushed_sum", "_histogram", "_sum")

    def __init__(self, histogram: AddableHistogram) -> None:
        self._histogram = histogram
        self._bounds = histogram.bounds
        self._counts = [0] * len(self._bounds)
        self._flushed = [0] * len(self._bounds)
        self._sum = self._flushed_sum = 0.0

    def observe(self, value: float) -> None:
        """Count an observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def flush(self) -> None:
        counts, total = self._counts.copy(), self._sum
        if counts != self._flushed or total != self._flushed_sum:  # a flush may fall between the two of `observe`
            more = [count - flushed for count, flushed in zip(counts, self._flushed, strict=True)]
            self._histogram.add(more, total - self._flushed_sum)
            self._flushed, self._flushed_sum = counts, total


_Child = TypeVar("_Child", BufferedCounter, BufferedHistogram)


class BufferedFamily(Generic[_Child]):
    """A metric with labels; each combination of their values is made when it is first asked for."""

    def __init__(self, make: Callable[..., _Child]) -> None:
        self.labels: Final[Callable[..., _Child]] = cache(make)
        """Return the child for these values of the labels, in the order of their names."""


class BufferedRegistry(CollectorRegistry):
    """A registry that flushes its buffered metrics before it is collected."""

    def __init__(self) -> None:
        super().__init__()
        self._buffered: list[Buffered] = []
        self._lock_of_flush = threading.Lock()

    def counter(self, counter: Counter) -> BufferedCounter:
        """Return a counter of this registry, buffered."""
        return self._keep(BufferedCounter(counter))

    def counters(self, counter: Counter) -> BufferedFamily[BufferedCounter]:
        """Return a counter of this registry that has labels, buffered."""
        return BufferedFamily(lambda *values: self.counter(counter.labels(*values)))

    def histogram(self, histogram: AddableHistogram) -> BufferedHistogram:
        """Return a histogram of this registry, buffered."""
        return self._keep(BufferedHistogram(histogram))

    def histograms(self, histogram: AddableHistogram) -> BufferedFamily[BufferedHistogram]:
        """Return a histogram of this registry that has labels, buffered."""
        return BufferedFamily(lambda *values: self.histogram(histogram.labels(*values)))

    def flush(self) -> None:
        """Add everything that was counted to the Prometheus metrics; from any thread."""
        with self._lock_of_flush:
            for metric in tuple(self._buffered):
                metric.flush()

    def collect(self) -> Iterator[Metric]:
        self.flush()
        yield from super().collect()

    def _keep(self, metric: _Child) -> _Child:
        self._buffered.append(metric)
        return metric
