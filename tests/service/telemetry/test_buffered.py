from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from service.telemetry.buffered import AddableHistogram, BufferedRegistry

BUCKETS = (0.25, 0.5, 1.0)
VALUES = st.sampled_from([0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0, 8.0])  # their sums are exact
STEPS = st.lists(st.none() | st.tuples(st.sampled_from("ab"), VALUES), max_size=40)
"""A label with a value, or None: the registry is collected."""


def samples(registry: CollectorRegistry) -> list[tuple[Any, ...]]:
    return [
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    ]


@given(STEPS)
def test_what_is_collected_is_what_unbuffered_metrics_have(steps: list[tuple[str, float] | None]) -> None:
    plain, buffered = CollectorRegistry(), BufferedRegistry()
    plain_count = Counter("count", "Text", ["label"], registry=plain)
    plain_time = Histogram("time", "Text", ["label"], buckets=BUCKETS, registry=plain)
    plain_sum = Counter("sum", "Text", registry=plain)
    plain_all = Histogram("all", "Text", buckets=BUCKETS, registry=plain)
    count = buffered.counters(Counter("count", "Text", ["label"], registry=buffered))
    seconds = buffered.histograms(AddableHistogram("time", "Text", ["label"], buckets=BUCKETS, registry=buffered))
    total = buffered.counter(Counter("sum", "Text", registry=buffered))
    every = buffered.histogram(AddableHistogram("all", "Text", buckets=BUCKETS, registry=buffered))
    for step in (*steps, None):
        if step is None:
            assert samples(buffered) == samples(plain)
            continue
        label, value = step
        plain_count.labels(label).inc()
        count.labels(label).inc()
        plain_time.labels(label).observe(value)
        seconds.labels(label).observe(value)
        plain_sum.inc(value)
        total.inc(value)
        plain_all.observe(value)
        every.observe(value)


def test_a_sample_is_of_this_moment() -> None:
    registry = BufferedRegistry()
    total = registry.counter(Counter("sum", "Text", registry=registry))
    for count in range(1, 4):
        total.inc()
        assert registry.get_sample_value("sum_total") == count


def test_a_flush_counts_in_the_files_of_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process sees what has been flushed; a worker that is started again continues with it."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    def found(name: str) -> float | None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(tmp_path))  # type: ignore[no-untyped-call]
        return registry.get_sample_value(name)

    for start in range(2):
        monkeypatch.setattr(values, "ValueClass", values.MultiProcessValue(lambda: 3))  # type: ignore[no-untyped-call]
        registry = BufferedRegistry()
        total = registry.counter(Counter("sum", "Text", registry=registry))
        seconds = registry.histogram(AddableHistogram("time", "Text", buckets=BUCKETS, registry=registry))
        total.inc(5)
        seconds.observe(0.5)
        assert found("sum_total") == 5 * start
        registry.flush()
        registry.flush()
        assert (found("sum_total"), found("time_sum"), found("time_count")) == (
            5 * (start + 1),
            0.5 * (start + 1),
            start + 1,
        )


def test_nothing_is_lost_or_counted_twice_while_other_threads_collect() -> None:
    registry = BufferedRegistry()
    total = registry.counter(Counter("sum", "Text", registry=registry))
    seconds = registry.histogram(AddableHistogram("time", "Text", buckets=BUCKETS, registry=registry))
    ended = threading.Event()

    def collect() -> None:
        while not ended.is_set():
            registry.flush()

    threads = [threading.Thread(target=collect) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20_000):
        total.inc()
        seconds.observe(0.5)
    ended.set()
    for thread in threads:
        thread.join()
    assert registry.get_sample_value("sum_total") == 20_000
    assert registry.get_sample_value("time_count") == 20_000
    assert registry.get_sample_value("time_sum") == 10_000


def test_a_flush_in_the_middle_of_an_observation_leaves_its_value_to_the_next() -> None:
    registry = BufferedRegistry()
    seconds = registry.histogram(AddableHistogram("time", "Text", buckets=BUCKETS, registry=registry))

    class Flushed(float):
        def __radd__(self, total: float) -> float:
            registry.flush()
            return total + float(self)

    seconds.observe(Flushed(0.5))
    assert registry.get_sample_value("time_count") == 1
    assert registry.get_sample_value("time_sum") == 0.5
