"""Predictions and commands by HTTP requests to the real service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from scaleglove.client import (
    Command,
    Commanded,
    StreamConnection,
    StreamError,
    command,
    predict,
)
from tests.live_service import live_service

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


async def answer(stream: StreamConnection, refused: str | None = None) -> Command:
    async for message in stream:
        if isinstance(message, Command):
            await stream.tell(Commanded(message.id, refused))
            return message
    raise AssertionError("no command came")


async def test_a_command_to_the_only_glove_needs_no_stream_name(url: str) -> None:
    async with StreamConnection(url, commands=("interval", "recal")) as stream:
        answering = asyncio.create_task(answer(stream))
        assert await asyncio.to_thread(command, url, "interval", 20.0) == stream.started.stream
        message_received = await answering
    assert (message_received.command, message_received.interval_ms) == ("interval", 20.0)


async def test_the_reason_of_a_refused_command_is_raised(url: str) -> None:
    async with StreamConnection(url, commands=("recal",)) as stream:
        answering = asyncio.create_task(answer(stream, "the glove is not connected: unplugged"))
        with pytest.raises(StreamError, match="not connected: unplugged"):
            await asyncio.to_thread(command, url, "recal", stream=stream.started.stream)
        await answering
        with pytest.raises(StreamError) as raised:
            await asyncio.to_thread(command, url, "yawzero")
    assert raised.value.code == "no_commands"


async def test_of_several_gloves_one_has_to_be_named(url: str) -> None:
    async with StreamConnection(url, commands=("recal",)) as one, StreamConnection(url, commands=("recal",)) as another:
        with pytest.raises(StreamError, match="name one with --stream"):
            await asyncio.to_thread(command, url, "recal")
        answering = asyncio.create_task(answer(another))
        assert await asyncio.to_thread(command, url, "recal", stream=another.started.stream) != one.started.stream
        assert (await answering).command == "recal"


def test_without_a_glove_or_a_service_a_command_raises(url: str) -> None:
    with pytest.raises(StreamError, match="start the bridge first"):
        command(url, "recal")
    with pytest.raises(StreamError, match="none-such") as raised:
        command(url, "recal", stream="none-such")
    assert raised.value.code == "unknown_stream"
    with pytest.raises(StreamError, match="cannot reach the service at http"):
        command("http://127.0.0.1:1", "recal")
    with pytest.raises(StreamError) as raised:
        command(f"{url}/elsewhere", "recal")
    assert raised.value.code == "not_found"


def test_windows_by_one_request(url: str) -> None:
    [first] = predict(url, [[FRAME] * 20], top_k=2)
    assert (first.label, first.state, len(first.top_k)) == ("ㄱ", "ok", 2)
    with pytest.raises(StreamError) as raised:
        predict(url, [[FRAME] * 20], model="none")
    assert raised.value.code == "unknown_model"
