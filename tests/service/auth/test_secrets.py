"""Clients cannot choose file names, and tokens are not logged."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from service.routes.page import Page
from tests.deadlines import EVENT_S
from tests.processes import started_command
from tests.service.sockets import read_to_end

ROOT = Path(__file__).resolve().parents[3]
RIGHT, WRONG = "r1ght-r1ght-r1ght-r1ght", "wr0ng-wr0ng-wr0ng-wr0ng"

ABROAD = [
    "/../__init__.py",
    "/..%2f__init__.py",
    "/%2e%2e/__init__.py",
    "/%2e%2e%2f__init__.py",
    "/%252e%252e%252f__init__.py",
    "/..%5c__init__.py",
    "/vendor/../../stream.py",
    "/vendor/..%2f..%2fstream.py",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/%c0%ae%c0%ae/__init__.py",
    "/main.js%00",
    "/%00",
    "/..%00/__init__.py",
    "/main.js/..%2f..%2f__init__.py",
    "/file:%2f%2f%2fetc%2fpasswd",
    "/v1/models/..%2f..%2fpyproject.toml",
    "/v1/models/%2fetc%2fpasswd",
    "/v1/models/MSCSGRU.onnx",
    "/v1/models/..%2fartefacts%2fMSCSGRU/importance",
    "/v1/models/%00",
    "/" + "x" * 300,
    "/" + "x/" * 3000,
]


def get_raw(url: str, target: str) -> bytes:
    """Return the response to exactly this target; HTTP clients would normalise it."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=EVENT_S) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("target", ABROAD, ids=lambda target: target[:40])
def test_no_path_leads_out_of_the_page(service: Any, target: str) -> None:
    answer = get_raw(service.url, target)
    assert answer.startswith(b"HTTP/1.1 404 "), answer[:200]
    assert b"\r\ncontent-type: application/problem+json\r\n" in answer.lower()


@pytest.mark.parametrize("name", ["../../pyproject.toml", "/etc/passwd", "MSCSGRU.onnx", "\0", "..", ""])
def test_a_model_is_a_name_and_no_file(service: Any, started: Any, name: str) -> None:
    body = {"windows": [[[0.0] * 8]], "model": name}
    response = httpx.post(f"{service.url}/v1/predict", json=body)
    assert (response.status_code, response.json()["code"]) == (404, "unknown_model")
    with service.socket() as stream:
        stream.send(json.dumps(started(model=name)))
        [error], _ = read_to_end(stream)
        assert error["code"] == "unknown_model"


async def test_a_link_beside_the_page_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, secret = tmp_path / "files", tmp_path / "secret.txt"
    files.mkdir()
    secret.write_text("secret")
    (files / "here.txt").write_text("here")
    (files / "link.txt").symlink_to(secret)
    (files / "up").symlink_to(tmp_path)
    page = Page()
    monkeypatch.setattr(page, "all_directories", [files])
    app = Starlette()
    app.router.default = page
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/here.txt")).text == "here"
        for path in ("/link.txt", "/up/secret.txt", "/up/files/../secret.txt"):
            assert (await client.get(path)).status_code == 404


def everywhere(url: str, token: str) -> None:
    """Send a token in every valid and every invalid place."""
    encoded = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    by_header = {"Authorization": f"Bearer {token}"}
    for headers in (
        by_header,
        {"Authorization": f"Basic {encoded}"},
        {"Authorization": token},
        {"Cookie": f"token={token}"},
        {"X-Api-Key": token},
        {"User-Agent": token},
    ):
        for path in ("/v1/models", "/v1/streams", "/metrics", "/nowhere", "/"):
            httpx.get(url + path, headers=headers)
    for path in (
        f"/v1/models?token={token}",
        f"/v1/models/{token}",
        f"/{token}",
        f"/?{token}",
        f"/health/ready?t={token}",
    ):
        httpx.get(url + path, headers=by_header)
    httpx.get(url.replace("://", f"://{token}:{token}@") + "/v1/models")
    for body in (f'{{"windows": "{token}"}}', f'{{"{token}": 1}}', token):
        httpx.post(f"{url}/v1/predict?token={token}", content=body, headers=by_header)
    httpx.request(token.partition("-")[0], url)
    get_raw(url, f"/{token} {token}")
    for path in (
        "/v1/stream",
        "/v1/streams/x/watch",
        f"/v1/streams/{token}/watch",
        f"/v1/stream?token={token}",
        f"/{token}",
    ):
        for options in (
            {"additional_headers": by_header},
            {"subprotocols": ["scaleglove.v1", f"scaleglove.token.{encoded}"]},
            {"subprotocols": [f"scaleglove.token.{encoded}"]},
            {"subprotocols": ["scaleglove.v1", token]},
            {"origin": f"http://{token}", "additional_headers": by_header},
        ):
            try:
                with connect(url.replace("http", "ws") + path, **options) as stream:
                    stream.send(json.dumps({"type": token, token: token}))
                    read_to_end(stream)
            except (InvalidHandshake, ConnectionClosed):
                pass  # refused, as it should be


def test_no_token_is_ever_written_down(artefact_path: Path, tmp_path: Path) -> None:
    tokens = json.dumps([{"name": "lab", "token": RIGHT, "role": "admin", "rate": 1, "streams": 1}])
    command = ["serve", "--port", "0", "--log-level", "debug", "--models-dir", str(artefact_path.parent)]
    environment = os.environ | {"SCALEGLOVE_TOKENS": tokens}
    log = tmp_path / "log"
    with (
        log.open("w") as errors,
        started_command(*command, stdout=subprocess.PIPE, stderr=errors, env=environment) as serving,
    ):
        try:
            assert serving.stdout is not None
            url = serving.stdout.readline().strip().rpartition(" ")[2]
            for token in (RIGHT, WRONG):
                everywhere(url, token)
            assert httpx.get(f"{url}/v1/models", headers={"Authorization": f"Bearer {RIGHT}"}).status_code == 200
        finally:
            serving.terminate()
            written = serving.communicate(timeout=EVENT_S)[0]
    written += log.read_text()
    for token in (RIGHT, WRONG):
        for spelling in (token, token.partition("-")[0], base64.urlsafe_b64encode(token.encode()).decode()[:24]):
            assert spelling not in written
