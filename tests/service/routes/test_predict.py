from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from models.runtime.artefact import Artefact
from scaleglove.channels import FLEX
from scaleglove.resampling import resample
from service.routes.predict import at_models_rate
from tests.deadlines import EVENT_S
from tests.own_unit import write_in_unit
from tests.service.conftest import running
from tests.service.inference.answers import answer_windows
from tests.service.slices import run_slices

Glove = Callable[..., np.ndarray]


def post(service: Any, **body: Any) -> httpx.Response:
    return httpx.post(f"{service.url}/v1/predict", json=body, timeout=EVENT_S)


@pytest.fixture
def still_answers(service: Any, glove: Glove) -> Any:
    """Check that a valid request succeeds after the test."""
    yield
    response = post(service, windows=[glove(40).tolist()])
    assert response.status_code == 200
    assert response.json()["predictions"][0]["state"] == "ok"


def test_windows_of_different_lengths(service: Any, artefact: Artefact, glove: Glove) -> None:
    windows = [glove(length, seed) for seed, length in enumerate([87, 10, 9, 1, 300])]
    response = post(service, windows=[window.tolist() for window in windows], top_k=4)
    assert response.status_code == 200
    body = response.json()
    assert body["model"] == {"name": artefact.contract.name, "version": artefact.contract.version}
    assert [answer["state"] for answer in body["predictions"]] == ["ok", "ok", "warming", "warming", "ok"]
    for window, answer in zip(windows, body["predictions"], strict=True):
        if answer["state"] == "warming":
            nothing = {"label": None, "index": None, "confidence": None, "top_k": [], "scale_importance": {}}
            assert answer == {**nothing, "state": "warming"}
            continue
        outputs = artefact.run_windows([window[-87:]])
        (expected,) = answer_windows(artefact, [window], 4)
        assert answer["index"] == expected.index
        assert answer["confidence"] == pytest.approx(expected.confidence, abs=1e-5)
        assert list(answer["scale_importance"].values()) == pytest.approx(
            outputs.scale_importance[0].tolist(), abs=1e-5
        )
        assert len(answer["top_k"]) == 4


def test_windows_in_counts_and_in_the_unit_of_the_training_s_own_glove_are_answered_alike(
    artefact_path: Path, glove: Glove, tmp_path: Path
) -> None:
    gain, offset = unit = (0.125, 500.0)
    write_in_unit(artefact_path, unit, tmp_path / artefact_path.name)
    in_counts, in_unit = glove(60), glove(60)
    in_unit[:, FLEX] = (in_unit[:, FLEX] - offset) / gain
    with running(models_dir=tmp_path) as service:
        one, other = post(service, windows=[in_counts.tolist(), in_unit.tolist()]).json()["predictions"]
    assert (one["state"], other["label"]) == ("ok", one["label"])
    assert other["confidence"] == pytest.approx(one["confidence"], abs=1e-4)


def test_more_windows_than_a_chunk_keep_their_order(service: Any, glove: Glove) -> None:
    windows = [glove(20, seed).tolist() for seed in range(150)]
    together = post(service, windows=windows).json()["predictions"]
    for number in (0, 15, 16, 149):
        (alone,) = post(service, windows=[windows[number]]).json()["predictions"]
        assert alone["index"] == together[number]["index"]
        assert alone["confidence"] == pytest.approx(together[number]["confidence"], abs=1e-5)


def test_other_rate_is_resampled(service: Any, artefact: Artefact, glove: Glove) -> None:
    values = glove(80)
    (answer,) = post(service, windows=[values.tolist()], sample_rate_hz=34).json()["predictions"]
    window = resample(np.arange(80) * 1000 / 34, values, artefact.contract.sample_rate_hz)[-87:]
    (expected,) = answer_windows(artefact, [window], 1)
    assert answer["confidence"] == pytest.approx(expected.confidence, abs=1e-5)
    (same,) = post(service, windows=[values.tolist()], sample_rate_hz=50).json()["predictions"]
    (plain,) = answer_windows(artefact, [values], 1)
    assert same["confidence"] == pytest.approx(plain.confidence, abs=1e-5)


@pytest.mark.parametrize("rate_hz", [4.0, 7.3, 34.0, 49.9, 200.0])
def test_only_the_newest_frames_are_resampled(artefact: Artefact, glove: Glove, rate_hz: float) -> None:
    values = glove(300)
    contract = artefact.contract
    (window,) = run_slices(at_models_rate([values], rate_hz, contract))
    assert len(window) <= contract.window_frames
    whole = resample(np.arange(300) * (1000 / rate_hz), values, contract.sample_rate_hz)
    (expected,) = answer_windows(artefact, [whole], 24)
    (answer,) = answer_windows(artefact, [window], 24)
    given = {candidate.label: candidate.confidence for candidate in answer.top_k}
    assert given == pytest.approx({each.label: each.confidence for each in expected.top_k}, abs=1e-6)


def test_long_windows_cost_what_the_model_looks_at(artefact: Artefact, glove: Glove) -> None:
    """Resampled in full, these 40 windows would be a million samples."""
    windows = [glove(2000)] * 40
    begin = time.process_time()
    run_slices(at_models_rate(windows, 4.0, artefact.contract))
    assert time.process_time() - begin < 2  # 0.1 s here; in full it took 9 s


FRAME = [700.0] * 5 + [1.0, 2.0, 3.0]


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"windows": [[FRAME[:7]]]}, 422, "invalid_request", "windows.0.0"),
        ({"windows": [[FRAME, FRAME], [FRAME, [*FRAME, 1.0]]]}, 422, "invalid_request", "windows.1.1"),
        ({"windows": [[[*FRAME[:2], float("nan"), *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[[*FRAME[:2], float("inf"), *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[[*FRAME[:2], "700", *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[[*FRAME[:2], True, *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[[*FRAME[:2], None, *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[[*FRAME[:2], 1e7, *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[[*FRAME[:2], 10**400, *FRAME[3:]]]]}, 422, "invalid_request", "windows.0.0.2"),
        ({"windows": [[FRAME], []]}, 422, "invalid_request", "windows.1"),
        ({"windows": []}, 422, "invalid_request", "windows"),
        ({"windows": "many"}, 422, "invalid_request", "windows"),
        ({}, 422, "invalid_request", "windows"),
        ([], 422, "invalid_request", None),
        ({"windows": [[FRAME]], "top_k": 0}, 422, "invalid_request", "top_k"),
        ({"windows": [[FRAME]], "top_k": 201}, 422, "invalid_request", "top_k"),
        ({"windows": [[FRAME]], "sample_rate_hz": 0}, 422, "invalid_request", "sample_rate_hz"),
        ({"windows": [[FRAME]], "sample_rate_hz": 3.9}, 422, "invalid_request", "sample_rate_hz"),
        ({"windows": [[FRAME]], "rate": 50}, 422, "invalid_request", "rate"),
        ({"windows": [[FRAME]], "model": "GPT"}, 404, "unknown_model", "model"),
        ({"windows": [[FRAME]], "wearer": "nobody-here"}, 404, "unknown_wearer", "wearer"),
        ({"windows": [[FRAME]] * 10_000}, 413, "too_many_windows", "windows"),
        ({"windows": [[FRAME]] * 3 + [[FRAME] * 2001]}, 413, "window_too_long", "windows.3"),
    ],
)
def test_bad_request_gets_one_clear_problem(service: Any, body: Any, status: int, code: str, field: str | None) -> None:
    response = httpx.post(f"{service.url}/v1/predict", content=json.dumps(body), timeout=EVENT_S)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem.get("field") == field
    assert problem["type"] == f"urn:scaleglove:problem:{code}"
    assert problem["detail"].startswith(field if status != 404 and field else "")
    assert len(problem["detail"]) < 300


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"windows": [[[1,2', b"not json", b"[" * 100_000])
def test_broken_json(service: Any, content: bytes) -> None:
    response = httpx.post(f"{service.url}/v1/predict", content=content)
    assert response.status_code == 422
    assert response.json()["code"] == "invalid_request"
    assert "JSON" in response.json()["detail"]


@pytest.mark.usefixtures("still_answers")
def test_ten_thousand_full_windows(service: Any) -> None:
    body = b'{"windows": [' + b",".join([json.dumps([FRAME] * 87).encode()] * 10_000) + b"]}"
    response = httpx.post(f"{service.url}/v1/predict", content=body, timeout=EVENT_S)
    assert (response.status_code, response.json()["field"]) == (413, "windows")


def test_body_without_a_length_is_limited_too(start_service: Any, glove: Glove) -> None:
    with start_service(max_body_bytes=10_000) as service:
        sent = 0

        def endless() -> Any:
            nonlocal sent
            for _ in range(100):
                sent += 1
                yield b"[" * 1_000_000

        try:
            response = httpx.post(f"{service.url}/v1/predict", content=endless(), timeout=EVENT_S)
        except httpx.TransportError:
            pass  # the service hung up before its answer was read
        else:
            assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
        assert sent < 100  # of a hundred megabytes; what the kernel buffers is a few
        assert post(service, windows=[glove(10).astype(int).tolist()]).json()["predictions"][0]["state"] == "ok"


@pytest.mark.usefixtures("still_answers")
def test_client_that_hangs_up_in_the_middle(service: Any) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as plain:
        plain.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
