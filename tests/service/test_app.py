from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.runtime.artefact import Artefact
from service.app import create_app
from service.inference.registry import ModelRegistry
from service.settings import Settings
from tests.deadlines import RUN_S


def get(service: Any, path: str) -> httpx.Response:
    return httpx.get(service.url + path)


def test_serving_needs_no_training_library() -> None:
    script = (
        "import sys, service.app, service.cli, service.server\n"
        "heavy = {'torch', 'onnx', 'lightning', 'matplotlib'} & set(sys.modules)\n"
        "print(*heavy, end='')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=RUN_S, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_health(service: Any, artefact: Artefact) -> None:
    assert get(service, "/health/live").json() == {"status": "live"}
    assert get(service, "/health/ready").json() == {"status": "ready", "model": artefact.contract.name}


def test_models(service: Any, artefact: Artefact) -> None:
    name = artefact.contract.name
    listed = get(service, "/v1/models").json()
    assert listed["default"] == name
    summary = next(model for model in listed["models"] if model["name"] == name)
    assert summary["version"] == artefact.contract.version
    assert summary["window_frames"] == artefact.contract.window_frames
    kinds = {model["name"]: (model["vocabulary"], model["language"], model["labels"]) for model in listed["models"]}
    assert kinds[name] == ("korean", "korean", 24)
    assert kinds["American_INT8"] == ("american", "english", 24)
    assert kinds["American_Signs_INT8"] == ("american_signs", "english", 40)
    assert get(service, f"/v1/models/{name}").json() == artefact.contract.model_dump(mode="json")
    importance = get(service, f"/v1/models/{name}/importance").json()
    assert importance == artefact.contract.weight_importance
    for path in ("/v1/models/GPT", "/v1/models/GPT/importance"):
        response = get(service, path)
        assert (response.status_code, response.json()["code"], response.json()["field"]) == (
            404,
            "unknown_model",
            "name",
        )
        assert name in response.json()["detail"]


def test_the_javascript_client_is_served_for_the_page(service: Any) -> None:
    response = get(service, "/client/scaleglove.js")
    assert response.status_code == 200
    assert "javascript" in response.headers["content-type"]
    assert response.headers["cache-control"] == "no-cache"
    assert "export" in response.text
    for path in ("/client/none.js", "/client/..%2fstream.py", "/client/%2e%2e/stream.py"):
        assert get(service, path).status_code == 404


def test_page_with_strict_headers(service: Any) -> None:
    response = get(service, "/")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-cache"
    again = httpx.get(service.url + "/", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/nowhere", "/../pyproject.toml", "/%2e%2e/__init__.py", "/v1/predict/more"])
def test_nothing_else_is_served(service: Any, path: str) -> None:
    response = get(service, path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/predict", "POST"), ("POST", "/", "GET, HEAD"), ("PUT", "/main.js", "GET, HEAD")],
)
def test_wrong_method(service: Any, method: str, path: str, allowed: str) -> None:
    response = httpx.request(method, service.url + path)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_not_there_is_not_there_for_any_method(service: Any, method: str) -> None:
    assert httpx.request(method, f"{service.url}/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/", "/health/live", "/health/ready"])
def test_head_answers_as_get(service: Any, path: str) -> None:
    response = httpx.head(service.url + path)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == get(service, path).headers["content-type"]


def test_a_problem_is_short_for_any_request(service: Any) -> None:
    response = get(service, "/" + "x" * 5000)
    assert response.status_code == 404
    assert len(response.json()["detail"]) < 300


async def test_not_ready_without_its_model(artefact_path: Path) -> None:
    app = create_app(Settings(_env_file=None, models_dir=artefact_path.parent))
    app.state.service.registry.take_over(ModelRegistry({}, "GPT"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        response = await client.get("/health/ready")
    assert (response.status_code, response.json()["code"]) == (503, "not_ready")
    assert "GPT" in response.json()["detail"]
    assert set(app.openapi()["paths"]["/health/ready"]["get"]["responses"]) == {"200", "403", "431", "500", "503"}


def test_metrics_count_by_route_template(service: Any, glove: Any, artefact: Artefact) -> None:
    window = glove(40).tolist()
    before = get(service, "/metrics").text
    assert httpx.post(f"{service.url}/v1/predict", json={"windows": [window, window]}).status_code == 200
    get(service, "/nowhere/at/all")
    after = get(service, "/metrics").text

    def value(text: str, sample: str) -> float:
        lines = [line for line in text.splitlines() if line.startswith(sample + " ")]
        return float(lines[0].rsplit(" ", 1)[1]) if lines else 0.0

    name = artefact.contract.name
    for sample, more in (
        ('scaleglove_http_requests_total{method="POST",route="/v1/predict",status="200"}', 1),
        ('scaleglove_http_requests_total{method="GET",route="other",status="404"}', 1),
        (f'scaleglove_windows_total{{interface="rest",door="rest",model="{name}"}}', 2),
        (f'scaleglove_model_seconds_count{{interface="rest",door="rest",model="{name}"}}', 1),
    ):
        assert value(after, sample) - value(before, sample) == more, sample
    assert "/nowhere" not in after


def test_openapi_describes_requests_responses_and_problems(service: Any) -> None:
    document = get(service, "/openapi.json").json()
    predict = document["paths"]["/v1/predict"]["post"]
    schemas = document["components"]["schemas"]
    assert predict["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/PredictRequest")
    assert set(schemas["PredictRequest"]["properties"]) == {
        "windows",
        "model",
        "wearer",
        "glove",
        "sample_rate_hz",
        "top_k",
    }
    assert predict["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/PredictResponse")
    for status in ("404", "413", "422"):
        problem = predict["responses"][status]["content"]
        assert list(problem) == ["application/problem+json"], status
        assert problem["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert "detail" in schemas["Problem"]["properties"]


def test_asyncapi_describes_every_message(service: Any) -> None:
    document = get(service, "/asyncapi.json").json()
    assert document["asyncapi"] == "3.0.0"
    messages = document["components"]["messages"]
    assert set(messages) == {
        *(
            "start",
            "frames",
            "binaryFrames",
            "reset",
            "edit",
            "stop",
            "link",
            "remark",
            "glove",
            "gloveLetter",
            "commanded",
        ),
        *(
            "started",
            "model",
            "profile",
            "gloveProfile",
            "prediction",
            "gesture",
            "text",
            "word",
            "gap",
            "stale",
            "sensors",
            "selfCalibrated",
            "ranging",
            "command",
            "stopped",
            "viewedFrames",
            "error",
        ),
    }
    assert "scale_importance" in document["components"]["schemas"]["Prediction"]["properties"]

    def references(part: Any) -> Any:
        if isinstance(part, dict):
            for key, value in part.items():
                if key == "$ref":
                    yield value
                else:
                    yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    for reference in references(document):
        target = document
        for key in reference.removeprefix("#/").split("/"):
            target = target[key]
