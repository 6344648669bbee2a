"""GloveStream against services that go away, and against the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import orjson
import pytest
from websockets.asyncio.server import ServerConnection

from scaleglove.client import (
    Command,
    Commanded,
    Gesture,
    GloveStream,
    Prediction,
    Started,
    StreamConnection,
    StreamError,
    Text,
    command,
)
from scaleglove.client.gloves import Glove
from scaleglove.client.wearers import Wearer
from scaleglove.protocol import Frames, decode_binary
from tests.deadlines import EVENT_S, until
from tests.live_service import live_service
from tests.models.adaptation.test_glove_check import session
from tests.scaleglove.client.scripted_service import STARTED, prediction, service_that

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


async def test_a_lost_stream_reconnects_and_numbers_its_frames_from_zero() -> None:
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


async def test_a_cancelled_open_leaves_nothing_behind() -> None:
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


async def test_a_stream_is_reset_edited_and_counted(url: str) -> None:
    stream = GloveStream(url, sample_rate_hz=50)
    assert stream.started is None
    async with stream:
        assert stream.started == await stream.open()
        await stream.send([number * 20.0 for number in range(100)], [FRAME] * 100)
        await stream.reset()
        await stream.edit("clear")
        async for text in stream.texts():
            if (text.committed, text.composing) == ("", ""):
                break
        await stream.send([2000.0], [FRAME])
        assert (stream.frames_sent, stream.frames_lost, stream.unread) == (101, 0, 0)
        await stream.stop()
        states = [prediction.state async for prediction in stream.predictions()]
    assert states[-1] == "warming"
    assert stream.started is None


async def test_a_command_is_answered_through_the_stream(url: str) -> None:
    async with GloveStream(url, commands=("recal",)) as stream:
        assert stream.started is not None
        name = stream.started.stream
        sending = asyncio.create_task(asyncio.to_thread(command, url, "recal", stream=name))
        async for message in stream:
            if isinstance(message, Command):
                await stream.tell(Commanded(message.id, None))
                break
        assert await sending == name


async def test_a_shape_that_was_held_becomes_an_example(url: str) -> None:
    holder = Wearer(url, "holder")
    assert holder.create()
    async with GloveStream(url, sample_rate_hz=50) as stream:
        with pytest.raises(StreamError) as raised:
            await stream.doubts()
        assert raised.value.code == "no_wearer"
        moving = np.arange(40)[:, np.newaxis] + np.array(FRAME)
        await stream.send(np.arange(100) * 20.0, [*[FRAME] * 60, *moving.tolist()])
        async for message in stream:
            if isinstance(message, Gesture):
                break
        async for later in stream:
            if isinstance(later, Prediction) and later.seq == 99:
                break
        assert message.shape is not None
        found = await stream.doubts(2, wearer="holder")
        assert [(doubt.shape, doubt.letter) for doubt in found.doubts] == [(message.shape, message.label)]
        added = await stream.answer(message.shape, "ㄴ", wearer="holder")
        assert added.label == "ㄴ"
        assert (await stream.doubts(wearer="holder")).held == 1
        with pytest.raises(StreamError) as raised:
            await stream.answer(99, "ㄴ", wearer="holder")
        assert (raised.value.code, raised.value.field) == ("unknown_shape", "shape")
        with pytest.raises(StreamError) as raised:
            await stream.keep_words("ada")
        assert (raised.value.code, raised.value.field) == ("no_word_examples", "stream")
    assert holder.forget_words() == 0
    assert holder.guidance().have == {"ㄴ": 1}


@pytest.mark.parametrize("name", ["answer", "doubts", "edit", "keep_words", "reset", "stop", "tell"])
async def test_without_a_connection_there_is_nothing_to_write_to(name: str) -> None:
    gone = asyncio.Event()

    async def answers(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.close(1011)
        gone.set()

    arguments = {
        "edit": ("space",),
        "tell": (Commanded(1, None),),
        "answer": (0, "ㄱ", "ada"),
        "keep_words": ("ada",),
    }.get(name, ())
    async with service_that(answers) as address, GloveStream(address) as stream:
        await gone.wait()
        while await stream.send([0.0], [FRAME]):
            pass
        with pytest.raises(StreamError) as raised:
            await getattr(stream, name)(*arguments)
    assert raised.value.code == "not_open"


async def test_another_glove_begins_a_new_stream(url: str) -> None:
    name = "of-another-stream"
    glove = Glove(url, name)
    await asyncio.to_thread(glove.create)
    version = (await asyncio.to_thread(glove.calibrate, session())).version
    async with GloveStream(url) as stream:
        first = stream.started
        assert first is not None
        await stream.use_glove(name)
        async for message in stream:
            if isinstance(message, Started) and message.stream != first.stream:
                break
        assert (message.glove, message.glove_profile) == (name, version)
        await stream.use_glove()
        async for other in stream:
            if isinstance(other, Started) and other.stream != message.stream:
                break
        assert other.glove is None
        await stream.stop()
        assert stream.stopped is not None


async def test_another_wearer_begins_a_new_stream_of_the_model_that_the_profile_is_for() -> None:
    starts: list[dict[str, object]] = []

    async def answers(connection: ServerConnection) -> None:
        starts.append(orjson.loads(await connection.recv()))
        await connection.send(STARTED)
        await connection.wait_closed()

    async with service_that(answers) as address, GloveStream(address, model="one") as stream:
        for number, named in enumerate([("ada", None), ("bea", "two"), (None, None)], 2):
            await stream.use_wearer(*named)
            await until(lambda number=number: len(starts) == number and stream.started is not None)
    assert [(start.get("wearer"), start["model"]) for start in starts] == [
        (None, "one"),
        ("ada", "one"),
        ("bea", "two"),
        (None, "two"),
    ]
