"""What Prometheus may ask. Every app has a registry of its own: two apps in one process do not add up."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.guard import Require
from service.problems import documented
from service.tokens import Role

Door = Literal["rest", "stream"]

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25)
"""One window takes some 0.1 to 0.5 ms, a batch some milliseconds."""


class Metrics:
    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "scaleglove_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=registry
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
            buckets=_SECONDS,
            registry=registry,
        )
        self.queue_seconds = Histogram(
            "scaleglove_queue_seconds",
            "From due to run, by window or request",
            ["door"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.end_to_end_seconds = Histogram(
            "scaleglove_end_to_end_seconds",
            "From a message's arrival to its prediction handed to the socket",
            buckets=_SECONDS,
            registry=registry,
        )
        self.streams = Gauge("scaleglove_streams_open", "Streams that are open", registry=registry)
        self.frames = Counter("scaleglove_frames", "Frames taken from streams", registry=registry)
        self.gaps = Counter("scaleglove_gaps", "Gaps found in streams", ["reason"], registry=registry)
        self.late_frames = Counter("scaleglove_late_frames", "Frames dropped because they were late", registry=registry)
        self.duplicate_frames = Counter(
            "scaleglove_duplicate_frames", "Frames dropped because they came again", registry=registry
        )
        self.dropped_messages = Counter(
            "scaleglove_dropped_messages", "Messages dropped because their reader was slow", registry=registry
        )


class CountRequests:
    """ASGI middleware: every answered HTTP request by method, route template and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._requests = metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The template, not the path: whoever asks for a million paths makes one line, not a million.
                route = getattr(scope.get("route"), "path", "") or "other"
                self._requests.labels(scope["method"], route, message["status"]).inc()
            await send(message)

        await self._app(scope, receive, counted)


def metrics_router(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/metrics",
        response_class=Response,
        dependencies=[Depends(Require(Role.VIEWER))],
        responses={200: {"content": {"text/plain": {}}}, **documented(401, 403)},
    )
    async def prometheus() -> Response:
        """Metrics in the Prometheus text format."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
