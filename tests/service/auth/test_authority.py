from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.auth.authority import Authority, Origin


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost", "localhost", None),
        ("LocalHost:8000", "localhost", 8000),
        ("localhost.:8000", "localhost", 8000),
        ("localhost:", "localhost", None),
        ("127.0.0.1.", "127.0.0.1", None),
        ("[::1]:8000", "::1", 8000),
        ("[0:0:0:0:0:0:0:1]", "::1", None),
        ("[FE80::1%25eth0]:80", "fe80::1", 80),
        ("my_container:8000", "my_container", 8000),
    ],
)
def test_hosts_have_one_spelling(text: str, host: str, port: int | None) -> None:
    assert Authority.parse(text) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "[", "[]", "[::1", "::1", "[nonsense]", "[1.2]", "a b", "a/b", "a,b", "a@localhost", "localhost:x"),
        *("localhost:123456", "localhost#", "localhost?", "localhost\\evil", '"localhost"', "<b>", ":80", "a:1:2"),
    ],
)
def test_what_is_not_a_host(text: str) -> None:
    assert Authority.parse(text) is None


@given(st.text(max_size=60))
def test_any_text_is_an_authority_or_none(text: str) -> None:
    Origin.parse(f"http://{text}")
    authority = Authority.parse(text)
    assert authority is None or not set("/@?#\\,<>\"' ") & set(authority.host)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://gloves", "gloves:80", True),
        ("http://gloves:80", "gloves", True),
        ("https://gloves", "gloves:443", True),
        ("https://gloves:443", "gloves", True),
        ("https://gloves", "gloves:80", False),
        ("http://gloves", "gloves:443", False),
        ("http://gloves:8000", "gloves", False),
        ("http://GLOVES.:8000", "gloves:8000", True),
        ("http://[::1]:8000", "[0:0::1]:8000", True),
    ],
)
def test_default_ports_equal_none(origin: str, host: str, same: bool) -> None:
    parsed, authority = Origin.parse(origin), Authority.parse(host)
    assert parsed is not None
    assert authority is not None
    assert parsed.is_of(authority) is same


@pytest.mark.parametrize("text", ["null", "gloves", "://gloves", "http://", "http://a/b", "file:///tmp"])
def test_what_is_not_an_origin(text: str) -> None:
    assert Origin.parse(text) is None
