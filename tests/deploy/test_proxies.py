"""The service behind HAProxy and nginx, set up as `deploy/` has it: TLS, and a path prefix."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from scaleglove.client import GloveStream, StreamError, SyncGloveStream, predict, watch
from service.wearers.limits import MAX_WEARER_FILE
from tests.clients.test_javascript import node  # noqa: F401 - a fixture
from tests.conftest import ROOT
from tests.deadlines import RUN_S
from tests.deploy.conftest import Behind
from tests.deploy.proxies import PREFIX, PROXIES, ROOT_PATHS, make_certificate
from tests.end_to_end.conftest import commands
from tests.live_service import few_models, live_service

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]

LIES = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "127.0.0.1",
    "Forwarded": "host=evil.example;proto=http",
}


@pytest.fixture
def trusted(behind: Behind, monkeypatch: pytest.MonkeyPatch) -> Behind:
    """Return the service for clients that read from the environment which certificates they trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(behind.certificate))
    return behind


@pytest.mark.parametrize("claims", [{}, LIES], ids=["honest", "lying"])
def test_documents_and_redirects_name_the_public_address(behind: Behind, claims: dict[str, str]) -> None:
    public = urlsplit(behind.url)
    with behind.client() as client:
        client.headers.update(claims)
        assert client.get("openapi.json").json()["servers"] == [{"url": behind.url}]
        [server] = client.get("asyncapi.json").json()["servers"].values()
        assert server == {"host": public.netloc, "protocol": "wss", "pathname": PREFIX}
        assert 'url: "openapi.json"' in client.get("docs").text  # beside it, below the prefix too
        assert client.get("v1/models/").headers["location"] == f"{behind.url}/v1/models"
        bare = client.get(behind.url)
        assert (bare.status_code, bare.headers["location"]) == (308, f"{PREFIX}/")


def test_only_the_prefix_leads_to_the_service(behind: Behind) -> None:
    outside = behind.url.removesuffix(PREFIX)
    with behind.client() as client:
        for path in ("/", "/v1/models", "/glovesbox/v1/models", "/gloves/../v1/models"):
            assert client.get(outside + path).status_code == 404


def test_foreign_hosts_and_origins_are_refused_behind_a_proxy_too(behind: Behind) -> None:
    port = urlsplit(behind.url).port
    with behind.client() as client:
        refused = client.get("v1/streams", headers={"Host": f"evil.example:{port}", **LIES})
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_host")
        refused = client.get("v1/streams", headers={"Origin": "https://evil.example", **LIES})
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
        same = {"Origin": behind.url.removesuffix(PREFIX)}
        assert client.get("v1/streams", headers=same).status_code == 200


@pytest.mark.parametrize("wearer", ["민서", "Zoë", "ada"])
def test_paths_arrive_as_they_were_quoted(behind: Behind, wearer: str) -> None:
    with behind.client() as client:
        client.post("v1/wearers", json={"wearer": wearer}).raise_for_status()
        answer = client.get(f"v1/wearers/{quote(wearer, safe='')}").raise_for_status()
        assert answer.json()["wearer"] == wearer


def test_large_bodies_reach_the_service(behind: Behind) -> None:
    with behind.client() as client:
        answer = client.post("v1/predict", content=b"[" + b" " * 2**21, headers={"Content-Type": "application/json"})
        assert answer.headers["content-type"] == "application/problem+json"
    [limit] = [
        int(words[1].rstrip("m;"))
        for line in (ROOT / "deploy" / "nginx" / "scaleglove.conf").read_text().splitlines()
        if (words := line.split()) and words[0] == "client_max_body_size"
    ]
    assert limit * 2**20 >= MAX_WEARER_FILE


async def test_the_python_client_streams_through_it(trusted: Behind) -> None:
    async with GloveStream(trusted.url, sample_rate_hz=50) as stream:
        async with watch(trusted.url, stream.started.stream) as messages:
            await stream.send([20 * number for number in range(100)], [FRAME] * 100)
            assert (await anext(aiter(messages))).type
        await stream.stop()
        assert "ㄱ" in {prediction.label async for prediction in stream.predictions()}


def test_the_client_without_asyncio_does_too(trusted: Behind) -> None:
    [prediction] = predict(trusted.url, [[FRAME] * 20])
    assert prediction.label == "ㄱ"
    command = [sys.executable, ROOT / "clients" / "python" / "without_asyncio.py", trusted.url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert "\nok ㄱ 0.9" in done.stdout, done.stderr


def test_the_bridge_writes_through_it(behind: Behind) -> None:
    with commands({"SSL_CERT_FILE": str(behind.certificate)}) as start:
        glove = start("emulate", "--text", "가", "--hold-s", "1")
        bridge = start("bridge", "--port", glove.line(), "--url", behind.url, "--json")
        assert next(
            one for one in bridge.messages() if one["type"] == "text" and "가" in one["committed"] + one["composing"]
        )


def test_the_javascript_client_streams_through_it(behind: Behind, node: list[str]) -> None:  # noqa: F811
    command = [*node, str(ROOT / "clients" / "javascript" / "examples" / "send.mjs"), behind.url]
    environment = os.environ | {"NODE_EXTRA_CA_CERTS": str(behind.certificate)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert "ok ㄱ" in done.stdout, done.stderr
    assert "150 frames received" in done.stdout


def test_a_certificate_that_nobody_signed_is_said(behind: Behind) -> None:
    with pytest.raises(StreamError, match=r"certificate verify failed.*SSL_CERT_FILE") as caught:
        predict(behind.url, [[FRAME] * 20])
    assert caught.value.code == "cannot_connect"
    with commands() as start:
        bridge = start("bridge", "--port", start("emulate").line(), "--url", behind.url)
        assert bridge.process.stderr is not None
        assert next(line for line in bridge.process.stderr if "SSL_CERT_FILE" in line)


@pytest.mark.parametrize("name", list(PROXIES))
def test_a_proxy_without_its_service_is_said(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        PROXIES[name]("http://127.0.0.1:1", tmp_path) as url,
        pytest.raises(StreamError, match=r"answered HTTP 50[23]: a proxy is there") as caught,
    ):
        predict(url, [[FRAME] * 20])
    assert caught.value.code == "cannot_connect"


def test_a_proxy_that_is_not_trusted_is_not_believed(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with live_service(trusted_proxies="192.0.2.1") as server, PROXIES["haproxy"](server.url, tmp_path) as url:
        behind = Behind(url, server.url, certificate)
        behind.wait_for_service()
        with behind.client() as client:
            [named] = client.get("openapi.json").json()["servers"]
            assert named == {"url": url.replace("https", "http").removesuffix(PREFIX)}
            assert client.get("").text.startswith("<!doctype html>")


def test_a_prefix_that_the_service_does_not_know_is_not_found(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with live_service() as server, PROXIES["nginx"](server.url, tmp_path) as url:
        with Behind(url, server.url, certificate).client() as client:
            answer = client.get("")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", list(PROXIES))
def test_workers_share_out_the_streams_that_come_through_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    options = ("--workers", "2", "--models-dir", str(few_models()), "--root-path", ROOT_PATHS[name])
    with commands() as start, ExitStack() as streams:
        own_url = start("serve", "--port", "0", "--log-level", "warning", *options).line().rpartition(" ")[2]
        url = streams.enter_context(PROXIES[name](own_url, tmp_path))
        Behind(url, own_url, certificate).wait_for_service()
        opened = [streams.enter_context(SyncGloveStream(url, sample_rate_hz=50)) for _ in range(6)]
        workers = Counter(stream.started.stream.partition("-")[0] for stream in opened)
    assert sorted(workers.values()) == [3, 3]
