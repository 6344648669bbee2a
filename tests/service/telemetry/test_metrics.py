"""Metrics of requests and streams, over real sockets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from models.runtime.artefact import Artefact
from tests.deadlines import wait_until
from tests.service.sockets import binary_frames, even, read_to_end


def difference(service: Any, run: Callable[[], None], sample: str, expected: float) -> None:
    """Check that `run` adds `expected` to a sample of the metrics."""

    def value() -> float:
        lines = httpx.get(f"{service.url}/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(sample + " "))

    before = value()
    run()
    wait_until(lambda: value() - before == expected)


def test_errors_by_code_for_both_interfaces(service: Any) -> None:
    def ask() -> None:
        httpx.post(f"{service.url}/v1/predict", json={"windows": [[[0.0] * 8]], "model": "GPT"})

    def stream() -> None:
        with service.stream(model="GPT"):
            pass

    def watch() -> None:
        with service.socket("/v1/streams/none/watch") as socket:
            read_to_end(socket)

    difference(service, ask, 'scaleglove_errors_total{code="unknown_model",interface="rest",door="rest"}', 1)
    difference(service, stream, 'scaleglove_errors_total{code="unknown_model",interface="stream",door="stream"}', 1)
    difference(service, watch, 'scaleglove_errors_total{code="unknown_stream",interface="stream",door="stream"}', 1)


def test_predictions_of_a_request_by_state(service: Any, glove: Any, artefact: Artefact) -> None:
    windows = [glove(40).tolist(), glove(2).tolist(), glove(50).tolist()]

    def ask() -> None:
        assert httpx.post(f"{service.url}/v1/predict", json={"windows": windows}).status_code == 200

    labels = f'interface="rest",door="rest",model="{artefact.contract.name}"'
    difference(service, ask, f'scaleglove_predictions_total{{{labels},state="ok"}}', 2)
    difference(service, ask, f'scaleglove_predictions_total{{{labels},state="warming"}}', 1)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("scaleglove_frames_total", 60),
        ("scaleglove_duplicate_frames_total", 10),
        ('scaleglove_gaps_total{reason="sequence"}', 1),
        ('scaleglove_predictions_total{interface="stream",door="stream",model="MODEL",state="warming"}', 1),
        ('scaleglove_queue_seconds_count{interface="stream",door="stream"}', 11),
        ("scaleglove_end_to_end_seconds_count", 11),
    ],
)
def test_what_a_stream_counts(service: Any, glove: Any, artefact: Artefact, sample: str, expected: float) -> None:
    values = glove(60)

    def run() -> None:
        with service.stream() as (socket, _):
            socket.send(binary_frames(0, even(0, 30), values[:30]))
            socket.send(binary_frames(20, even(20, 10), values[20:30]))
            socket.send(binary_frames(32, even(32, 30), values[30:]))
            socket.send('{"type": "stop"}')
            read_to_end(socket)

    difference(service, run, sample.replace("MODEL", artefact.contract.name), expected)


def test_a_stream_is_two_lines_with_its_name_and_account(
    service: Any, glove: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with service.stream() as (socket, started):
        socket.send(binary_frames(0, even(0, 60), glove(60)))
        socket.send('{"type": "stop"}')
        messages, _ = read_to_end(socket)

    def records() -> list[logging.LogRecord]:
        return [record for record in caplog.records if getattr(record, "stream", None) == started["stream"]]

    wait_until(lambda: len(records()) == 2)
    first, last = records()
    assert first.getMessage() == f"stream started, model {started['model']}"
    assert last.getMessage().startswith("stream ended: frames 60, ")
    assert vars(last)["predictions"] == messages[-1]["predictions"]
