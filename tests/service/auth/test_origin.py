from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.datastructures import Headers

from service.auth.origin import Origins
from service.problems import ProblemError
from service.settings import Settings, access_is_decided
from tests.deadlines import EVENT_S
from tests.service.auth.test_require import NEEDED

TOKENS = json.dumps([{"name": "wall", "token": "wall-012345678901", "role": "viewer"}])


def refusal(path: str = "/v1/streams", *, headers: dict[str, str], **given: str) -> str | None:
    """Return the code with which a request with these headers is refused, if it is."""
    settings = Settings(_env_file=None, **given)
    open_to_all = settings.tokens.get_secret_value() in {"", "none"}
    origins = Origins(
        settings.allowed_origins, settings.host, open_to_all=open_to_all, home_names=access_is_decided(settings)
    )
    try:
        origins.refuse_foreign_host(Headers(headers), path)
        origins.refuse_foreign_origin(Headers(headers))
    except ProblemError as problem:
        return f"{problem.status} {problem.code}"
    return None


FOREIGN_HOST, FOREIGN_ORIGIN = "403 foreign_host", "403 foreign_origin"


HOSTS = pytest.mark.parametrize("name", ["host", "x-forwarded-host", "forwarded", "second"])


def asking(name: str, host: str) -> dict[str, str]:
    """Return headers that ask for a host, in a header that browsers, or proxies, write."""
    if name == "host":
        return {"host": host}
    if name == "second":
        return {"host": "localhost", "x-forwarded-host": f"localhost, {host}"}
    return {"host": "127.0.0.1:8000", name: host if name == "x-forwarded-host" else f'for=192.0.2.1;Host="{host}"'}


@HOSTS
@pytest.mark.parametrize(
    "host",
    [
        *("localhost:8000", "LocalHost", "localhost.:8000", "gloves.localhost"),
        *("127.0.0.1:8000", "127.0.0.1.", "192.0.2.7", "[::1]:8000", "[0:0:0:0:0:0:0:1]"),
    ],
)
def test_addresses_and_localhost_are_known_to_be_this_service(name: str, host: str) -> None:
    assert refusal(headers=asking(name, host)) is None


@HOSTS
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example:8000", "EVIL.example.", "localhost.evil.example", "127.0.0.1.evil.example", "x"),
        *("raspberrypi.local", "localhost@evil.example", "[", "localhost/"),
    ],
)
def test_a_name_that_anybody_can_point_here_is_refused_without_tokens(name: str, host: str) -> None:
    assert refusal(headers=asking(name, host)) == FOREIGN_HOST
    assert refusal(headers=asking(name, host), tokens=TOKENS) is None  # a page there has no token
    same = {**asking(name, host), "origin": f"http://{host}"}
    assert refusal(headers=same) == FOREIGN_HOST


AT_HOME = ["raspberrypi.local:8000", "RaspberryPi.local.", "raspberrypi", "pi.lan", "service:8000"]


@pytest.mark.parametrize("host", AT_HOME)
def test_names_at_home_are_ours_where_the_settings_say_that_anyone_may_do_anything(host: str) -> None:
    assert refusal(headers={"host": host}, tokens="none") is None
    assert refusal(headers={"host": host, "origin": f"http://{host}"}, tokens="none") is None
    assert refusal(headers={"host": host}) == FOREIGN_HOST


@pytest.mark.parametrize("host", ["evil.example", "pi.local.evil.example", "locallocal.example", "pi.fritz.box"])
def test_names_of_the_web_are_not_even_then(host: str) -> None:
    assert refusal(headers={"host": host}, tokens="none") == FOREIGN_HOST


def test_names_that_somebody_set_are_ours() -> None:
    assert refusal(headers={"host": "gloves.lan:8000"}, host="gloves.lan") is None
    for host in ("gloves.example", "Gloves.Example.:8000"):
        assert refusal(headers={"host": host}, allowed_origins="https://gloves.example:443") is None


def test_without_a_host_only_the_health_is_answered() -> None:
    assert refusal(headers={}) == FOREIGN_HOST
    assert refusal(headers={"host": ""}) == FOREIGN_HOST
    assert refusal("/health/ready", headers={}) is None
    assert refusal("/health/ready", headers={"host": "evil.example"}) == FOREIGN_HOST
    assert refusal(headers={}, tokens=TOKENS) is None
    assert refusal(headers={"x-forwarded-host": "localhost"}) is None


@pytest.mark.parametrize("tokens", ["", "none", TOKENS])
@pytest.mark.parametrize("header", ["origin", "scaleglove-origin"])
@pytest.mark.parametrize(
    ("origin", "host", "answered"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("https://127.0.0.1:8000", "127.0.0.1:8000", True),  # a proxy took the TLS off
        ("http://[::1]:8000", "[::1]:8000", True),
        ("HTTP://LOCALHOST:8000", "LocalHost:8000", True),
        ("http://localhost.:8000", "localhost:8000", True),
        ("http://localhost", "localhost:80", True),
        ("https://localhost", "localhost:443", True),
        ("http://192.0.2.7", "192.0.2.7", True),
        ("http://192.0.2.7", "192.0.2.8", False),
        ("http://127.0.0.1:1", "127.0.0.1:8000", False),
        ("http://localhost:8080", "localhost", False),  # a proxy that forwards the name without its port
        ("https://evil.example", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
        ("http://localhost:8000/", "localhost:8000", False),
    ],
)
def test_a_page_is_answered_where_it_was_opened(
    header: str, origin: str, host: str, answered: bool, tokens: str
) -> None:
    refused = refusal(headers={"host": host, header: origin}, tokens=tokens)
    assert refused == (None if answered else FOREIGN_ORIGIN)


def test_a_page_is_answered_where_a_proxy_says_that_it_was_opened() -> None:
    headers = {"host": "127.0.0.1:8000", "origin": "https://gloves.example", "x-forwarded-host": "gloves.example"}
    assert refusal(headers=headers, tokens=TOKENS) is None
    assert refusal(headers=headers, allowed_origins="https://gloves.example") is None
    assert refusal(headers=headers) == FOREIGN_HOST


def test_other_origins_are_allowed_by_the_setting() -> None:
    headers = {"host": "127.0.0.1:8000", "origin": "https://Gloves.example:443"}
    assert refusal(headers=headers, allowed_origins="http://x, https://gloves.example") is None


GETS = [path for call, path in (name.split() for name in NEEDED) if call == "GET"]
FILES = ["/", "/main.js", "/index.html", "/client/scaleglove.js", "/vocabularies/korean.json", "/nowhere"]


@pytest.mark.parametrize("path", [*GETS, *FILES])
def test_every_route_decides_by_the_host(service: Any, path: str) -> None:
    url = service.url + path.replace("{", "").replace("}", "")
    refused = httpx.get(url, headers={"Host": "evil.example:8000"})
    assert refused.status_code == 403
    if path.startswith("/v2"):
        assert "SCALEGLOVE_ALLOWED_ORIGINS" in refused.json()["error"]
    else:
        assert refused.json()["code"] == "foreign_host"
    assert httpx.get(url).status_code in {200, 404, 409, 422}


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
@pytest.mark.parametrize("call", [name for name in NEEDED if not name.startswith(("GET", "HEAD", "WebSocket"))])
def test_requests_that_change_something_are_refused_too(service: Any, call: str, headers: dict[str, str]) -> None:
    method, path = call.split()
    answer = httpx.request(method, service.url + path.replace("{", "").replace("}", ""), headers=headers)
    assert answer.status_code == 403
    assert "SCALEGLOVE_ALLOWED_ORIGINS" in answer.text


def test_a_foreign_page_learns_nothing_of_a_token(start_service: Any) -> None:
    with start_service(tokens=TOKENS) as service:
        for token in ("wall-012345678901", "wrong-01234567890"):
            headers = {"Origin": "https://evil.example", "Authorization": f"Bearer {token}"}
            answer = httpx.get(f"{service.url}/v1/streams", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert httpx.get(service.url, headers={"Host": "any.example"}).status_code == 200


def test_a_person_reads_why(service: Any) -> None:
    headers = {"Host": "<b>evil</b>.example:8000", "Accept": "text/html,*/*"}
    answer = httpx.get(service.url, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "<b>" not in answer.text
    assert "foreign_host" in answer.text
    assert "script" not in answer.headers["content-security-policy"]
    answer = httpx.get(f"{service.url}/v1/models", headers={"Host": "raspberrypi.local:8000", "Accept": "text/html"})
    assert answer.text.count("SCALEGLOVE_ALLOWED_ORIGINS=http://raspberrypi.local:8000<") == 2  # in both languages


@contextmanager
def raw(service: Any) -> Iterator[socket.socket]:
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port), timeout=EVENT_S) as connection:
        yield connection


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /v1/streams HTTP/1.0\r\n", b"403"),
        (b"GET / HTTP/1.0\r\n", b"403"),
        (b"GET /health/ready HTTP/1.0\r\n", b"200"),
        (b"GET /v1/streams HTTP/1.1\r\nHost: [\r\n", b"403"),
        (b"GET /v1/streams HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", b"403"),
        (b"GET /v1/streams HTTP/1.1\r\nHost: localhost\r\n", b"200"),
    ],
)
def test_what_clients_do_not_send_of_themselves(service: Any, head: bytes, status: bytes) -> None:
    with raw(service) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] == status
