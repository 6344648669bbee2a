"""The Python client before a service that asks for tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from scaleglove.client import (
    Started,
    StreamConnection,
    StreamError,
    watch,
)
from tests.live_service import live_service

SENDER, VIEWER = "sender-0123456789", "viewer-0123456789"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    tokens = [
        {"name": "glove", "token": SENDER, "role": "sender"},
        {"name": "wall", "token": VIEWER, "role": "viewer"},
    ]
    with live_service(tokens=json.dumps(tokens)) as server:
        yield server.url


@pytest.fixture(autouse=True)
def no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCALEGLOVE_TOKEN", raising=False)


async def test_the_token_opens(url: str) -> None:
    async with StreamConnection(url, token=SENDER + "\n") as stream:  # as a file holds it
        async with watch(url, stream.started.stream, token=VIEWER) as messages:
            assert isinstance(await anext(messages), Started)
        await stream.stop()


async def test_the_token_of_the_environment_opens_unless_another_is_given(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALEGLOVE_TOKEN", SENDER)
    async with StreamConnection(url) as stream:
        async with watch(url, stream.started.stream) as messages:
            assert isinstance(await anext(messages), Started)
        await stream.stop()
    with pytest.raises(StreamError, match="the token is unknown to this service"):
        await StreamConnection(url, token="another").open()


@pytest.mark.parametrize(
    ("token", "code", "expected"),
    [
        (None, "unauthorized", "a token is required: send the header Authorization"),
        ("wrong-0123456789", "unauthorized", "the token is unknown to this service"),
        (VIEWER, "forbidden", "the token 'wall' has the role viewer; this requires the role sender"),
        ("two\r\nX: lines", "unauthorized", "a character that no token has"),
        ("é", "unauthorized", "a character that no token has"),
    ],
)
async def test_a_refusal_has_the_sentence_of_the_service(url: str, token: str | None, code: str, expected: str) -> None:
    with pytest.raises(StreamError, match=expected) as raised:
        await StreamConnection(url, token=token).open()
    assert raised.value.code == code


async def test_a_viewer_without_a_token_is_refused(url: str) -> None:
    with pytest.raises(StreamError, match="a token is required: send the header Authorization") as raised:
        async with watch(url, "any"):
            pytest.fail("it was let in")
    assert raised.value.code == "unauthorized"
