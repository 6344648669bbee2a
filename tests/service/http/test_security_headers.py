from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

FOR_ALL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "serial=(self)",
}
DATA = "default-src 'none'; frame-ancestors 'none'"


def policy(headers: Any) -> dict[str, list[str]]:
    [text] = (
        headers.get_all("content-security-policy")
        if hasattr(headers, "get_all")
        else headers.get_list("content-security-policy")
    )
    return {words[0]: words[1:] for part in text.split(";") if (words := part.split())}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models", 200),
        ("GET", "/v1/streams", 200),
        ("GET", "/health/live", 200),
        ("GET", "/metrics", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/asyncapi.json", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/predict", 405),
        ("POST", "/v1/predict", 422),
    ],
)
def test_data_runs_nothing_and_stays_in_no_cache(service: Any, method: str, path: str, status: int) -> None:
    response = httpx.request(method, service.url + path)
    assert response.status_code == status
    assert FOR_ALL.items() <= dict(response.headers).items()
    assert response.headers.get_list("content-security-policy") == [DATA]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/main.js", "/page.css"])
def test_the_page_runs_what_lies_beside_it(service: Any, path: str) -> None:
    response = httpx.get(service.url + path)
    assert FOR_ALL.items() <= dict(response.headers).items()
    rules = policy(response.headers)
    assert rules["default-src"] == ["'self'"]
    assert "script-src" not in rules
    assert rules["object-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in response.headers["content-security-policy"]


def test_the_viewer_of_the_document_reaches_only_what_it_needs(service: Any) -> None:
    response = httpx.get(service.url + "/docs")
    rules = policy(response.headers)
    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'"]
    assert "'unsafe-inline'" not in rules["script-src"]
    allowed = {word for words in rules.values() for word in words if word.startswith("https:")}
    loaded = re.findall(r'(?:src|href)="(https:[^"]+)" integrity="sha384-[\w+/]{64}" crossorigin', response.text)
    assert len(loaded) == 2
    assert allowed == set(loaded)  # these files, and no others of their package
    assert all(re.search(r"@\d+\.\d+\.\d+/", address) for address in loaded)
    assert len(loaded) == response.text.count("https:")
    assert httpx.get(service.url + "/redoc").status_code == 404


def test_no_script_from_another_origin_can_read_tokens(start_service: Any) -> None:
    tokens = json.dumps([{"name": "one", "token": "0123456789abcdef", "role": "viewer"}])
    with start_service(tokens=tokens) as service:
        assert httpx.get(service.url + "/docs").status_code == 404


def test_a_refused_socket_too(service: Any) -> None:
    with pytest.raises(InvalidStatus) as caught, service.socket("/v1/stream", origin="https://evil.example"):
        pytest.fail("it was let in")
    headers = caught.value.response.headers
    assert FOR_ALL.items() <= {name.lower(): value for name, value in headers.raw_items()}.items()
    assert headers.get_all("content-security-policy") == [DATA]
    assert b'"foreign_origin"' in (caught.value.response.body or b"")
