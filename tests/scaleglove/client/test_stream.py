"""Streams that come back, before services that go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from websockets.asyncio.server import ServerConnection

from scaleglove.client.connection import (
    Prediction,
    Started,
    StreamConnection,
    StreamError,
    Text,
)
from scaleglove.client.prediction import predict
from scaleglove.client.stream import GloveStream
from scaleglove.client.sync_stream import SyncGloveStream
from scaleglove.protocol import Frames, decode_binary
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.scaleglove.client.scripted_service import STARTED, prediction, service_that

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


async def test_a_lost_stream_comes_back_and_numbers_frames_anew() -> None:
    seen: list[list[int]] = []

    async def answers(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        seen.append([])
        async for message in connection:
            if isinstance(message, bytes):
                frames = decode_binary(message)
                assert isinstance(frames, Frames)
                seen[-1].append(frames.seq)
                await connection.send(prediction(frames.seq))
            if len(seen) == 1 and len(seen[0]) == 2:
                await connection.close(1011)
                return

    async with service_that(answers) as address, GloveStream(address) as stream:
        messages = aiter(stream)
        assert isinstance(await anext(messages), Started)
        for number in range(2):
            assert await stream.send([number * 20.0], [FRAME])
            assert isinstance(await anext(messages), Prediction)
        assert isinstance(await anext(messages), Started)  # the next stream's
        assert await stream.send([60.0], [FRAME])
        assert isinstance(await anext(messages), Prediction)
    assert seen == [[0, 1], [0]]


async def test_frames_without_a_stream_are_counted_and_not_kept() -> None:
    gone = asyncio.Event()

    async def answers(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.close(1011)
        gone.set()

    async with service_that(answers) as address, GloveStream(address) as stream:
        await gone.wait()
        for _ in range(1000):
            if not await stream.send([0.0, 20.0], [FRAME, FRAME]):
                break
            await asyncio.sleep(0)
        assert stream.frames_lost == 2


async def test_a_refusal_is_not_tried_again(url: str) -> None:
    with pytest.raises(StreamError, match="none") as raised:
        await GloveStream(url, model="none").open()
    assert raised.value.code == "unknown_model"


async def test_a_stop_that_is_lost_is_the_end_all_the_same() -> None:
    async def answers(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.recv()  # stop
        await connection.close(1011)

    async with service_that(answers) as address, GloveStream(address) as stream, asyncio.timeout(EVENT_S):
        with pytest.raises(StreamError):
            await stream.stop()
        assert [type(message) async for message in stream] == [Started]


async def test_who_gives_up_opening_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), GloveStream("http://127.0.0.1:1"):
            pytest.fail("nobody is there")
    assert asyncio.all_tasks() == before


async def test_before_open_there_is_nothing_to_send_to() -> None:
    stream = GloveStream("http://127.0.0.1:1")
    with pytest.raises(StreamError, match="open"):
        await stream.send([0.0], [FRAME])


@pytest.mark.parametrize("kind", [Prediction, Text])
async def test_predictions_or_text_alone(url: str, kind: type[Prediction | Text]) -> None:
    async with StreamConnection(url, sample_rate_hz=50) as stream:
        await stream.send([number * 20.0 for number in range(100)], [FRAME] * 100)
        await stream.stop()
        messages = [message async for message in (stream.texts() if kind is Text else stream.predictions())]
    assert messages
    assert {type(message) for message in messages} == {kind}


def test_a_plain_program(url: str) -> None:
    with SyncGloveStream(url, sample_rate_hz=50) as stream:
        for number in range(100):
            assert stream.send([number * 20.0], [FRAME])
        assert stream.stop().frames == 100
        assert next(stream.texts()).composing == "ㄱ"
        stream.close()  # and once more at the end of the block


def test_a_plain_program_hears_a_refusal(url: str) -> None:
    with pytest.raises(StreamError, match="none"), SyncGloveStream(url, model="none"):
        pytest.fail("it was let in")


def test_windows_by_one_request(url: str) -> None:
    [first] = predict(url, [[FRAME] * 20], top_k=2)
    assert (first.label, first.state, len(first.top_k)) == ("ㄱ", "ok", 2)
    with pytest.raises(StreamError) as raised:
        predict(url, [[FRAME] * 20], model="none")
    assert raised.value.code == "unknown_model"
