"""Proxies of the environment: which is used, and that none ends a client with anything but one clear error."""

from __future__ import annotations

import pytest

from scaleglove.client import StreamError
from scaleglove.client.http import request
from scaleglove.client.proxies import ProxyError, is_this_machine, proxy_for
from scaleglove.client.websocket import connect, endpoint
from tests.live_service import live_service

NAMES = ("http", "https", "ws", "wss", "socks", "all", "no")
BROKEN = [
    *("ftp://proxy.invalid", "http://", "http://[bad", "http://a b:1", "http://proxy.invalid:99999", "http://x:0"),
    *("http://proxy.invalid/path", "http://proxy.invalid?x=1", "://", "proxy.invalid:port"),
]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in NAMES:
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "value", "address", "proxy"),
    [
        ("https_proxy", "proxy.invalid:3128", "wss://gloves.invalid/v1", "http://proxy.invalid:3128"),
        ("https_proxy", "proxy.invalid:3128", "https://gloves.invalid/v1", "http://proxy.invalid:3128"),
        ("HTTPS_PROXY", "http://proxy.invalid", "ws://gloves.invalid", "http://proxy.invalid"),
        ("http_proxy", "http://proxy.invalid/", "ws://gloves.invalid", "http://proxy.invalid/"),
        ("http_proxy", "proxy.invalid", "https://gloves.invalid", None),
        ("socks_proxy", "127.0.0.1:1080", "ws://gloves.invalid", "socks5h://127.0.0.1:1080"),
        ("socks_proxy", "http://127.0.0.1:1080", "ws://gloves.invalid", "socks5h://127.0.0.1:1080"),
        ("ws_proxy", "[::1]:3128", "ws://gloves.invalid", "http://[::1]:3128"),
        ("https_proxy", "http://ada@proxy.invalid:1", "wss://gloves.invalid", "http://ada:@proxy.invalid:1"),
        ("https_proxy", "", "wss://gloves.invalid", None),
        ("all_proxy", "nonsense://", "wss://gloves.invalid", None),
    ],
)
def test_the_proxy_of_the_environment(
    environment: pytest.MonkeyPatch, variable: str, value: str, address: str, proxy: str | None
) -> None:
    environment.setenv(variable, value)
    assert proxy_for(address) == proxy
    host = "gloves.invalid"
    for excluded in (host, f"x, .{host}", "*", "invalid"):
        environment.setenv("no_proxy", excluded)
        assert proxy_for(address) is None


HERE = ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "a.localhost", "[::1]", "127.8.8.8", "0.0.0.0"]


@pytest.mark.parametrize("host", [*HERE, "[::ffff:127.0.0.1]"])
def test_what_stays_on_this_machine_goes_through_no_proxy(environment: pytest.MonkeyPatch, host: str) -> None:
    for name in NAMES[:-2]:
        environment.setenv(f"{name}_proxy", "://nonsense")
    for scheme in ("ws", "wss", "http", "https"):
        assert proxy_for(f"{scheme}://{host}:8000/v1/stream") is None


@pytest.mark.parametrize("host", ["gloves.example", "192.0.2.1", "localhost.example", "128.0.0.1", "2001:db8::1", ""])
def test_other_machines(host: str) -> None:
    assert not is_this_machine(host)


async def attempts(url: str) -> list[StreamError]:
    """Return with what a stream and a request fail."""
    with pytest.raises(StreamError) as stream:
        await connect(endpoint(url, "/v1/stream"))
    with pytest.raises(StreamError) as asked:
        request(url, "/v1/streams", None)
    return [stream.value, asked.value]


@pytest.mark.parametrize("value", BROKEN)
async def test_what_is_no_proxy_is_one_clear_error(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("https_proxy", value)
    for failure in await attempts("https://gloves.invalid"):
        assert failure.code == "cannot_connect"
        assert "https_proxy is " in failure.detail


async def test_a_socks_proxy_names_what_is_missing(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("socks_proxy", "socks5://127.0.0.1:9")
    environment.setenv("https_proxy", "socks5://127.0.0.1:9")

    async def connect_without(*_: object, **__: object) -> None:
        """Fail as websockets does without python-socks, which a server of the benchmarks brings along."""
        raise ImportError("connecting through a SOCKS proxy requires python-socks")

    environment.setattr("websockets.asyncio.client.connect_socks_proxy", connect_without)
    stream, asked = await attempts("https://gloves.invalid")
    assert "python-socks" in stream.detail
    assert "no_proxy" in stream.detail
    assert "SOCKS" in asked.detail


@pytest.mark.parametrize(
    "value", ["http://ada:secret@proxy.invalid/x", "ada:secret@[x", "ftp://ada:secret@proxy.invalid"]
)
def test_an_error_never_has_the_password(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("https_proxy", value)
    with pytest.raises(ProxyError) as raised:
        proxy_for("https://gloves.invalid")
    assert "secret" not in str(raised.value)


async def test_a_service_on_this_machine_is_reached_whatever_the_proxies_are(environment: pytest.MonkeyPatch) -> None:
    for name in NAMES[:-1]:
        environment.setenv(f"{name}_proxy", "http://127.0.0.1:9")
    with live_service() as server:
        await (await connect(endpoint(server.url, "/v1/stream"))).close()
        assert request(server.url, "/v1/streams", None)
