"""OpenTelemetry spans of requests, and of streams from handshake to end. Requires the extra `otel`.

A client's trace is continued (W3C `traceparent`). Spans are queued, within a limit, and exported by a thread; without a
collector the oldest are dropped. Everything else is set by the standard OTEL_* variables.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleglove.protocol import Gap, Started, Stopped
from service.path_prefix import route_path

_NAME: Final = "scaleglove"
_NOT_TRACED: Final = ("/health/", "/metrics")
"""Polled every few seconds by monitoring."""

_LAST_EXPORT_S: Final = 2.0
"""For the last export on shutdown, as the collector may be unreachable."""


class Tracing:
    """Factory of spans, sent to `exporter`; by default to the one of the environment."""

    def __init__(self, version: str, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create()
        if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):  # OTEL_SERVICE_NAME is not set
            resource = resource.merge(Resource({SERVICE_NAME: _NAME}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer(_NAME, version)

    def around(self, app: ASGIApp) -> TraceRequests:
        """Wrap an app in the middleware that makes a span for each request."""
        return TraceRequests(app, self)

    def begin(self, name: str, headers: Mapping[str, str]) -> Span:
        """Start a span in the trace of the headers."""
        return self._tracer.start_span(name, extract(headers), SpanKind.SERVER)

    def stream(self, stream: str, headers: Mapping[str, str]) -> StreamSpan:
        """Start the span of a stream in the trace of the headers."""
        return StreamSpan(self.begin("stream", headers), stream)

    def close(self) -> None:
        """Export the queued spans, for at most _LAST_EXPORT_S."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_LAST_EXPORT_S)


class StreamSpan:
    """Span of one stream, with its totals as attributes and its gaps as events (the SDK keeps the newest 128)."""

    def __init__(self, span: Span, stream: str) -> None:
        self._span = span
        self._span.set_attribute("scaleglove.stream", stream)

    def start(self, started: Started) -> None:
        self._span.set_attribute("scaleglove.model", started.model)

    def gap(self, gap: Gap) -> None:
        missing = {} if gap.missing is None else {"missing": gap.missing}
        self._span.add_event("gap", {"reason": gap.reason, "seq": gap.seq, **missing})

    def sensor(self, channel: str, fault: str, begins: bool) -> None:
        """Record that a sensor fault begins or ends."""
        name = "sensor_fault" if begins else "sensor_well"
        self._span.add_event(name, {"channel": channel, "fault": fault})

    def refuse(self, code: str) -> None:
        self._span.set_attribute("error.type", code)
        self._span.set_status(StatusCode.ERROR, code)

    def end(self, account: Stopped | None) -> None:
        """End the span with the totals of the stream; None: the stream never started."""
        for name, value in {} if account is None else asdict(account).items():
            if isinstance(value, int):
                self._span.set_attribute(f"scaleglove.{name}", value)
        self._span.end()


class TraceRequests:
    """ASGI middleware that makes a span for each request, named by method and route."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or route_path(scope).startswith(_NOT_TRACED):
            await self._app(scope, receive, send)
            return
        span = self._tracing.begin(scope["method"], Headers(scope=scope))
        span.set_attribute("http.request.method", scope["method"])

        async def traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                _record_response(span, scope, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, traced)
        finally:
            span.end()


def _record_response(span: Span, scope: Scope, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    # The template, not the path, which a client chooses.
    if route := getattr(scope.get("route"), "path", ""):
        span.set_attribute("http.route", route)
        span.update_name(f"{scope['method']} {route}")
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)
