"""The model of a stream, switched by a request, over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from tests.deadlines import EVENT_S
from tests.service.sockets import binary_frames, even, read, streams

OTHER = "MSCSGRU_ScaleHard"


def put(service: Any, stream: str, body: Any, method: str = "PUT") -> httpx.Response:
    return httpx.request(method, f"{service.url}/v1/streams/{stream}/model", json=body, timeout=EVENT_S)


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def predictions(socket: Any, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = read(socket)
        found += [message] if message["type"] == "prediction" else []
    return found


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_the_next_window_is_the_other_models(service: Any, glove: Callable[..., np.ndarray], method: str) -> None:
    values = glove(40)
    with service.stream(self_calibration=False) as (socket, started), service.stream(model=OTHER) as (reference, _):
        name = started["stream"]
        socket.send(binary_frames(0, even(0, 20), values[:20]))
        predictions(socket, 4)
        answer = put(service, name, {"model": OTHER}, method)
        assert answer.status_code == 200
        assert answer.json()["model"] == OTHER
        while (received := read(socket))["type"] != "model":
            pass
        assert received == answer.json()
        assert streams(service)[name]["model"] == OTHER
        with service.socket(f"/v1/streams/{name}/watch") as viewer:
            assert read(viewer)["type"] == "started"
            while read(viewer) != answer.json():  # among all that holds
                pass
        socket.send(binary_frames(20, even(20, 20), values[20:]))
        reference.send(binary_frames(0, even(0, 40), values))
        mine, its = predictions(socket, 4), predictions(reference, 8)[4:]
        assert [found["top_k"] for found in mine] == [found["top_k"] for found in its]


@pytest.mark.parametrize("body", [{}, {"model": 3}, {"model": "x" * 257}, {"model": OTHER, "n": 2}])
def test_fault_in_a_switch_is_named(service: Any, body: Any) -> None:
    answer = put(service, "none", body)
    assert refusal(answer) == (422, "invalid_request")
    assert answer.json()["field"] in {"model", "n"}


def test_no_such_stream_or_model(service: Any) -> None:
    assert refusal(put(service, "none", {"model": OTHER})) == (404, "unknown_stream")
    with service.stream() as (_, started):
        answer = put(service, started["stream"], {"model": "none"})
        assert refusal(answer) == (404, "unknown_model")
        assert answer.json()["field"] == "model"
        assert streams(service)[started["stream"]]["model"] == started["model"]


def test_what_each_model_costs_is_listed(service: Any) -> None:
    listed = httpx.get(f"{service.url}/v1/models", timeout=EVENT_S).json()["models"]
    assert OTHER in [model["name"] for model in listed]
    for model in listed:
        assert model["file_bytes"] > model["parameters"]  # a byte a weight, at least
        assert model["window_ms"] > 0
