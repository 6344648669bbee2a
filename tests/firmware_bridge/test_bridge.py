"""From a real pseudo-terminal to the real service, while either of them comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from clients.stream import Error, Gesture, GloveStream, Prediction, ServerMessage, Started, Stopped, StreamError
from firmware_bridge import bridge as bridge_module
from firmware_bridge.bridge import Bridge
from firmware_bridge.codec.events import Damaged, Event, Fault, HeaderRead, Remark
from firmware_bridge.emulated.device import Device
from firmware_bridge.emulated.emulator import Emulator
from firmware_bridge.emulated.glove_model import GloveModel
from firmware_bridge.emulated.letter_table import load_table
from firmware_bridge.link.errors import LinkError
from firmware_bridge.link.port import GloveLink
from models.hangul import letters
from service.wire import Stop, decode_binary, encode
from tests.clients.scripted_service import STARTED, prediction, service_that
from tests.firmware_bridge.background import background
from tests.live_service import live_service


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


@dataclass
class Witness:
    """An observer that remembers."""

    ports: list[str] = field(default_factory=list)
    streams: list[Started] = field(default_factory=list)
    messages: list[ServerMessage] = field(default_factory=list)
    lines: list[Event] = field(default_factory=list)
    troubles: list[tuple[str, float]] = field(default_factory=list)

    def link_opened(self, port: str) -> None:
        self.ports.append(port)

    def started(self, started: Started) -> None:
        self.streams.append(started)

    def message(self, message: ServerMessage) -> None:
        self.messages.append(message)

    def line(self, event: Event) -> None:
        self.lines.append(event)

    def trouble(self, what: str, retry_s: float) -> None:
        self.troubles.append((what, retry_s))

    def told(self, what: str) -> bool:
        return any(what in trouble for trouble, _ in self.troubles)

    @property
    def predictions(self) -> list[Prediction]:
        return [message for message in self.messages if isinstance(message, Prediction)]


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


def emulator(text: str = "가", speed: float = 2.0) -> Emulator:
    return Emulator(Device(GloveModel(text, load_table(), hold_s=1.2)), speed=speed)


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal that the test itself writes to."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def frames(count: int) -> bytes:
    """A newline to begin with and `count` lines of a glove."""
    return b"\n" + b"".join(b"%d,1,-2,3,801,802,803,804,805\n" % (20 * place) for place in range(count))


async def test_a_spelling_glove_is_recognised_letter_by_letter(url: str) -> None:
    witness = Witness()
    async with emulator("안녕").opened() as glove, background(glove):
        bridge = Bridge(glove.path, lambda: GloveStream(url), witness)
        async with background(bridge):
            spelled = letters("안녕")

            def begun() -> str:
                return "".join(m.label for m in witness.messages if isinstance(m, Gesture) and m.phase == "begin")

            await until(lambda: "".join(spelled) in begun().replace(" ", ""))
    assert witness.ports == [glove.path]
    assert any(isinstance(event, HeaderRead) for event in witness.lines)
    assert bridge.counts.lost_offline == 0
    assert bridge.counts.lines.damaged.total() == 0
    assert witness.predictions[-1].seq < bridge.counts.lines.frames
    assert witness.troubles == []


async def test_a_missing_port_at_the_start_is_one_error(url: str) -> None:
    with pytest.raises(LinkError, match="no serial port /dev/no-such-glove"):
        await Bridge("/dev/no-such-glove", lambda: GloveStream(url), Witness()).run()


async def test_a_missing_service_at_the_start_is_one_error_and_the_port_is_given_back() -> None:
    async with emulator().opened() as glove:
        with pytest.raises(StreamError, match="cannot reach the service"):
            await Bridge(glove.path, lambda: GloveStream("http://127.0.0.1:1"), Witness()).run()
        await (await GloveLink.open(glove.path)).close()


async def test_a_refused_start_is_one_error(url: str) -> None:
    async with emulator().opened() as glove:
        with pytest.raises(StreamError, match="none-such"):
            await Bridge(glove.path, lambda: GloveStream(url, model="none-such"), Witness()).run()


async def test_the_service_goes_and_comes_back() -> None:
    witness = Witness()
    urls: list[str] = []
    async with emulator().opened() as glove, background(glove), contextlib.AsyncExitStack() as stack:
        with live_service() as server:
            urls.append(server.url)
            # The port may be another program's by now, so the service comes back at another one.
            bridge = Bridge(glove.path, lambda: GloveStream(urls[-1]), witness)
            await stack.enter_async_context(background(bridge))
            await until(lambda: witness.predictions)
            server.should_exit = True
            await until(lambda: witness.told("cannot reach the service"))
        lost, seen = bridge.counts.lost_offline, len(witness.predictions)
        with live_service() as server:
            urls.append(server.url)
            await until(lambda: len(witness.predictions) > seen)
    assert 0 < lost < bridge.counts.lines.frames
    assert len(witness.streams) >= 2
    assert witness.told("the service is stopping")
    assert [retry_s for _, retry_s in witness.troubles[:2]] == [0.5, 1.0]
    assert len(witness.ports) == 1


async def test_frames_that_a_dead_service_never_answered_are_lost(terminal: tuple[int, str]) -> None:
    async def dies(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        read = 0
        while read < 30:
            read += len(decode_binary(await connection.recv()).t_ms)
        await connection.send(prediction(9))
        await (await connection.ping())  # the prediction has arrived
        connection.transport.abort()

    async with service_that(dies) as address:
        witness = Witness()
        bridge = Bridge(terminal[1], lambda: GloveStream(address), witness)
        async with background(bridge):
            await until(lambda: witness.ports)
            os.write(terminal[0], frames(30))
            await until(lambda: witness.troubles)
    assert len(witness.predictions) == 1
    assert bridge.counts.lines.frames == 30
    assert bridge.counts.lost_offline == 20


async def test_at_the_end_the_service_says_how_many_frames_it_read(terminal: tuple[int, str]) -> None:
    arrived = 0

    async def reads_some(connection: ServerConnection) -> None:
        nonlocal arrived
        await connection.recv()
        await connection.send(STARTED)
        async for message in connection:
            if message == encode(Stop()):
                await connection.send(encode(Stopped("s", 20, 0, late_frames=4, missing_frames=0, dropped_messages=0)))
            else:
                arrived += len(decode_binary(message).t_ms)

    async with service_that(reads_some) as address:
        bridge = Bridge(terminal[1], lambda: GloveStream(address), witness := Witness())
        async with background(bridge):
            await until(lambda: witness.ports)
            os.write(terminal[0], frames(30))
            await until(lambda: arrived == 30)
    assert bridge.counts.lost_offline == 6


async def test_a_service_that_only_complains_is_asked_less_and_less(terminal: tuple[int, str]) -> None:
    async def complains(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.send(encode(Error("overloaded", "too many streams")))

    async with service_that(complains) as address:
        witness = Witness()
        async with background(Bridge(terminal[1], lambda: GloveStream(address), witness)):
            await until(lambda: len(witness.troubles) >= 3)
    assert witness.troubles[:3] == [("too many streams", retry_s) for retry_s in (0.5, 1.0, 2.0)]


async def test_an_observer_that_fails_is_one_error_and_all_is_given_back(url: str, terminal: tuple[int, str]) -> None:
    class Closed(Witness):
        def started(self, started: Started) -> None:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await Bridge(terminal[1], lambda: GloveStream(url), Closed()).run()
    await (await GloveLink.open(terminal[1])).close()


async def test_the_port_goes_and_comes_back(url: str, tmp_path: Path) -> None:
    witness, name = Witness(), tmp_path / "glove"
    bridge = Bridge(str(name), lambda: GloveStream(url), witness)
    async with contextlib.AsyncExitStack() as stack:
        async with emulator().opened(link=name) as glove, background(glove):
            await stack.enter_async_context(background(bridge))
            await until(lambda: witness.predictions)
        await until(lambda: len(witness.troubles) >= 2)
        frames, said = bridge.counts.lines.frames, len(witness.messages)
        async with emulator().opened(link=name) as glove, background(glove):
            await until(lambda: any(isinstance(m, Prediction) for m in witness.messages[said:]))
            assert bridge.counts.lines.frames > frames
            assert len(witness.ports) == 2
        await until(lambda: witness.troubles[-1][1] == 0.5)  # it had worked: waits start anew
    assert "has gone" in witness.troubles[0][0]
    assert "no serial port" in witness.troubles[1][0]
    assert len(witness.streams) == 1
    assert bridge.counts.lost_offline == 0


async def test_garbage_on_the_line_is_counted_and_told_and_the_rest_goes_on(
    url: str, terminal: tuple[int, str]
) -> None:
    master, path = terminal
    witness = Witness()
    bridge = Bridge(path, lambda: GloveStream(url), witness)
    good = b"1,-2,3,801,802,803,804,805\n"
    async with background(bridge):
        await until(lambda: witness.ports)
        os.write(master, b"05\n# hello\n" + b"".join(b"%d," % t + good for t in range(0, 600, 20)))
        os.write(master, b"\xff\xfegarbage\n600,1,2\n620,nan,2,3,801,802,803,804,805\n640," + good)
        await until(lambda: bridge.counts.lines.frames == 31)
    assert os.read(master, 100) == b"header\n"
    assert Remark("hello") in witness.lines
    reasons = [event.reason for event in witness.lines if isinstance(event, Damaged)]
    assert reasons == [Fault.ASCII, Fault.FIELDS, Fault.FINITE]
    assert bridge.counts.lines.damaged == {Fault.ASCII: 1, Fault.FIELDS: 1, Fault.FINITE: 1}
    assert (bridge.counts.lines.partial, bridge.counts.lines.remarks, bridge.counts.lost_offline) == (1, 1, 0)


async def test_asks_again_for_a_header_that_could_not_be_read(
    url: str, terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge_module, "_ASK_HEADER_S", 0.1)
    master, path = terminal
    os.set_blocking(master, False)
    witness = Witness()
    async with background(Bridge(path, lambda: GloveStream(url), witness)):
        await until(lambda: witness.ports)
        os.write(master, b"\ntime,pitch,roll,yaw\n")
        asked = b""
        async with asyncio.timeout(10):
            while asked.count(b"header\n") < 2:
                await asyncio.sleep(0.02)
                with contextlib.suppress(BlockingIOError):
                    asked += os.read(master, 100)
