"""What Prometheus may ask.

Every app has a registry of its own: two apps in one process do not add up. Several workers count in files that they
share, and whichever is asked answers for all.
"""

from __future__ import annotations

import platform
from functools import cache
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import PROBLEM_CODE
from service.worker_identity import WorkerIdentity

Interface = Literal["rest", "stream"]

_MODEL_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
"""One window takes 0.1 to 0.5 ms, a batch of 16 a few milliseconds; beyond 0.1 s the machine is in trouble."""

_QUEUE_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""A lone glove's window is run in the same turn of the loop; a large request waits behind everybody for seconds."""

_END_TO_END_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""The goals are 0.8 ms in the median for a lone glove and 50 ms at the 99th percentile under load: both are bounds or
lie between two close ones."""


class Metrics:
    """`place`: where this worker stands among several; `shared_counts.share` must have been called before.

    Label children that a hot path counts with are to be looked up once (`labels` takes longer than `inc`).
    """

    def __init__(self, place: WorkerIdentity | None = None, version: str = "") -> None:
        self._place = place
        self.registry = registry = CollectorRegistry()
        if place is None:
            ProcessCollector(registry=registry)

        self.streams = Gauge(
            "scaleglove_streams_open", "Streams that are open", registry=registry, multiprocess_mode="livesum"
        )
        self.streams.set(0)
        self.frames = Counter("scaleglove_frames", "Frames taken from streams", registry=registry)
        self.late_frames = Counter("scaleglove_late_frames", "Frames dropped because they were late", registry=registry)
        self.duplicate_frames = Counter(
            "scaleglove_duplicate_frames", "Frames dropped because they came again", registry=registry
        )
        self.gaps = Counter("scaleglove_gaps", "Gaps found in streams", ["reason"], registry=registry)
        self.link_frames = Counter(
            "scaleglove_link_frames",
            "Frames that came to grief between glove and service, as clients tell",
            ["outcome"],
            registry=registry,
        )
        self.sensor_faults = Counter(
            "scaleglove_sensor_faults", "Faults of sensors that began", ["channel", "fault"], registry=registry
        )
        self.sensor_faults_present = Gauge(
            "scaleglove_sensor_faults_present",
            "Faults of sensors that are there now",
            ["channel", "fault"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.dropped_messages = Counter(
            "scaleglove_dropped_messages", "Messages dropped because their reader was slow", registry=registry
        )

        self.windows = Counter(
            "scaleglove_windows", "Windows run through a model", ["model", "door"], registry=registry
        )
        self.predictions = Counter(
            "scaleglove_predictions", "Predictions given, by state", ["model", "door", "state"], registry=registry
        )
        self.model_seconds = Histogram(
            "scaleglove_model_seconds",
            "Time in the model, by batch",
            ["model", "door"],
            buckets=_MODEL_SECONDS,
            registry=registry,
        )
        self.queue_seconds = Histogram(
            "scaleglove_queue_seconds",
            "From due to run, by window or request",
            ["door"],
            buckets=_QUEUE_SECONDS,
            registry=registry,
        )
        self.end_to_end_seconds = Histogram(
            "scaleglove_end_to_end_seconds",
            "From a message's arrival to its prediction handed to the socket",
            buckets=_END_TO_END_SECONDS,
            registry=registry,
        )

        self.requests = Counter(
            "scaleglove_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=registry
        )
        self.errors = Counter(
            "scaleglove_errors",
            "Requests and streams refused, by code",
            ["door", "code"],
            registry=registry,
        )
        self.reloads = Counter(
            "scaleglove_model_reloads", "Times the models were loaded again", ["outcome"], registry=registry
        )
        Gauge(
            "scaleglove_build_info",
            "1; what runs here is in the labels",
            ["version", "python"],
            registry=registry,
            multiprocess_mode="max",
        ).labels(version, platform.python_version()).set(1)

    def render(self) -> bytes:
        """All counts, of all workers, in the Prometheus text format."""
        if self._place is None:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared, str(self._place.metrics_folder))  # type: ignore[no-untyped-call]
        return generate_latest(shared)


class CountRequests:
    """ASGI middleware: every answered HTTP request by method, route template and status, every problem by its code."""

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
                # The template, not the path: whoever asks for a million paths makes one line, not a million.
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
