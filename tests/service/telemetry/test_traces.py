from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from scaleglove.installation import install_command, installed_origin
from service.telemetry.traces import open_tracing, traces_wanted
from tests.deadlines import EVENT_S, RUN_S
from tests.service.conftest import running
from tests.service.sockets import binary_frames, even, read_to_end

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADERS = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "gloves"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost"}, False),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost"}, False),
        ({"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost"}, True),
    ],
)
def test_the_standard_variables_decide(variables: dict[str, str], wanted: bool) -> None:
    assert traces_wanted(variables) is wanted


def test_nothing_is_imported_without_a_collector() -> None:
    # FastAPI itself may import OpenTelemetry's interface; what does the work is the SDK.
    script = (
        "import os, sys, service.server, service.telemetry.traces\n"
        "assert service.telemetry.traces.open_tracing({}, '1') is None\n"
        "print({'service.telemetry.spans', 'opentelemetry.sdk', 'opentelemetry.exporter'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=RUN_S, check=True)
    assert done.stdout == "set()\n"


def test_a_missing_extra_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setitem(sys.modules, "service.telemetry.spans", None)
    assert open_tracing({"OTEL_TRACES_EXPORTER": "otlp"}, "1") is None
    assert [record.getMessage() for record in caplog.records] == [
        "OTEL_* variables enable tracing, which requires an extra: "
        + install_command(["otel"], installed_origin(), sys.executable)
    ]


class Collector(ThreadingHTTPServer):
    """Collector that receives traces over OTLP/HTTP."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.taken: list[ExportTraceServiceRequest] = []

    def spans(self) -> list[Any]:
        scopes = [scope for taken in self.taken for resource in taken.resource_spans for scope in resource.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def service_names(self) -> set[str]:
        resources = [spans.resource for taken in self.taken for spans in taken.resource_spans]
        return {plain(resource.attributes)["service.name"] for resource in resources}


class _Taker(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
        self.server.taken.append(ExportTraceServiceRequest.FromString(body))
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def plain(attributes: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in attributes}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_address[1]}")
        yield collector
        collector.shutdown()
        thread.join()


def test_requests_and_streams_are_spans_in_the_clients_trace(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, glove: Any
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "gloves")
    values = glove(60)
    values[20:, 1] = 0
    with running() as service:
        httpx.get(f"{service.url}/v1/models/GPT", headers=HEADERS)
        httpx.get(f"{service.url}/health/live", headers=HEADERS)
        httpx.get(f"{service.url}/nowhere/r1ght-r1ght")
        with service.socket(additional_headers=HEADERS) as socket:
            socket.send('{"type": "start", "channels": ["wrong"], "sample_rate_hz": 50}')
            read_to_end(socket)
        with service.stream() as (socket, started):
            socket.send(binary_frames(0, even(0, 30), values[:30]))
            socket.send(binary_frames(32, even(32, 30), values[30:]))
            socket.send('{"type": "stop"}')
            account = read_to_end(socket)[0][-1]
        httpx.get(f"{service.url}/v1/streams", headers=HEADERS)
    assert collector.service_names() == {"gloves"}
    spans = {span.name: span for span in collector.spans()}
    assert set(spans) == {"GET /v1/models/{name}", "GET", "GET /v1/streams", "stream"}
    assert not any(b"r1ght" in taken.SerializeToString() for taken in collector.taken)

    listed = spans["GET /v1/streams"]
    assert (listed.trace_id.hex(), listed.parent_span_id.hex()) == (TRACE, PARENT)
    expected = {"http.request.method": "GET", "http.response.status_code": 200, "http.route": "/v1/streams"}
    assert plain(listed.attributes) == expected

    refused, accepted = (plain(span.attributes) for span in collector.spans() if span.name == "stream")
    assert refused["error.type"] == "bad_channels"
    assert (accepted["scaleglove.stream"], accepted["scaleglove.model"]) == (started["stream"], started["model"])
    for name in ("frames", "predictions", "missing_frames"):
        assert accepted[f"scaleglove.{name}"] == account[name]
    assert [(event.name, plain(event.attributes)) for event in spans["stream"].events] == [
        ("sensor_fault", {"channel": "flex2", "fault": "dropped"}),
        ("gap", {"reason": "sequence", "seq": 32, "missing": 2}),
    ]


def test_without_a_collector_the_service_stops_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    monkeypatch.setattr("service.telemetry.spans._LAST_EXPORT_S", 0.1)
    before = set(threading.enumerate())
    with running() as service:
        assert httpx.get(f"{service.url}/v1/models").status_code == 200
    # Its thread tries on for a second, and draws random numbers for its waits: hypothesis would notice in other tests.
    for thread in set(threading.enumerate()) - before:
        thread.join(EVENT_S)
        assert not thread.is_alive()
