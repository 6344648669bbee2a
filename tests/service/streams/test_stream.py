"""A running stream: who receives which message, and the requests to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.adaptation.user_reference import Examples, UserReference
from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.letters import LETTERS
from scaleglove.protocol import (
    SERVER_MESSAGES,
    Commanded,
    Edit,
    Frames,
    GloveNotice,
    LinkReport,
    ModelChanged,
    Stale,
    Start,
    Stop,
    Text,
    described,
    type_of,
)
from service.inference.engine import Model
from service.inference.profile import LoadProfile, Profile, unknown_wearer
from service.problems import ProblemError
from service.streams.handshake import handshake
from service.streams.profile_watcher import ProfileWatcher
from service.streams.session import StreamRules
from service.streams.stream import Stream
from service.streams.stream_telemetry import StreamTelemetry
from service.streams.websocket.send_queue import GATHERED_BYTES
from service.streams.websocket.text_frames import FrameBatch, payload_of
from service.telemetry.metrics import Metrics
from tests.service.no_gloves import choose_no_glove

REFERENCE = UserReference.of(Examples(np.eye(4, dtype=np.float32), [0, 1, 2, -1]), len(LETTERS))
REPORT = LinkReport("lost", None, "unplugged", None, None, None, 5, 0, 0, 0, 0, 0)


class Reader:
    """Notes what it is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.droppable: list[bool] = []
        self.batches: list[FrameBatch] = []
        self.close_code: int | None = None

    def put_frames(self, batch: FrameBatch) -> None:
        self.batches.append(batch)
        for frame, droppable in batch.frames:
            self.sent.append(json.loads(payload_of(frame)))
            self.droppable.append(droppable)

    def close(self, code: int) -> None:
        self.close_code = code

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]


async def load_nothing(wearer: str, model: Model) -> Profile:
    raise unknown_wearer(wearer)


@pytest.fixture
def owner() -> Reader:
    return Reader()


Begin = Callable[..., Stream]


@pytest.fixture
def begin(artefact: Artefact, artefact_path: Path, owner: Reader) -> Begin:
    other = Artefact.load(artefact_path.with_stem("MSCSGRU_ScaleHard"))

    def find(name: str | None) -> Artefact:
        if name == "none":
            raise ProblemError(404, "unknown_model", "there is none", "model")
        return other if name == "other" else artefact

    def begin(load: LoadProfile = load_nothing, commands: tuple[str, ...] = ("interval", "recal")) -> Stream:
        first = Start(list(CHANNELS), sample_rate_hz=50.0, commands=commands)
        session = handshake(first, "here", StreamRules(1000, 60_000, self_calibrates=False), find)
        telemetry, gloves = StreamTelemetry("here", Metrics(), None), ProfileWatcher(choose_no_glove, "glove")
        stream = Stream(session, owner, telemetry, find, ProfileWatcher(load), gloves)
        stream.begin()
        return stream

    return begin


@pytest.fixture
def stream(begin: Begin) -> Stream:
    return begin()


async def begun(request: Awaitable[Any]) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(request)
    await asyncio.sleep(0)
    return task


async def problem(request: Awaitable[Any]) -> tuple[int, str, str]:
    with pytest.raises(ProblemError) as caught:
        await request
    return caught.value.status, caught.value.code, caught.value.detail


def receive(stream: Stream, *messages: Any) -> None:
    for message in messages:
        for due in stream.receive(message, 0):
            stream.session.answer(stream.session.model.run_windows([due.frames]), 0)
        stream.publish()


async def test_owner_and_viewers_receive_their_messages(stream: Stream, owner: Reader, glove: Any) -> None:
    viewer = Reader()
    stream.subscribe(viewer)
    assert (owner.types, viewer.types) == (["started"], ["started"])
    receive(stream, Frames(0, [n * 20.0 for n in range(10)], glove(10)), REPORT)
    asking = await begun(stream.command("recal", None))
    receive(stream, Commanded(0, None), Stop())
    await asking
    assert owner.types == ["started", "prediction", "prediction", "command", "stopped"]
    assert viewer.types == ["started", "frames", "prediction", "prediction", "link"]  # `end` sends the rest
    assert viewer.droppable == [False, True, True, True, True]
    assert owner.close_code == 1000
    stream.end()
    assert (viewer.types[-1], viewer.close_code) == ("stopped", 1000)


async def test_messages_of_one_step_are_one_write_and_the_same_bytes_for_all(stream: Stream, glove: Any) -> None:
    viewers = [Reader(), Reader()]
    for viewer in viewers:
        stream.subscribe(viewer)
    before = len(viewers[0].batches)
    stream.session.edit("space")
    stream.session.edit("clear")
    stream.publish()
    (one,), (other,) = (viewer.batches[before:] for viewer in viewers)
    assert len(one.frames) > 1
    assert one.joined is other.joined


async def test_what_was_made_before_a_fault_is_sent(
    stream: Stream, owner: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drain() -> Iterator[Any]:
        yield Stale(300.0)
        raise ValueError("the model broke")

    monkeypatch.setattr(stream.session, "drain", drain)
    with pytest.raises(ValueError, match="the model broke"):
        stream.publish()
    assert owner.types == ["started", "stale"]


async def test_a_long_step_is_written_in_parts(stream: Stream, owner: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that keeps up has no more bytes to read at once than one that it is held for slow at."""
    monkeypatch.setattr(stream.session, "drain", lambda: iter([Stale(float(number)) for number in range(3000)]))
    stream.publish()
    assert [message["silent_ms"] for message in owner.sent[1:]] == list(range(3000))
    assert all(batch.size < GATHERED_BYTES + 100 for batch in owner.batches)


async def test_a_new_viewer_receives_the_latest_retained_message_of_each_type(stream: Stream) -> None:
    receive(stream, REPORT, Edit("clear"), REPORT, Edit("space"))
    viewer = Reader()
    stream.subscribe(viewer)
    assert viewer.types == ["started", "link", "text"]
    assert set(stream.retained) <= {type_of(kind) for kind in SERVER_MESSAGES if kind.retained}


async def test_a_new_viewer_receives_each_notice_about_the_glove_and_not_any_number(stream: Stream) -> None:
    receive(stream, GloveNotice("slow", "too slow"), GloveNotice("dead", "one", "flex1"))
    receive(stream, GloveNotice("dead", "two", "flex2"), GloveNotice("slow", "fast again", present=False))
    viewer = Reader()
    stream.subscribe(viewer)
    assert [(each.get("text"), each.get("present")) for each in viewer.sent[1:]] == [
        ("one", True),
        ("two", True),
        ("fast again", False),  # in the order in which they came
    ]
    receive(stream, *(GloveNotice(f"code{number}", "odd") for number in range(500)))
    assert len(stream.retained) < 100


async def test_a_command_is_done_when_the_client_confirms_it(stream: Stream, owner: Reader) -> None:
    asking = await begun(stream.command("interval", 20.0))
    assert owner.sent[-1] == {"type": "command", "id": 0, "command": "interval", "interval_ms": 20.0}
    assert not asking.done()
    receive(stream, Commanded(0, None))
    await asking


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        (Commanded(0, "the port is closed"), "link_lost", "the port is closed"),
        (Commanded(0, "it does not read", "not_reading"), "not_reading", "it does not read"),
        (Commanded(0, "", "from_the_future"), "link_lost", "the glove's client could not write the command"),
    ],
)
async def test_a_refusal_is_the_clients(stream: Stream, answer: Commanded, code: str, detail: str) -> None:
    asking = await begun(stream.command("recal", None))
    receive(stream, answer)
    assert await problem(asking) == (409, code, detail)


async def test_what_the_glove_does_not_take_is_not_sent(begin: Begin, owner: Reader) -> None:
    status, code, detail = await problem(begin().command("yawzero", None))
    assert (status, code) == (409, "no_commands")
    assert "takes interval, recal" in detail
    assert (await problem(begin(commands=()).command("recal", None)))[2].endswith("it takes none")
    assert "command" not in owner.types


async def test_an_edit_waits_for_the_windows_before_it(stream: Stream, owner: Reader, glove: Any) -> None:
    (due,) = stream.receive(Frames(0, [n * 20.0 for n in range(10)], glove(10)), 0)
    asking = await begun(stream.edit("clear"))
    assert not asking.done()
    stream.session.answer(stream.session.model.run_windows([due.frames]), 0)
    stream.publish()
    assert await asking == Text(180.0, "", "", "")
    assert owner.types[-1] == "text"


async def test_requests_fail_when_the_stream_ends(stream: Stream, glove: Any) -> None:
    list(stream.receive(Frames(0, [n * 20.0 for n in range(10)], glove(10)), 0))
    asking = [await begun(stream.command("recal", None)), await begun(stream.edit("space"))]
    stream.end()
    for each in asking:
        assert (await problem(each))[:2] == (404, "unknown_stream")


async def test_a_switch_is_answered_and_sent(stream: Stream, owner: Reader) -> None:
    changed = await stream.switch("other")
    contract = stream.session.model.contract
    assert changed == ModelChanged("MSCSGRU_ScaleHard", contract.version, described(contract.vocabulary))
    assert owner.types == ["started", "model"]
    assert (await problem(stream.switch("none")))[:2] == (404, "unknown_model")


@pytest.mark.parametrize("end", ["end", "refuse"])
async def test_a_stream_that_ends_is_not_switched(begin: Begin, owner: Reader, end: str) -> None:
    loading: asyncio.Future[Profile] = asyncio.get_running_loop().create_future()

    async def load(wearer: str, model: Model) -> Profile:
        return await loading

    stream = begin(load)
    stream.session.wearer = "ada"
    asking = await begun(stream.switch("other"))
    await asyncio.sleep(0)
    if end == "end":
        stream.end()
    else:
        stream.session.is_ending = True
        loading.set_result(Profile("ada", 1, REFERENCE, None))
    assert (await problem(asking))[0] == 404
    assert stream.session.model.contract.name != "MSCSGRU_ScaleHard"
    assert "model" not in owner.types


async def test_a_bug_while_switching_is_not_silent(begin: Begin) -> None:
    async def load(wearer: str, model: Model) -> Profile:
        raise RuntimeError("a bug")

    stream = begin(load)
    stream.session.wearer = "ada"
    with pytest.raises(RuntimeError, match="a bug"):
        await stream.switch("other")


async def test_a_model_that_fails_ends_the_stream(stream: Stream, owner: Reader) -> None:
    stream.fail(ValueError("a bug"))
    assert (owner.sent[-1]["code"], owner.close_code) == ("internal_error", 1011)
