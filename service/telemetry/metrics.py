"""Prometheus metrics.

Each app has its own registry, so that two apps in one process do not add up. Several workers count in shared files, and
each of them reports the sum.
"""

from __future__ import annotations

import os
import platform
import re
from functools import cache
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, values
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import PROBLEM_CODE
from service.telemetry.buffered import AddableHistogram, BufferedRegistry
from service.worker_identity import WorkerIdentity

Interface = Literal["rest", "stream"]

_INTERFACE: Final = re.compile(rb'\binterface="(\w+)"')
"""The label `interface`. Until 0.3 its value is also rendered under its former name, `door`, for old dashboards."""

_MODEL_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
"""One window takes 0.1 to 0.5 ms, a batch of 16 a few milliseconds; beyond 0.1 s the machine is in trouble."""

_QUEUE_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""A single glove's window runs in the same iteration of the loop; a large request may wait for seconds."""

_END_TO_END_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""The goals are a median of 0.8 ms for a single glove and a 99th percentile of 50 ms under load: each is a bucket's
bound or between two close ones."""


def count_in_files(identity: WorkerIdentity) -> None:
    """Make this process count in shared files; must be called before the first metric is made.

    The files belong to the worker's number, not to its process: a restarted worker continues them, and there are never
    more of them.
    """
    identity.metrics_folder.mkdir(exist_ok=True)
    # prometheus_client reads the folder from this variable only.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(identity.metrics_folder)
    values.ValueClass = values.MultiProcessValue(lambda: identity.worker)  # type: ignore[no-untyped-call]


def forget_gauges(identity: WorkerIdentity) -> None:
    """Remove the gauges of a worker that has ended: what it had open is closed."""
    mark_process_dead(identity.worker, str(identity.metrics_folder))  # type: ignore[no-untyped-call]


class Metrics:
    """Metrics of one worker; with an `identity` it counts in files (`count_in_files`).

    What is counted for each window or frame is buffered (`service.telemetry.buffered`). With an `identity` it is
    flushed when another worker is asked for the metrics, and now and then besides, in case that this process is killed.
    On hot paths the children of labels are looked up once, as `labels` takes longer than `inc`.
    """

    def __init__(self, identity: WorkerIdentity | None = None, version: str = "") -> None:
        self._identity = identity
        self.registry = registry = BufferedRegistry()
        if identity is None:
            ProcessCollector(registry=registry)

        self.streams = Gauge("scaleglove_streams_open", "Open streams", registry=registry, multiprocess_mode="livesum")
        self.streams.set(0)
        self.frames = registry.counter(Counter("scaleglove_frames", "Frames received from streams", registry=registry))
        self.late_frames = registry.counter(
            Counter("scaleglove_late_frames", "Frames dropped because they arrived too late", registry=registry)
        )
        self.duplicate_frames = registry.counter(
            Counter("scaleglove_duplicate_frames", "Frames dropped because they were duplicates", registry=registry)
        )
        self.gaps = Counter("scaleglove_gaps", "Gaps in streams, by reason", ["reason"], registry=registry)
        self.link_frames = Counter(
            "scaleglove_link_frames",
            "Frames lost or damaged between glove and service, as reported by clients",
            ["outcome"],
            registry=registry,
        )
        self.sensor_faults = Counter(
            "scaleglove_sensor_faults", "Sensor faults detected", ["channel", "fault"], registry=registry
        )
        self.sensor_faults_present = Gauge(
            "scaleglove_sensor_faults_present",
            "Sensor faults at present",
            ["channel", "fault"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.dropped_messages = Counter(
            "scaleglove_dropped_messages", "Messages dropped because the reader was slow", registry=registry
        )

        self.windows = registry.counters(
            Counter("scaleglove_windows", "Windows run through a model", ["model", "interface"], registry=registry)
        )
        self.predictions = registry.counters(
            Counter(
                "scaleglove_predictions", "Predictions, by state", ["model", "interface", "state"], registry=registry
            )
        )
        self.model_seconds = registry.histograms(
            AddableHistogram(
                "scaleglove_model_seconds",
                "Time to run a batch through the model",
                ["model", "interface"],
                buckets=_MODEL_SECONDS,
                registry=registry,
            )
        )
        self.queue_seconds = registry.histograms(
            AddableHistogram(
                "scaleglove_queue_seconds",
                "Time from submission of a window or request to its run",
                ["interface"],
                buckets=_QUEUE_SECONDS,
                registry=registry,
            )
        )
        self.end_to_end_seconds = registry.histogram(
            AddableHistogram(
                "scaleglove_end_to_end_seconds",
                "Time from the arrival of a message until its prediction is written to the socket",
                buckets=_END_TO_END_SECONDS,
                registry=registry,
            )
        )

        self.requests = Counter(
            "scaleglove_http_requests", "HTTP responses sent", ["method", "route", "status"], registry=registry
        )
        self.errors = Counter(
            "scaleglove_errors",
            "Requests and streams refused, by error code",
            ["interface", "code"],
            registry=registry,
        )
        self.reloads = Counter(
            "scaleglove_model_reloads", "Reloads of the models, by outcome", ["outcome"], registry=registry
        )
        for outcome in ("done", "failed"):
            self.reloads.labels(outcome)  # 0 from the start: an increase from nothing is none to Prometheus
        Gauge(
            "scaleglove_build_info",
            "Version of the service and of Python, in the labels; always 1",
            ["version", "python"],
            registry=registry,
            multiprocess_mode="max",
        ).labels(version, platform.python_version()).set(1)

    def flush(self) -> None:
        """Add what is buffered to the files of the workers, or to the metrics of the only one; from any thread."""
        self.registry.flush()

    def render(self) -> bytes:
        """Return the metrics of all workers in the Prometheus text format."""
        registry: CollectorRegistry = self.registry
        if self._identity is not None:
            self.flush()
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._identity.metrics_folder))  # type: ignore[no-untyped-call]
        return _INTERFACE.sub(rb'\g<0>,door="\1"', generate_latest(registry))


class CountRequests:
    """ASGI middleware that counts HTTP responses by method, route template and status, and problems by code."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._count = cache(metrics.requests.labels)
        self._errors = metrics.errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The template, not the path: a million paths give one time series, not a million.
                route = getattr(scope.get("route"), "path", "") or "other"
                self._count(scope["method"], route, message["status"]).inc()
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            self._count_problem(scope)

    def _count_problem(self, scope: Scope) -> None:
        if (code := scope.get(PROBLEM_CODE)) is not None:
            self._errors.labels("rest" if scope["type"] == "http" else "stream", code).inc()
