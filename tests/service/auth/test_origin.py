from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from service.auth.origin import Origins
from service.problems import ProblemError
from service.settings import Settings


def passes(origin: str | None, at: str, open_to_all: bool, **settings: str) -> bool:
    headers = {"host": at} if origin is None else {"host": at, "origin": origin}
    given = Settings(_env_file=None, **settings)
    try:
        Origins(given.allowed_origins, given.host).refuse_foreign(headers, open_to_all)
    except ProblemError:
        return False
    return True


@pytest.mark.parametrize("open_to_all", [True, False])
@pytest.mark.parametrize(
    ("origin", "host", "answered"),
    [
        (None, "evil.example", True),  # no browser
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("https://127.0.0.1:8000", "127.0.0.1:8000", True),  # a proxy took the TLS off
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("HTTP://LOCALHOST:8000", "LocalHost:8000", True),
        ("http://192.0.2.7", "192.0.2.7", True),
        ("http://192.0.2.7", "192.0.2.8", False),
        ("http://127.0.0.1:1", "127.0.0.1:8000", False),
        ("https://evil.example", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
    ],
)
def test_a_page_is_answered_where_it_was_opened(
    origin: str | None, host: str, open_to_all: bool, answered: bool
) -> None:
    assert passes(origin, host, open_to_all) is answered


@pytest.mark.parametrize("host", ["evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "x", "["])
def test_a_name_that_anybody_can_point_here_is_not_ours_without_tokens(host: str) -> None:
    assert not passes(f"http://{host}", host, open_to_all=True)
    assert passes(f"http://{host}", host, open_to_all=False)  # its page has no token


def test_a_name_that_somebody_set_is_ours() -> None:
    assert passes("http://gloves.lan:8000", "gloves.lan:8000", open_to_all=True, host="gloves.lan")
    assert passes("https://gloves.lan", "127.0.0.1:8000", open_to_all=True, allowed_origins="https://gloves.lan")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/streams"),
        ("GET", "/v1/models"),
        ("GET", "/metrics"),
        ("POST", "/v1/predict"),
        ("POST", "/v1/streams/none/commands"),
    ],
)
def test_requests_of_foreign_pages_are_refused_too(service: Any, method: str, path: str) -> None:
    host = service.url.removeprefix("http://")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "http://evil.example", "Host": "evil.example"}):
        answer = httpx.request(method, service.url + path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert httpx.request(method, service.url + path, headers={"Origin": f"http://{host}"}).status_code in {200, 422}


def test_a_foreign_page_learns_nothing_of_a_token(start_service: Any) -> None:
    tokens = json.dumps([{"name": "wall", "token": "wall-012345678901", "role": "viewer"}])
    with start_service(tokens=tokens) as service:
        for token in ("wall-012345678901", "wrong-01234567890"):
            headers = {"Origin": "https://evil.example", "Authorization": f"Bearer {token}"}
            answer = httpx.get(f"{service.url}/v1/streams", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
