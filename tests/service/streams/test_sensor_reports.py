"""A broken sensor, as the stream, its viewers, the list, the metrics and the log tell it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from tests.deadlines import wait_until
from tests.service.sockets import binary_frames, even, read, read_to_end, streams

Glove = Callable[..., np.ndarray]

FAULT = {"channel": "flex2", "fault": "dropped", "since_ms": 200.0}


@pytest.fixture
def readings(glove: Glove) -> np.ndarray:
    """Return float32[200, 8] in which flex2 has no contact in the frames 10 to 29."""
    values = glove(200)
    values[:, :5] = np.clip(values[:, :5], 200, 1000)
    values[10:30, 1] = 0
    return values


def metric(service: Any, name: str) -> float:
    sample = f'{name}{{channel="flex2",fault="dropped"}} '
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return sum(float(line.removeprefix(sample)) for line in lines if line.startswith(sample))


def sensors_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message["type"] == "sensors"]


def test_client_and_viewer_receive_each_change(service: Any, readings: np.ndarray) -> None:
    with service.stream() as (socket, started), service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
        read(viewer)
        for begin in range(0, 200, 10):
            socket.send(binary_frames(begin, even(begin, 10), readings[begin : begin + 10]))
        socket.send('{"type": "stop"}')
        own, _ = read_to_end(socket)
        watched, _ = read_to_end(viewer)
    begun, ended = sensors_of(own)
    assert begun == {"type": "sensors", "seq": 15, "t_ms": 300.0, "faults": [FAULT]}
    assert (ended["t_ms"], ended["faults"]) == (2580.0, [])
    assert sensors_of(watched) == [begun, ended]


def test_what_is_at_fault_now_is_listed_counted_and_goes_with_the_stream(
    service: Any, readings: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    begun = metric(service, "scaleglove_sensor_faults_total")
    with caplog.at_level(logging.WARNING, "service.streams.stream_telemetry"), service.stream() as (socket, started):
        name = started["stream"]
        socket.send(binary_frames(0, even(0, 30), readings[:30]))
        wait_until(lambda: streams(service)[name]["faults"])
        assert streams(service)[name]["faults"] == [FAULT]
        wait_until(lambda: metric(service, "scaleglove_sensor_faults_present") == 1)
        with service.socket(f"/v1/streams/{name}/watch") as viewer:
            assert read(viewer)["type"] == "started"
            assert next(received for received in iter(lambda: read(viewer), None) if received["type"] == "sensors")[
                "faults"
            ] == [FAULT]
    wait_until(lambda: metric(service, "scaleglove_sensor_faults_present") == 0)
    assert metric(service, "scaleglove_sensor_faults_total") - begun == 1
    (record,) = caplog.records
    assert record.getMessage() == "sensor flex2 is at fault: dropped"


def test_a_stream_cannot_fill_the_log(service: Any, readings: np.ndarray, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "service.streams.stream_telemetry"), service.stream() as (socket, _):
        for repetition in range(4):
            socket.send(binary_frames(200 * repetition, even(200 * repetition, 200), readings))
        socket.send('{"type": "stop"}')
        messages, _ = read_to_end(socket)
    assert len(sensors_of(messages)) == 8
    assert len(caplog.records) == 1
