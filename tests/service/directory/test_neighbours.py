"""Two workers of one service, here in one process: what they tell each other, and what when one breaks off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.directory.neighbours import Neighbours
from service.directory.own import OwnDirectory
from service.directory.private_door import PrivateDoor
from service.place import Place
from service.reload import Reload, ReloadError
from service.streams.hub import Hub, Stream
from service.telemetry.metrics import Metrics
from service.wire import Started, Stopped, WireError


class Viewer:
    """Notes what it is told; it is its own outbox."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.ended = asyncio.Event()
        self.end: int | str = ""

    @property
    def outbox(self) -> Viewer:
        return self

    def put_encoded(self, text: str, droppable: bool) -> None:
        self.said.append(text)

    def close(self, code: int) -> None:
        self.end = code
        self.ended.set()

    def refuse(self, fault: WireError) -> None:
        self.end = fault.code
        self.ended.set()


class Worker:
    def __init__(self, worker: int, folder: Path) -> None:
        self.metrics = Metrics()
        self.place = Place(worker, 2, folder)
        self.hub = Hub(4, self.metrics, self.place)
        self.fault = ""
        self.own = OwnDirectory(self.hub, cast(Reload, SimpleNamespace(run=self._reload)))
        self.directory = Neighbours(self.own, self.place)
        self.door = PrivateDoor(self.own, self.metrics).open(self.place.socket_path(worker))

    def open(self) -> Stream:
        name = self.hub.new_stream_name()
        session = SimpleNamespace(stream=name, stopped=lambda: Stopped(name, 1, 0, 0, 0, 0))
        return self.hub.open(cast(Any, session), Started(name, "M", 100, 10, 50.0, ("a",)))

    async def _reload(self) -> None:
        if self.fault:
            raise ReloadError(self.fault)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of the test
            await asyncio.sleep(0)


async def test_a_stream_elsewhere_is_watched_to_its_end(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.door:
        stream, viewer = there.open(), Viewer()
        here.directory.watch(stream.session.stream, viewer)
        await until(lambda: viewer.said)
        stream.show('{"type":"text"}', False)
        there.hub.close(stream)
        await viewer.ended.wait()
        assert viewer.end == 1000
        assert [json.loads(text)["type"] for text in viewer.said] == ["started", "text", "stopped"]


async def test_a_viewer_that_leaves_is_let_go_at_the_other_worker(tmp_path: Path) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    async with there.door:
        stream = there.open()
        leave = here.directory.watch(stream.session.stream, Viewer())
        await until(lambda: stream.followers)
        leave()
        await until(lambda: not stream.followers)


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (b"", "going_away"),
        (b'["say","x",true]\n["say","y', "going_away"),
        (b'["refuse","unknown_stream","no"]\n', "unknown_stream"),
        (b'["close",1000]\n["sa', 1000),
    ],
)
async def test_a_worker_that_breaks_off_leaves_no_viewer_waiting(tmp_path: Path, answer: bytes, end: int | str) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    here, viewer = Worker(0, tmp_path), Viewer()
    async with await asyncio.start_unix_server(break_off, here.place.socket_path(1)):
        here.directory.watch("1-abc", viewer)
        async with asyncio.timeout(5):
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
    ("faults", "said"),
    [
        (("", "x.onnx: broken"), "^1 of 2 workers did not load them: x.onnx: broken$"),
        (("x.onnx: broken", "x.onnx: broken"), "^x.onnx: broken$"),
    ],
)
async def test_a_reload_that_fails_somewhere_is_said(tmp_path: Path, faults: tuple[str, str], said: str) -> None:
    here, there = Worker(0, tmp_path), Worker(1, tmp_path)
    here.fault, there.fault = faults
    async with there.door:
        with pytest.raises(ReloadError, match=said):
            await here.directory.reload()


async def test_a_worker_that_does_not_read_is_bounded(tmp_path: Path) -> None:
    there = Worker(1, tmp_path)
    async with there.door:
        stream = there.open()
        reader, writer = await asyncio.open_unix_connection(there.place.socket_path(1), limit=1024)
        writer.write(f"watch {stream.session.stream}\n".encode())
        await until(lambda: stream.followers)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(100):
            stream.show("x" * 50_000, True)
            await asyncio.sleep(0)
        assert there.metrics.registry.get_sample_value("scaleglove_dropped_messages_total") > 50
        assert stream.followers
        stream.show("x", False)  # what must not be dropped ends it
        await until(lambda: not stream.followers)
        writer.close()
