"""The Python client against the real service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from websockets.asyncio.server import ServerConnection

from scaleglove.channels import CHANNELS
from scaleglove.client import (
    Command,
    Error,
    Gap,
    LinkReport,
    Prediction,
    ServerMessage,
    Stale,
    Started,
    Stopped,
    StreamConnection,
    StreamError,
    Text,
    TextOptions,
    ViewedFrames,
    watch,
)
from scaleglove.client import websocket as connection_module
from scaleglove.client.connection import WholeMilliseconds
from scaleglove.client.receive_queue import MAX_UNREAD
from scaleglove.letters import LETTERS
from scaleglove.protocol import (
    ACCEPTS,
    ClientMessage,
    Commanded,
    DeviceRemark,
    Edit,
    Start,
    Stop,
    decode_binary,
    decode_text,
    encode,
)
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.scaleglove.client.scripted_service import STARTED, prediction, service_that

REPORT = LinkReport("streaming", "/dev/glove", "", 50.0, 0.5, None, 10, 1, 0, 0, 0, 0)
KNOWS_COMMANDS = encode(Started("s", "m", 87, 20, 50.0, ("a",), ("interval",), ACCEPTS))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


def still(count: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    values = np.array([800.0, 790.0, 810.0, 850.0, 870.0, 15.0, -60.0, -20.0], np.float32)
    return np.arange(count) * 20.0, np.tile(values, (count, 1))


async def first(stream: StreamConnection, kind: type[ServerMessage]) -> ServerMessage:
    async with asyncio.timeout(EVENT_S):
        async for message in stream:
            if isinstance(message, kind):
                return message
    raise AssertionError(f"no {kind} came")


async def test_starts_sends_and_stops(url: str) -> None:
    times, values = still(100)
    async with StreamConnection(url, top_k=2) as stream:
        assert isinstance(stream.started, Started)
        assert stream.started.labels == LETTERS
        await stream.send(times[:60], values[:60])
        await stream.send(times[60:], values[60:])
        stopped = await stream.stop()
        messages = [message async for message in stream]
    assert (stopped.frames, stopped.missing_frames, stopped.late_frames) == (100, 0, 0)
    assert messages[-1] == stopped
    predictions = [message for message in messages if isinstance(message, Prediction)]
    assert len(predictions) == stopped.predictions
    assert predictions[0].state == "warming"
    last = predictions[-1]
    assert last.state in {"ok", "rejected"}
    assert len(last.top_k) == 2
    assert sum(last.scale_importance.values()) == pytest.approx(1.0, abs=1e-4)
    assert not any(isinstance(message, Gap) for message in messages)


async def test_predictions_come_while_frames_go(url: str) -> None:
    times, values = still(100)
    async with StreamConnection(url) as stream:
        listening = asyncio.create_task(first(stream, Prediction))
        for t_ms, frame in zip(times, values, strict=True):
            await stream.send([t_ms], [frame])
        assert isinstance(await listening, Prediction)


async def test_stop_does_not_take_messages_from_an_iterator(url: str) -> None:
    times, values = still(100)
    async with StreamConnection(url) as stream:
        seen: list[ServerMessage] = []

        async def listen() -> None:
            seen.extend([message async for message in stream])

        listening = asyncio.create_task(listen())
        await stream.send(times, values)
        stopped = await stream.stop()
        async with asyncio.timeout(EVENT_S):
            await listening
    numbers = [message.seq for message in seen if isinstance(message, Prediction)]
    assert numbers == sorted(numbers)
    assert len(numbers) == stopped.predictions
    assert seen[-1] == stopped


async def test_reset_makes_the_window_warm_up_again(url: str) -> None:
    times, values = still(100)
    async with StreamConnection(url) as stream:
        await stream.send(times, values)
        await stream.reset()
        await stream.send(times[:5] + 2000.0, values[:5])
        await stream.stop()
        states = [message.state async for message in stream if isinstance(message, Prediction)]
    assert states[-1] == "warming"


async def test_a_silence_is_reported_as_stale() -> None:
    with live_service(stale_after_ms=300.0) as server:
        await hears_of_its_silence(server.url)


async def hears_of_its_silence(url: str) -> None:
    async with StreamConnection(url) as stream:
        await stream.send(*still(5))
        stale = await first(stream, Stale)
    assert isinstance(stale, Stale)
    assert stale.silent_ms >= 300


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "none-such"}, "unknown_model"),
        ({"channels": CHANNELS[:7]}, "bad_channels"),
        ({"channels": CHANNELS[::-1]}, "bad_channels"),
        ({"wearer": "nobody"}, "unknown_wearer"),
        ({"hop_ms": -1.0}, "bad_message"),
    ],
)
async def test_a_refused_start_raises_the_reason(url: str, options: dict[str, object], code: str) -> None:
    with pytest.raises(StreamError) as raised:
        await StreamConnection(url, **options).open()  # type: ignore[arg-type]
    assert raised.value.code == code
    assert str(raised.value) == raised.value.detail != ""


async def test_a_fault_is_received_and_then_raised(url: str) -> None:
    times, values = still(3)
    values[1, 4] = np.inf
    async with StreamConnection(url) as stream:
        await stream.send(times, values)
        assert isinstance(error := await first(stream, Error), Error)
        assert "flex5" in error.detail
        with pytest.raises(StreamError, match="flex5"):
            await first(stream, Stopped)


@pytest.mark.parametrize(("times", "shape"), [(0, (0, 8)), (1, (1, 7)), (2, (1, 8)), (1025, (1025, 8)), (1, (8,))])
async def test_frames_of_a_wrong_shape_are_not_sent(url: str, times: int, shape: tuple[int, ...]) -> None:
    async with StreamConnection(url) as stream:
        with pytest.raises(ValueError, match="t_ms"):
            await stream.send(np.zeros(times), np.zeros(shape))
        assert (await stream.stop()).frames == 0


async def test_a_viewer_sees_frames_and_predictions_until_the_stream_ends(url: str) -> None:
    times, values = still(60)
    async with StreamConnection(url) as stream, watch(url, stream.started.stream) as viewer:
        assert await anext(viewer) == stream.started
        await stream.send(times, values)
        await stream.stop()
        seen = [message async for message in viewer]
    frames = [message for message in seen if isinstance(message, ViewedFrames)]
    assert [t_ms for message in frames for t_ms in message.t_ms] == list(times)
    assert any(isinstance(message, Prediction) for message in seen)
    assert isinstance(seen[-1], Stopped)


async def test_a_viewer_of_an_unknown_stream_is_refused(url: str) -> None:
    async with watch(url, "none-such") as viewer:
        with pytest.raises(StreamError) as raised:
            await anext(viewer)
    assert raised.value.code == "unknown_stream"


async def test_a_service_that_stops_is_a_lost_stream() -> None:
    with live_service() as server:
        stream = StreamConnection(server.url)
        await stream.open()
        server.should_exit = True
        with pytest.raises(StreamError) as raised:
            await first(stream, Stopped)
        assert raised.value.code == "going_away"
        with pytest.raises(StreamError):
            await stream.send(*still(1))
        await stream.close()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "ws://127.0.0.1:1/behind/a/proxy/"])
async def test_a_service_that_is_not_there_is_named(address: str) -> None:
    with pytest.raises(StreamError, match=r"ws://127\.0\.0\.1:1/.*v1/stream") as raised:
        await StreamConnection(address).open()
    assert raised.value.code == "cannot_connect"
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:8000",
        "ftp://here",
        "",
        "http://",
        "http://:80",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:0",
        "http://[::1",
        "http://a..b:80",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(StreamError, match="is not the address of a service"):
        StreamConnection(address)


async def test_another_server_at_the_address_is_reported(url: str) -> None:
    with pytest.raises(StreamError, match="not a stream of scaleglove") as raised:
        await StreamConnection(f"{url}/elsewhere").open()
    assert raised.value.code == "cannot_connect"


async def test_a_newer_services_messages_are_passed_over_and_broken_ones_refused() -> None:
    async def newer(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send('{"type":"from_the_future"}')
        await connection.send(STARTED.replace('"s"', '"s","new":1'))
        await connection.send(prediction(1).replace("warming", "dreaming"))
        await connection.send('{"type":"gap","seq":1,"t_ms":0,"missing":null,"reason":"weather"}')
        await connection.send(prediction(2).replace('"seq"', '"new":{"field":1},"seq"'))
        await connection.send('{"type":"prediction"}')
        await connection.wait_closed()

    async with service_that(newer) as address, StreamConnection(address) as stream:
        assert stream.started.stream == "s"
        message = await anext(stream)
        assert isinstance(message, Prediction)
        assert message.seq == 2
        assert stream.passed_over == 3
        with pytest.raises(StreamError) as raised:
            await anext(stream)
        assert raised.value.code == "bad_message"
        with pytest.raises(StreamError, match="unreadable message"):
            await stream.send(*still(1))


async def test_a_client_that_only_sends_stays_connected_and_learns_what_it_missed() -> None:
    lives = asyncio.Event()

    async def talkative(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.send(encode(Stale(300.0)))
        for seq in range(MAX_UNREAD + 100):
            await connection.send(prediction(seq))
        for _ in range(3):
            await (await connection.ping())  # answered though the program reads nothing
        lives.set()
        async for message in connection:
            if message == encode(Stop()):
                await connection.send(encode(Stopped("s", 2, MAX_UNREAD + 100, 0, 0, 0)))

    async with (
        service_that(talkative, ping_interval=None) as address,
        StreamConnection(address) as stream,
    ):
        await stream.send(*still(1))
        await asyncio.wait_for(lives.wait(), EVENT_S)
        await stream.send(*still(1))
        assert (await stream.stop()).frames == 2
        assert stream.unread == 102
        messages = [message async for message in stream]
    assert isinstance(messages[0], Stale)
    assert messages[1] == Prediction(102, 2040.0, "warming", None, None, [], {})
    assert len(messages) == MAX_UNREAD


async def test_a_wait_that_is_given_up_loses_no_message() -> None:
    async def slow(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.recv()
        await connection.send(prediction(0))
        await connection.wait_closed()

    async with service_that(slow) as address, StreamConnection(address) as stream:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.05)
        await stream.send(*still(1))
        async with asyncio.timeout(EVENT_S):
            assert isinstance(await anext(stream), Prediction)


@pytest.mark.parametrize("t_ms", [np.nan, np.inf, -1.0, 2.0**53, 1e30])
async def test_a_time_that_no_device_has_is_not_sent(url: str, t_ms: float) -> None:
    async with StreamConnection(url) as stream:
        with pytest.raises(ValueError, match="not a time"):
            await stream.send([0.0, t_ms], still(2)[1])
        assert (await stream.stop()).frames == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda stream: stream.send(*still(1)),
        lambda stream: stream.tell(REPORT),
        StreamConnection.reset,
        StreamConnection.stop,
        StreamConnection.close,
        StreamConnection.__anext__,
    ],
)
async def test_a_stream_that_was_never_opened_raises(call: Callable[[StreamConnection], Awaitable[object]]) -> None:
    with pytest.raises(StreamError, match=r"call open\(\) first") as raised:
        await call(StreamConnection("http://127.0.0.1:1"))
    assert raised.value.code == "not_open"


async def test_frames_are_numbered_on_unless_their_number_is_given() -> None:
    numbers: list[tuple[int, int]] = []

    async def listens(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        async for message in connection:
            frames = decode_binary(message)
            numbers.append((frames.seq, len(frames.t_ms)))

    async with service_that(listens) as address:
        async with StreamConnection(address) as stream:
            await stream.send(*still(2))
            await stream.send(*still(3), seq=2**32 + 7)
            await stream.send(*still(1))
        assert stream.frames_sent == 6
    assert numbers == [(0, 2), (7, 3), (10, 1)]


async def test_a_command_comes_as_a_message_and_is_answered_beside_reports_and_remarks() -> None:
    received: list[ClientMessage] = []

    async def commands(connection: ServerConnection) -> None:
        received.append(decode_text(await connection.recv()))
        await connection.send(KNOWS_COMMANDS)
        await connection.send(encode(Command(3, "interval", 20.0)))
        async for message in connection:
            received.append(decode_text(message))

    async with (
        service_that(commands, accepts=ACCEPTS) as address,
        StreamConnection(address, commands=("interval",)) as stream,
    ):
        assert await anext(stream) == Command(3, "interval", 20.0)
        await stream.tell(REPORT)
        await stream.tell(DeviceRemark("hello"))
        await stream.tell(Commanded(3, None))
        await stream.tell(Commanded(4, "the glove is not connected", "link_lost"))
    assert received == [
        Start(list(CHANNELS), commands=("interval",)),
        REPORT,
        DeviceRemark("hello"),
        Commanded(3, None),
        Commanded(4, "the glove is not connected", "link_lost"),
    ]


@pytest.mark.parametrize("accepts", [(), ("link", "remark")], ids=["no header", "no commands"])
async def test_a_service_that_does_not_accept_commands_is_sent_frames_alone(accepts: tuple[str, ...]) -> None:
    received: list[str | bytes] = []

    async def older(connection: ServerConnection) -> None:
        assert "commands" not in str(await connection.recv())
        await connection.send(STARTED)
        async for message in connection:
            received.append(message)

    async with (
        service_that(older, accepts=accepts) as address,
        StreamConnection(address, commands=("recal",)) as stream,
    ):
        await stream.tell(REPORT)
        await stream.tell(DeviceRemark("hello"))
        await stream.tell(Commanded(1, None))
        await stream.send(*still(1))
    assert [decode_binary(message).seq for message in received if isinstance(message, bytes)] == [0]
    assert len(received) == 1


async def test_a_service_that_accepts_no_code_of_an_answer_is_sent_none() -> None:
    older = encode(Started("s", "m", 87, 20, 50.0, ("a",), ("recal",), ("commanded",)))
    received: list[str | bytes] = []

    async def listens(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(older)
        received.append(await connection.recv())
        await connection.wait_closed()

    async with service_that(listens, accepts=["commands"]) as address, StreamConnection(address) as stream:
        await stream.tell(Commanded(1, "unplugged", "link_lost"))
    assert json.loads(received[0]) == {"type": "commanded", "id": 1, "refused": "unplugged"}


async def test_what_is_wrong_in_a_message_is_named_as_a_field(url: str) -> None:
    with pytest.raises(StreamError) as raised:
        await StreamConnection(url, channels=CHANNELS[::-1]).open()
    assert (raised.value.code, raised.value.field) == ("bad_channels", "channels.0")
    with pytest.raises(StreamError) as raised:
        await StreamConnection(url, model="none-such").open()
    assert (raised.value.code, raised.value.field) == ("unknown_model", "model")


async def test_the_handshake_lists_what_the_service_accepts(url: str) -> None:
    async with StreamConnection(url, commands=("recal", "yawzero")) as stream:
        assert stream.started.commands == ("recal", "yawzero")
        assert stream.started.accepts == ACCEPTS
        for path in ("/v1/stream", f"/v1/streams/{stream.started.stream}/watch"):
            connection = await connection_module.connect(connection_module.endpoint(url, path))
            assert connection_module.accepted_by(connection) == set(ACCEPTS)
            await connection.close()


async def test_a_service_that_hangs_does_not_delay_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_CLOSE_S", 0.1)
    left = asyncio.Event()

    async def hangs(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        connection.transport.pause_reading()
        await left.wait()
        connection.transport.abort()

    async with service_that(hangs) as address:
        stream = StreamConnection(address)
        await stream.open()
        async with asyncio.timeout(EVENT_S):
            await stream.close()
        left.set()


async def test_the_line_is_edited(url: str) -> None:
    async with StreamConnection(url, text=TextOptions(space_s=0.5)) as stream:
        await stream.edit("space")
        text = await first(stream, Text)
        assert isinstance(text, Text)
        assert (text.committed, text.composing) == ("", "")


async def test_no_edit_is_sent_to_a_service_without_text() -> None:
    async def answer(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(STARTED)
        await socket.wait_closed()

    async with service_that(answer) as old, StreamConnection(old) as stream:
        with pytest.raises(StreamError, match="writes no text") as caught:
            await stream.edit("clear")
        assert caught.value.code == "no_edits"


async def test_a_service_that_changes_no_words_is_not_asked_to_leave_them() -> None:
    received: list[str | bytes] = []

    async def older(socket: ServerConnection) -> None:
        received.append(await socket.recv())
        await socket.send(encode(Started("s", "m", 87, 20, 50.0, ("a",), accepts=("edit",))))
        await socket.wait_closed()

    options = TextOptions(space_s=0.5, words=False)
    async with service_that(older, accepts=["edit"]) as address, StreamConnection(address, text=options) as stream:
        with pytest.raises(StreamError, match="changes no words") as caught:
            await stream.edit("as_signed")
        assert caught.value.code == "no_edits"
    assert json.loads(received[0])["text"] == {"space_s": 0.5}


async def test_what_the_service_has_ignored_of_start_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def other(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(encode(Started("s", "m", 87, 20, 50.0, ("a",), ignored=("top_k", "text.words"))))
        await socket.wait_closed()

    async with service_that(other) as address, StreamConnection(address) as stream:
        assert stream.started.ignored == ("top_k", "text.words")
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("scaleglove.client", "WARNING")
    assert "has ignored top_k, text.words of start" in record.message


async def test_that_words_stay_as_signed_is_asked_of_a_service_that_changes_them() -> None:
    received: list[str | bytes] = []

    async def newer(socket: ServerConnection) -> None:
        received.append(await socket.recv())
        await socket.send(KNOWS_COMMANDS)
        received.append(await socket.recv())
        await socket.wait_closed()

    options = TextOptions(words=False)
    async with service_that(newer, accepts=ACCEPTS) as address, StreamConnection(address, text=options) as stream:
        await stream.edit("as_signed")
    assert json.loads(received[0])["text"] == {"words": False}
    assert decode_text(received[1]) == Edit("as_signed")


@given(st.floats(0, 1), st.lists(st.floats(-0.05, 0.05), min_size=2, max_size=500))
def test_a_thousand_a_second_stay_apart_wherever_the_clock_stands(phase: float, jitter: list[float]) -> None:
    times = [n + phase + off for n, off in enumerate(jitter)]
    times = [max(0.0, t_ms) for t_ms in times]
    rounded = WholeMilliseconds().round(times)
    assert all(b - a >= 1 for a, b in pairwise(rounded))
    assert all(abs(whole - t_ms) <= 1.5 for whole, t_ms in zip(rounded, times, strict=True))


@given(st.lists(st.floats(0, 1e9)))
def test_times_that_lie_apart_are_only_rounded(times: list[float]) -> None:
    apart = sorted(times)
    if all(b - a >= 2 for a, b in pairwise(apart)):
        assert WholeMilliseconds().round(apart) == [round(t_ms) for t_ms in apart]


def test_over_messages_and_restarts() -> None:
    whole = WholeMilliseconds()
    assert whole.round([0.6]) == [1]
    assert whole.round([1.4, 2.4]) == [2, 3]
    assert whole.round([0.0, 0.2]) == [0, 1]  # a new clock; and two in one millisecond
    assert whole.round([0.4, 0.6, 0.8]) == pytest.approx([0, 2, 1], abs=2)  # too many are not moved without end
