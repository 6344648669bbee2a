"""Binary bodies and NDJSON responses over real sockets, the OpenAPI examples, and large bodies during streams."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from service.routes import predict
from tests.deadlines import EVENT_S
from tests.service.sockets import binary_frames, even, read

Glove = Callable[..., np.ndarray]

RAW = "application/octet-stream"
NPY = "application/x-npy"
NDJSON = "application/x-ndjson"


def npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def post(service: Any, content: bytes, kind: str | None, query: str = "", **headers: str) -> httpx.Response:
    if kind is not None:
        headers["content-type"] = kind
    return httpx.post(f"{service.url}/v1/predict{query}", content=content, headers=headers, timeout=EVENT_S)


@pytest.mark.parametrize("rate", ["", "&sample_rate_hz=34"])
def test_same_answers_as_json(service: Any, glove: Glove, rate: str) -> None:
    windows = np.stack([glove(40, seed) for seed in range(70)])
    options = {"top_k": 4} | ({"sample_rate_hz": 34} if rate else {})
    body = json.dumps({"windows": windows.astype(float).tolist(), **options}).encode()
    expected = post(service, body, "application/json; charset=utf-8").json()
    assert post(service, windows.astype("<f4").tobytes(), RAW, f"?frames=40&top_k=4{rate}").json() == expected
    for kind in (RAW, NPY):
        assert post(service, npy(windows.astype(np.float64)), kind, f"?top_k=4{rate}").json() == expected


def test_windows_of_different_lengths(service: Any, glove: Glove) -> None:
    windows = [glove(length, length) for length in (87, 9, 20)]
    body = b"".join(window.astype("<f4").tobytes() for window in windows)
    expected = post(service, json.dumps({"windows": [w.astype(float).tolist() for w in windows]}).encode(), None).json()
    assert [answer["state"] for answer in expected["predictions"]] == ["ok", "warming", "ok"]
    assert post(service, body, RAW, "?lengths=87,9,20").json() == expected


def test_answers_on_lines(service: Any, glove: Glove) -> None:
    windows = np.stack([glove(20, seed) for seed in range(150)])
    whole = post(service, npy(windows), NPY).json()
    response = post(service, npy(windows), NPY, accept=NDJSON)
    assert response.headers["content-type"] == NDJSON
    first, *lines = response.text.splitlines()
    assert json.loads(first) == {"model": whole["model"]}
    assert [json.loads(line) for line in lines] == whole["predictions"]


def test_a_problem_is_no_line(service: Any, glove: Glove) -> None:
    response = post(service, npy(glove(20)), NPY, "?model=GPT", accept=NDJSON)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("content", "kind", "query", "status", "code", "field"),
    [
        (b"{}", "text/plain", "", 415, "unsupported_media_type", None),
        (b"{}", "application/x-www-form-urlencoded", "", 415, "unsupported_media_type", None),
        (b"x" * 33, RAW, "", 422, "invalid_request", "windows"),
        (np.array([1, 2, np.nan, 4, 5, 6, 7, 8], "<f4").tobytes(), RAW, "", 422, "invalid_request", "windows.0.0.2"),
        (bytes(32), RAW, "?top_k=0", 422, "invalid_request", "top_k"),
        (bytes(32), RAW, "?frames=1&frames=1", 422, "invalid_request", "frames"),
        (bytes(32), RAW, "?model=GPT", 404, "unknown_model", "model"),
        (bytes(32), RAW, "?wearer=nobody-here", 404, "unknown_wearer", "wearer"),
        (bytes(32 * 1025), RAW, "?frames=1", 413, "too_many_windows", "windows"),
        (bytes(32 * 2001), RAW, "", 413, "window_too_long", "windows.0"),
        (bytes(8 * 1024 * 1024 + 32), RAW, "?frames=87", 413, "body_too_large", "windows"),
    ],
)
def test_bad_request_gets_one_clear_problem(
    service: Any, content: bytes, kind: str, query: str, status: int, code: str, field: str | None
) -> None:
    response = post(service, content, kind, query)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem.get("field") == field


def test_a_compressed_body_is_refused_with_what_to_do(service: Any) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    response = httpx.post(f"{service.url}/v1/predict", content=gzip.compress(b"{}"), headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert "send the body as it is" in response.json()["detail"]


def test_examples_of_the_document_are_true(service: Any) -> None:
    operation = httpx.get(f"{service.url}/openapi.json").json()["paths"]["/v1/predict"]["post"]
    answers = operation["responses"]["200"]["content"]
    assert set(answers) == {"application/json"}
    assert NDJSON in operation["responses"]["200"]["description"]
    expected = answers["application/json"]["example"]
    bodies = operation["requestBody"]["content"]
    assert set(bodies) == {"application/json", RAW, NPY}
    for kind, content in bodies.items():
        example = content["examples"]["one_window"]["value"]
        body = json.dumps(example).encode() if kind == "application/json" else base64.b64decode(example)
        found = post(service, body, kind, "" if kind == "application/json" else "?top_k=2").json()
        assert found["model"] == expected["model"]
        (prediction,), (shown,) = found["predictions"], expected["predictions"]
        assert [each["label"] for each in prediction["top_k"]] == [each["label"] for each in shown["top_k"]]
        assert prediction["confidence"] == pytest.approx(shown["confidence"], abs=1e-5)
        assert prediction["scale_importance"] == pytest.approx(shown["scale_importance"], abs=1e-5)
        assert {**prediction, **shown} == shown
    (parameter,) = [each for each in operation["parameters"] if each["name"] == "lengths"]
    assert (parameter["in"], parameter["schema"]["anyOf"][0]["type"], parameter["explode"]) == ("query", "array", False)


@pytest.fixture
def fair_threads() -> Iterator[None]:
    """Client and service share the interpreter lock of this process: shorten its switch interval of 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("fair_threads")
def test_large_bodies_are_read_beside_a_stream(
    start_service: Any, glove: Glove, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last byte of a body of 8 MiB and its response, a glove keeps receiving predictions."""
    # Windows too short to be answered: what takes its time is the reading.
    windows = np.round(glove(9 * 13_000), 3).reshape(-1, 9, 8)
    body = json.dumps({"windows": windows.astype(float).round(3).tolist()}, separators=(",", ":")).encode()
    assert 7 << 20 < len(body) < 8 << 20
    predictions = 0
    whole: list[int] = []  # how many predictions there were when a body was there
    answered: list[int] = []

    async def receive_and_note(*arguments: Any) -> bytes:
        received = await receive_body(*arguments)
        whole.append(predictions)
        return received

    receive_body = predict.receive_body
    monkeypatch.setattr(predict, "receive_body", receive_and_note)

    def load() -> None:
        for _ in range(2):
            response = post(service, body, "application/json")
            assert len(response.json()["predictions"]) == len(windows)
            answered.append(predictions)

    with start_service(max_windows=len(windows)) as service, service.stream(hop_ms=20) as (socket, _):
        loads = [threading.Thread(target=load) for _ in range(2)]
        for thread in loads:
            thread.start()
        values = glove(12)
        while any(thread.is_alive() for thread in loads):
            socket.send(binary_frames(predictions, even(predictions, 1), values[:1]))
            while read(socket)["type"] != "prediction":
                pass
            predictions += 1
    assert len(whole) == len(answered) == 4
    # Read in one go, a body lets two through at most; as it is, hundreds.
    assert all(after - before >= 10 for before, after in zip(sorted(whole), sorted(answered), strict=True)), (
        whole,
        answered,
    )
