from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette._utils import get_route_path

from service.auth.trusted_proxies import LOOPBACK, TrustedProxies
from service.http.public_address import NamePublicHost, PublicAddress, ReadForwarded
from service.path_prefix import route_path

HOST = "127.0.0.1:8000"


def seen(
    headers: dict[str, str] | list[tuple[str, str]],
    *,
    path: str = "/v1/models",
    peer: str | None = "127.0.0.1",
    root_path: str = "",
    kind: str = "http",
    trusted: str = LOOPBACK,
) -> dict[str, Any]:
    """Return the scope that routes see of a request with these headers."""
    given = list(headers.items()) if isinstance(headers, dict) else headers
    scopes = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    async def nothing(*_: Any) -> Any: ...

    scope = {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "headers": [(b"host", HOST.encode()), *((name.lower().encode(), value.encode()) for name, value in given)],
        "client": None if peer is None else (peer, 1),
    }
    asyncio.run(ReadForwarded(NamePublicHost(app), root_path, TrustedProxies.parse(trusted))(scope, nothing, nothing))
    return scopes[0]


def url(*arguments: Any, **options: Any) -> str:
    return PublicAddress.of(seen(*arguments, **options)).url


ALL = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "lab.example",
    "X-Forwarded-Prefix": "/gloves",
    "X-Forwarded-For": "192.0.2.77",
}


def test_a_trusted_proxy_names_the_address() -> None:
    assert url(ALL) == "https://lab.example/gloves"
    assert url(ALL, kind="websocket") == "https://lab.example/gloves"
    assert seen(ALL, kind="websocket")["scheme"] == "wss"
    assert url({"X-Forwarded-Proto": "https"}) == f"https://{HOST}"
    assert url({"X-Forwarded-Prefix": "/a/b/"}) == f"http://{HOST}/a/b"


@pytest.mark.parametrize("peer", ["192.0.2.1", "::ffff:192.0.2.1", None])
def test_nobody_else_does(peer: str | None) -> None:
    assert url(ALL, peer=peer) == f"http://{HOST}"
    assert url(ALL, peer=peer, root_path="/hall") == f"http://{HOST}/hall"
    assert url(ALL, trusted="") == f"http://{HOST}"


def test_the_client_s_address_is_not_read() -> None:
    assert seen(ALL)["client"] == ("127.0.0.1", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Host", "evil.example/path"),
        ("X-Forwarded-Host", "a" * 300),
        ("X-Forwarded-Host", "user@evil.example"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Forwarded-Prefix", "/'-alert(1)-'"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-Proto", ""),
    ],
)
def test_what_is_no_address_changes_nothing(name: str, value: str) -> None:
    assert url({name: value}) == f"http://{HOST}"


def test_of_several_the_nearest_proxy_s_counts() -> None:
    assert url({"X-Forwarded-Host": "evil.example, lab.example"}) == "http://lab.example"
    assert url([("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Host", "lab.example")]) == "http://lab.example"
    assert url({"X-Forwarded-Proto": "http, https"}) == f"https://{HOST}"


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/models", "/v1/models"),  # the proxy has taken the prefix off
        ("/gloves/v1/models", "/v1/models"),
        ("/gloves/", "/"),
        ("/gloves", ""),
        ("/glovesbox", "/glovesbox"),
        ("/gloves/gloves/v1", "/gloves/v1"),
        ("/", "/"),
    ],
)
def test_the_prefix_of_the_settings_may_be_there_or_not(path: str, route: str) -> None:
    scope = seen({}, path=path, root_path="/gloves")
    assert (scope["root_path"], scope["path"]) == ("/gloves", "/gloves" + route)
    assert route_path(scope) == route


def test_a_prefix_that_the_proxy_names_is_off_already() -> None:
    scope = seen({"X-Forwarded-Prefix": "/v1"}, path="/v1/models", root_path="/gloves")
    assert (scope["root_path"], route_path(scope)) == ("/v1", "/v1/models")


@given(st.text(st.sampled_from("/ab"), max_size=8), st.sampled_from(["", "/a", "/a/b"]), st.sampled_from([None, "/b"]))
def test_what_is_checked_is_what_is_routed(path: str, root_path: str, said: str | None) -> None:
    scope = seen({} if said is None else {"X-Forwarded-Prefix": said}, path="/" + path, root_path=root_path)
    assert route_path(scope) == get_route_path(scope)


def test_without_a_host_the_address_is_relative() -> None:
    scope = {"type": "http", "scheme": "http", "headers": [], "root_path": "/gloves"}
    assert PublicAddress.of(scope).url == "/gloves"
    assert PublicAddress.of(scope | {"root_path": "", "headers": [(b"host", b"<script>")]}).url == "/"


PROXIED = {"X-Forwarded-Proto": "https", "Host": "127.0.0.1"}


def test_documents_and_redirects_name_the_prefix(start_service: Any) -> None:
    with start_service(root_path="/gloves") as service, httpx.Client(headers=PROXIED) as client:
        for base in (f"{service.url}/gloves", service.url):  # as proxies do that leave it on, or take it off
            document = client.get(f"{base}/openapi.json").json()
            assert document["servers"] == [{"url": "https://127.0.0.1/gloves"}]
            [server] = client.get(f"{base}/asyncapi.json").json()["servers"].values()
            assert server == {"host": "127.0.0.1", "protocol": "wss", "pathname": "/gloves"}
            assert 'url: "openapi.json"' in client.get(f"{base}/docs").text  # below the prefix as without one
            assert "cdn.jsdelivr.net" in client.get(f"{base}/docs").headers["content-security-policy"]
            assert client.get(f"{base}/v1/models/").headers["location"] == "https://127.0.0.1/gloves/v1/models"
            assert client.get(f"{base}/health/ready").status_code == 200
            assert client.get(f"{base}/v2/nowhere").json().keys() == {"error"}
        assert client.get(f"{service.url}/gloves").headers["location"] == "https://127.0.0.1/gloves/"


def test_a_rebound_page_that_writes_the_headers_of_a_proxy_is_refused(service: Any) -> None:
    """Browsers come over loopback, which is trusted, and let a page write any of these to its own origin."""
    claims = {"X-Forwarded-Host": "localhost", "X-Forwarded-Prefix": "/x", "X-Forwarded-For": "127.0.0.1"}
    for path in ("/v1/streams", "/health/ready"):
        refused = httpx.get(service.url + path, headers={"Host": "evil.example", **claims})
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_host")
    origin = {"Origin": "https://evil.example", **claims}
    assert httpx.get(f"{service.url}/v1/streams", headers=origin).json()["code"] == "foreign_origin"
