"""Two workers of one service, here in one process: what they tell each other, and what when one breaks off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from models.adaptation.front_end import FrontEnd
from scaleglove.protocol import (
    ClientMessage,
    Commanded,
    EditAction,
    ModelChanged,
    ServerMessage,
    Started,
    Stopped,
    Text,
    WireError,
    described,
)
from scaleglove.vocabulary import load_vocabulary
from service.directory import peers
from service.directory.local import LocalDirectory
from service.directory.peer_server import PeerServer
from service.directory.peers import PeerDirectory
from service.inference.engine import Model
from service.inference.glove import UNKNOWN_GLOVE, GloveChoice, GloveHint, unknown_glove
from service.inference.profile import Profile, unknown_wearer
from service.inference.reload import Reload, ReloadError
from service.problems import ProblemError
from service.streams.hub import Hub
from service.streams.profile_watcher import ProfileWatcher
from service.streams.shape_memory import HeldShape, StreamShapes
from service.streams.stream import Stream
from service.streams.stream_telemetry import StreamTelemetry
from service.streams.websocket.text_frames import FrameBatch, payload_of
from service.streams.window import DueWindow
from service.streams.words.word_shapes import WordShape, WordShapes
from service.telemetry.metrics import Metrics
from service.worker_identity import WorkerIdentity
from tests.deadlines import EVENT_S


class Viewer:
    """Notes what it is sent; it is its own send_queue."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.ended = asyncio.Event()
        self.end: int | str = ""

    @property
    def send_queue(self) -> Viewer:
        return self

    def put_frames(self, batch: FrameBatch) -> None:
        self.received += [payload_of(frame).decode() for frame, _ in batch.frames]

    def close(self, code: int) -> None:
        self.end = code
        self.ended.set()

    def refuse(self, fault: WireError) -> None:
        self.end = fault.code
        self.ended.set()


class Owner:
    """The glove's client."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def put_frames(self, batch: FrameBatch) -> None:
        sent = [json.loads(payload_of(frame)) for frame, _ in batch.frames]
        self.commands += [message for message in sent if message["type"] == "command"]

    def close(self, code: int) -> None:
        pass


class Session:
    """As little of a StreamSession as a stream in a list needs. An edit other than `space` waits for ever."""

    def __init__(self, name: str) -> None:
        contract = SimpleNamespace(
            min_frames=10, window_frames=100, sample_rate_hz=50.0, window_s=1.6, labels=("a",), name="M", version="1"
        )
        self.stream = name
        self.started = Started(name, "M", 100, 10, 50.0, ("a",), ("recal",))
        self.wearer: str | None = None
        self.glove = UNKNOWN_GLOVE
        self.glove_hint = GloveHint()
        self.state = "ok"
        self.is_ending = False
        self.model = SimpleNamespace(contract=contract)
        self.window: Any = SimpleNamespace(newest=lambda: None)
        self.shapes: Any = SimpleNamespace(now=StreamShapes(50.0, []))
        self.edits: list[EditAction] = []
        self.switched: list[str] = []

    def stopped(self) -> Stopped:
        return Stopped(self.stream, 1, 0, 0, 0, 0)

    def receive(self, message: ClientMessage, now_ms: float) -> Iterator[DueWindow]:
        return iter(())

    def drain(self) -> Iterator[ServerMessage]:
        return iter(())

    def edit(self, action: EditAction, done: Callable[[Text], None]) -> None:
        self.edits.append(action)
        if action == "space":
            done(Text(20.0, "가 ", "", "ㄱㅏ"))

    def switch(self, model: Any, profile: Profile | None, glove: GloveChoice) -> ModelChanged:
        self.switched.append(model.contract.name)
        return ModelChanged(model.contract.name, model.contract.version, SPELLED)


SPELLED = described(load_vocabulary("american"))


class Worker:
    def __init__(self, worker: int, folder: Path) -> None:
        self.metrics = Metrics()
        self.identity = WorkerIdentity(worker, 2, folder)
        self.hub = Hub(4, self.metrics, self.identity)
        self.fault = ""
        self.owner = Owner()
        self.looked_for: list[str] = []
        self.gloves_looked_for: list[GloveHint] = []
        self.local = LocalDirectory(self.hub, cast(Reload, SimpleNamespace(run=self._reload)))
        self.directory = PeerDirectory(self.local, self.identity)
        self.server = PeerServer(self.local, self.metrics).open(self.identity.socket_path(worker))

    def open(self) -> Stream:
        session = cast(Any, Session(self.hub.new_stream_name()))

        def find(name: str | None) -> Any:
            if name == "none":
                raise ProblemError(404, "unknown_model", "there is none", "model")
            other = SimpleNamespace(**vars(session.model.contract) | {"name": name})
            return SimpleNamespace(contract=other)

        async def load(wearer: str, model: Model) -> Profile:
            self.looked_for.append(wearer)
            raise unknown_wearer(wearer)

        telemetry = StreamTelemetry(session.stream, self.metrics, None)

        async def choose_glove(hint: GloveHint, model: Model) -> GloveChoice:
            self.gloves_looked_for.append(hint)
            raise unknown_glove(str(hint))

        gloves = ProfileWatcher(choose_glove, "glove")
        stream = Stream(session, self.owner, telemetry, find, ProfileWatcher(load), gloves)
        self.hub.open(stream)
        return stream

    async def _reload(self) -> None:
        if self.fault:
            raise ReloadError(self.fault)


def session_of(stream: Stream) -> Session:
    return cast(Any, stream.session)


def show(stream: Stream, text: str, droppable: bool) -> None:
    for subscriber in stream.subscribers:
        subscriber.put_frames(FrameBatch.of(text.encode(), droppable))


async def refusal(asking: Awaitable[object]) -> tuple[int, str, str]:
    with pytest.raises(ProblemError) as caught:
        await asking
    return caught.value.status, caught.value.code, caught.value.detail


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(EVENT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of the test
            await asyncio.sleep(0)


async def test_a_stream_elsewhere_is_watched_to_its_end(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream, viewer = there.open(), Viewer()
        here.directory.watch(stream.session.stream, viewer)
        await until(lambda: viewer.received)
        show(stream, '{"type":"text"}', droppable=False)
        there.hub.close(stream)
        await viewer.ended.wait()
        assert viewer.end == 1000
        assert [json.loads(text)["type"] for text in viewer.received] == ["started", "text", "stopped"]


async def test_a_glove_at_another_worker_gets_a_command(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        for refused, code in ((None, None), ("unplugged", None), ("it does not read", "not_reading")):
            asking = asyncio.create_task(here.directory.command(stream.session.stream, "recal", None))
            await until(lambda: there.owner.commands)
            stream.receive(Commanded(there.owner.commands.pop()["id"], refused, code), 0)
            if refused is None:
                await asking
            else:
                assert await refusal(asking) == (409, code or "link_lost", refused)
        there.hub.close(stream)
        assert (await refusal(here.directory.command(stream.session.stream, "recal", None)))[1] == "unknown_stream"


async def test_a_line_elsewhere_is_edited(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        name = stream.session.stream
        assert await here.directory.edit(name, "space") == Text(20.0, "가 ", "", "ㄱㅏ")
        asking = asyncio.create_task(here.directory.edit(name, "delete"))
        await until(lambda: session_of(stream).edits == ["space", "delete"])
        there.hub.close(stream)
        assert (await refusal(asking))[:2] == (404, "unknown_stream")
        assert (await refusal(here.directory.edit(name, "space")))[:2] == (404, "unknown_stream")


async def test_a_stream_elsewhere_gets_another_model(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        name = stream.session.stream
        assert await here.directory.switch(name, "M 2\n") == ModelChanged("M 2\n", "1", SPELLED)
        assert session_of(stream).switched == ["M 2\n"]
        with pytest.raises(ProblemError) as caught:
            await here.directory.switch(name, "none")
        assert (caught.value.status, caught.value.code, caught.value.field) == (404, "unknown_model", "model")
        assert (await refusal(here.directory.switch("1-abc", "M")))[:2] == (404, "unknown_stream")


async def test_the_window_of_a_stream_elsewhere(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        name = stream.session.stream
        assert (await refusal(here.directory.newest_window(name)))[:2] == (409, "no_window")
        rows = np.arange(80, dtype=np.float32).reshape(10, 8)
        session_of(stream).window.newest = lambda: DueWindow(9, 180.0, rows, gap=False)
        newest = await here.directory.newest_window(name)
        np.testing.assert_array_equal(newest.frames, rows)
        assert newest.sample_rate_hz == 50.0
        session_of(stream).state = "stale"
        assert (await refusal(here.directory.newest_window(name)))[:2] == (409, "no_window")
        there.hub.close(stream)
        assert (await refusal(here.directory.newest_window(name)))[:2] == (404, "unknown_stream")


async def test_the_shapes_that_a_stream_elsewhere_has_held(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        name = stream.session.stream
        assert await here.directory.held_shapes(name) == StreamShapes(50.0, [])
        frames = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
        frames[3, 2] = np.nan
        session_of(stream).shapes.now = StreamShapes(
            50.0, [HeldShape(7, 80.0, "ㄱ", frames), HeldShape(9, 200.0, None, frames)]
        )
        found = await here.directory.held_shapes(name)
        np.testing.assert_array_equal(found.numbered(7).frames, frames)
        assert (found.numbered(7).t_ms, found.numbered(7).letter, found.numbered(9).letter) == (80.0, "ㄱ", None)
        session_of(stream).shapes.answered = lambda number: StreamShapes(50.0, [HeldShape(number, 0.0, None, frames)])
        assert [shape.number for shape in (await here.directory.held_shapes(name, 9)).shapes] == [9]
        there.hub.close(stream)
        assert (await refusal(here.directory.held_shapes(name)))[:2] == (404, "unknown_stream")


async def test_what_words_have_shown_in_a_stream_elsewhere(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        name = stream.session.stream
        frames = np.array([[1, 2, np.nan, 4, 5, 6, 7, 8.5], np.arange(8)], np.float32)
        session_of(stream).word_shapes = WordShapes(50.0, None, [WordShape("ㄱ", 80.0, 0.5, frames)])
        found = await here.directory.word_shapes(name)
        np.testing.assert_array_equal(found.shapes[0].frames, frames)
        shape = found.shapes[0]
        assert (found.sample_rate_hz, found.since_ms, shape.label, shape.t_ms, shape.weight) == (
            (50.0, None, "ㄱ", 80.0, 0.5)
        )
        there.hub.close(stream)
        assert (await refusal(here.directory.word_shapes(name)))[:2] == (404, "unknown_stream")


async def test_how_a_stream_elsewhere_sees_its_glove(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        name = stream.session.stream
        session_of(stream).front_end = None
        assert await here.directory.front_end(name) is None
        session_of(stream).front_end = FrontEnd(gain=np.full(5, -0.25), offset=np.arange(5.0))
        found = await here.directory.front_end(name)
        assert found is not None
        assert found.as_dict() == session_of(stream).front_end.as_dict()
        there.hub.close(stream)
        assert (await refusal(here.directory.front_end(name)))[:2] == (404, "unknown_stream")


async def test_a_changed_profile_is_announced_to_every_worker(
    tmp_path: Path,
) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    streams = [here.open(), there.open()]
    async with there.server:
        for stream in streams:
            session_of(stream).wearer = "김하나"
        await here.directory.profile_changed("ada")
        assert (here.looked_for, there.looked_for) == ([], [])
        await there.directory.profile_changed("김하나")  # the first does not serve its peers
        await until(lambda: there.looked_for)
        assert (here.looked_for, there.looked_for) == ([], ["김하나"])
        await here.directory.profile_changed("김하나")
        await until(lambda: here.looked_for and there.looked_for[1:])
        assert (here.looked_for, there.looked_for) == (["김하나"], ["김하나"] * 2)


async def test_a_changed_glove_is_announced_to_every_worker(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    streams = [here.open(), there.open()]
    async with there.server:
        named, on_usb = GloveHint("blue"), GloveHint(usb="10c4:ea60:0001")
        for stream, hint in zip(streams, (named, on_usb), strict=True):
            session_of(stream).glove_hint = hint
        await here.directory.glove_changed("red")
        await until(lambda: there.gloves_looked_for)  # the serial number may be that of any glove
        assert (here.gloves_looked_for, there.gloves_looked_for) == ([], [on_usb])
        await here.directory.glove_changed("blue")
        await until(lambda: here.gloves_looked_for and there.gloves_looked_for[1:])
        assert (here.gloves_looked_for, there.gloves_looked_for) == ([named], [on_usb, on_usb])


@pytest.mark.parametrize("answer", [b"", b'[409,"link_'])
async def test_a_worker_that_breaks_off_leaves_no_command_waiting(tmp_path: Path, answer: bytes) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    here = Worker(0, tmp_path)
    async with await asyncio.start_unix_server(break_off, here.identity.socket_path(1)):
        assert (await refusal(here.directory.command("1-abc", "recal", None)))[:2] == (404, "unknown_stream")
        assert (await refusal(here.directory.newest_window("1-abc")))[:2] == (404, "unknown_stream")
        assert (await refusal(here.directory.edit("1-abc", "clear")))[:2] == (404, "unknown_stream")


async def test_a_worker_that_is_silent_is_no_stream_that_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    monkeypatch.setattr(peers, "_TIMEOUTS_S", dict.fromkeys(peers._TIMEOUTS_S, 0.05))
    here = Worker(0, tmp_path)
    async with await asyncio.start_unix_server(say_nothing, here.identity.socket_path(1)):
        assert (await refusal(here.directory.command("1-abc", "recal", None)))[:2] == (503, "worker_silent")
        assert (await refusal(here.directory.newest_window("1-abc")))[:2] == (503, "worker_silent")
        assert (await refusal(here.directory.edit("1-abc", "clear")))[:2] == (503, "worker_silent")
        await here.directory.flush_metrics()  # reports what there is
        await here.directory.profile_changed("ada")
        assert "worker 1 does not answer: its streams keep the previous profile" in caplog.text
        await left.wait()


async def test_a_viewer_that_leaves_is_removed_at_the_other_worker(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        leave = here.directory.watch(stream.session.stream, Viewer())
        await until(lambda: stream.subscribers)
        leave()
        await until(lambda: not stream.subscribers)


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (b"", "going_away"),
        (b'["message","x",true]\n["message","y', "going_away"),
        (b'["refuse","unknown_stream","no"]\n', "unknown_stream"),
        (b'["close",1000]\n["me', 1000),
    ],
)
async def test_a_worker_that_breaks_off_leaves_no_viewer_waiting(tmp_path: Path, answer: bytes, end: int | str) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    here, viewer = Worker(0, tmp_path), Viewer()
    async with await asyncio.start_unix_server(break_off, here.identity.socket_path(1)):
        here.directory.watch("1-abc", viewer)
        async with asyncio.timeout(EVENT_S):
            await viewer.ended.wait()
        assert viewer.end == end
        assert (await here.directory.list()).streams == []  # what is cut off is no list


async def test_a_worker_that_is_gone_has_no_streams(tmp_path: Path) -> None:
    here, viewer = Worker(0, tmp_path), Viewer()
    assert (await here.directory.list()).streams == []
    here.directory.watch("1-abc", viewer)
    await viewer.ended.wait()
    assert viewer.end == "unknown_stream"
    await here.directory.reload()  # it will load what there is when it is back
    with pytest.raises(WireError, match="no stream is called '2-abc'"):
        here.directory.watch("2-abc", viewer)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (("", "x.onnx: broken"), "^1 of 2 workers did not load them: x.onnx: broken$"),
        (("x.onnx: broken", "x.onnx: broken"), "^x.onnx: broken$"),
    ],
)
async def test_a_reload_that_fails_somewhere_is_reported(
    tmp_path: Path, faults: tuple[str, str], expected: str
) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    here.fault, there.fault = faults
    async with there.server:
        with pytest.raises(ReloadError, match=expected):
            await here.directory.reload()


async def test_what_the_others_have_counted_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    flushed: list[str] = []
    monkeypatch.setattr(there.metrics, "flush", lambda: flushed.append("there"))
    await here.directory.flush_metrics()  # the other is gone, or was never there
    assert not flushed
    async with there.server:
        await here.directory.flush_metrics()
    assert flushed == ["there"]


async def test_a_worker_that_does_not_read_is_bounded(tmp_path: Path) -> None:
    there = Worker(1, tmp_path)
    async with there.server:
        stream = there.open()
        reader, writer = await asyncio.open_unix_connection(there.identity.socket_path(1), limit=1024)
        writer.write(f'watch ["{stream.session.stream}"]\n'.encode())
        await until(lambda: stream.subscribers)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(100):
            show(stream, "x" * 50_000, droppable=True)
            await asyncio.sleep(0)
        assert there.metrics.registry.get_sample_value("scaleglove_dropped_messages_total") > 50
        assert stream.subscribers
        show(stream, "x", droppable=False)  # what must not be dropped ends it
        await until(lambda: not stream.subscribers)
        writer.close()
