"""From a real pseudo-terminal to the real service, while either of them comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.bridge import COMMANDS, Bridge
from firmware_bridge.codec.events import Damaged, DeviceRestarted, Fault, HeaderRead, Remark
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.emulator import Emulator
from firmware_bridge.emulator.glove_model import GloveModel
from firmware_bridge.emulator.network import EmulatedNetwork
from firmware_bridge.link.errors import PortNameError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.state import LinkState
from scaleglove.client import (
    Command,
    Gesture,
    GloveLetter,
    LinkReport,
    Prediction,
    Stale,
    Started,
    StreamConnection,
    StreamError,
    ViewedFrames,
    watch,
)
from scaleglove.device_clock import ClockMapping
from scaleglove.hangul.spelling import letters
from scaleglove.letter_templates import load_templates
from scaleglove.protocol import (
    ClientMessage,
    Commanded,
    DeviceRemark,
    Frames,
    decode_text,
    encode,
)
from tests.conftest import ROOT
from tests.deadlines import EVENT_S, until
from tests.firmware_bridge.background import background
from tests.firmware_bridge.recording_service import KNOWS_ALL, RecordingService
from tests.firmware_bridge.witness import Witness
from tests.live_service import live_service
from tests.scaleglove.client.scripted_service import service_that

NEWEST_FRAMES = 20
"""Frames after the newest prediction: it is made every tenth frame."""

ARTEFACT = ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service(stale_after_ms=1000.0) as server:
        yield server.url


def emulator(text: str = "가", speed: float = 2.0) -> Emulator:
    return Emulator(Device(GloveModel(text, load_templates(), hold_s=1.2)), speed=speed, wait=True)


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """Open a pseudo-terminal that the test itself writes to."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def frames(count: int, first: int = 0) -> bytes:
    """Return `count` lines of a glove at 50 Hz."""
    return b"".join(b"%d,1,-2,3,801,802,803,804,805\n" % (20 * place) for place in range(first, first + count))


async def test_a_spelling_glove_is_recognised_letter_by_letter(url: str) -> None:
    witness = Witness()
    async with emulator("안녕").opened() as glove, background(glove):
        bridge = Bridge(glove.path, lambda: StreamConnection(url), witness)
        async with background(bridge):
            spelled = letters("안녕")

            def begun() -> str:
                return "".join(m.label for m in witness.messages if isinstance(m, Gesture) and m.phase == "begin")

            await until(lambda: "".join(spelled) in begun().replace(" ", ""))
    assert [status.state for status in witness.states] == [LinkState.OPENING, LinkState.WAITING, LinkState.STREAMING]
    assert any(isinstance(event, HeaderRead) for event in witness.lines)
    counts = bridge.counts
    assert counts.unsent == counts.link.missing == counts.link.damaged.total() == 0
    assert witness.predictions[-1].seq < counts.link.frames
    assert witness.troubles == []
    assert witness.reports[-1].state == "streaming"
    assert witness.reports[-1].rate_hz is not None


async def test_the_gloves_own_letters_are_heard_beside_those_of_the_service(url: str) -> None:
    glove = Device(GloveModel("ㄱ", load_templates(), hold_s=20), network=EmulatedNetwork(ARTEFACT))
    witness, seen = Witness(), []
    async with Emulator(glove).opened() as emulated, background(emulated):
        bridge = Bridge(
            emulated.path, lambda: StreamConnection(url, model=ARTEFACT.stem), witness, startup_commands=["letters,on"]
        )
        async with background(bridge):
            await until(lambda: witness.streams and witness.predictions)
            async with watch(url, witness.streams[0].stream) as messages, asyncio.timeout(EVENT_S):
                async for message in messages:
                    seen.append(message)
                    if isinstance(message, GloveLetter) and message.confidence > 0.9:
                        break
    batches = [message for message in seen if isinstance(message, ViewedFrames)]
    times = {batch.seq + place: t_ms for batch in batches for place, t_ms in enumerate(batch.t_ms)}
    letters = [message for message in seen if isinstance(message, GloveLetter)]
    assert letters[-1].label == "ㄱ"
    assert set(letters[-1].scale_importance) == {"3", "5", "7"}
    assert [times[letter.seq] for letter in letters if letter.seq in times] == [letter.t_ms for letter in letters]


async def test_a_glove_that_sends_letters_and_no_frames_keeps_its_link_and_its_stream(url: str) -> None:
    templates = load_templates()
    glove = Device(GloveModel("ㄱ", templates, hold_s=20), network=EmulatedNetwork(ARTEFACT), format_name="binary")
    witness = Witness()
    async with Emulator(glove).opened() as emulated, background(emulated):
        bridge = Bridge(emulated.path, lambda: StreamConnection(url), witness, startup_commands=["letters,only"])
        async with background(bridge):
            await until(lambda: any(isinstance(message, Stale) for message in witness.messages))
            frames, letters = bridge.counts.link.frames, len(witness.letters)
            await until(lambda: len(witness.letters) > letters + 25)  # longer than a silent link is borne
            assert bridge.counts.link.frames == frames
            assert bridge.counts.link.missing == 0
    assert [status.state for status in witness.states] == [LinkState.OPENING, LinkState.WAITING, LinkState.STREAMING]
    assert witness.letters[-1].seq is None


@pytest.mark.parametrize("port", ["", "socket://127.0.0.1"])
def test_what_is_no_name_of_a_port_is_one_error(port: str) -> None:
    with pytest.raises(PortNameError):
        Bridge(port, lambda: StreamConnection("http://127.0.0.1:1"), Witness())


async def test_a_refused_start_is_one_error_and_the_port_is_given_back(url: str) -> None:
    async with emulator().opened() as glove:
        for _ in range(2):
            with pytest.raises(StreamError, match="none-such"):
                await Bridge(glove.path, lambda: StreamConnection(url, model="none-such"), Witness()).run()


async def test_the_service_receives_the_link_state_while_the_bridge_waits_for_an_absent_glove(
    tmp_path: Path, url: str
) -> None:
    witness, name = Witness(), tmp_path / "glove"
    async with background(Bridge(str(name), lambda: StreamConnection(url), witness)):
        await until(lambda: witness.streams and witness.was(LinkState.LOST))
        async with emulator().opened(link=name) as glove, background(glove):
            await until(lambda: witness.predictions)
    lost = next(status for status in witness.states if status.state is LinkState.LOST)
    assert f"no serial port {name}" in lost.detail
    assert lost.retry_s == 0.5


async def test_an_absent_service_is_waited_for_and_gets_every_frame(terminal: tuple[int, str]) -> None:
    witness, service = Witness(), RecordingService()
    urls = ["http://127.0.0.1:1"]
    bridge = Bridge(terminal[1], lambda: StreamConnection(urls[-1]), witness)
    async with service_that(service) as address, background(bridge):
        await until(lambda: witness.was(LinkState.WAITING))  # what comes before a port is opened is nobody's
        os.write(terminal[0], b"\n" + frames(30))
        await until(lambda: bridge.counts.link.frames == 30 and witness.has_reported("cannot reach the service"))
        urls.append(address)
        await until(lambda: service.streams and len(service.numbers(0)) == 30)
    assert service.numbers(0) == list(range(30))
    assert bridge.counts.unsent == 0


async def test_the_service_goes_and_comes_back_and_gets_every_frame() -> None:
    witness = Witness()
    urls: list[str] = []
    async with emulator().opened() as glove, background(glove), contextlib.AsyncExitStack() as stack:
        with live_service() as server:
            urls.append(server.url)
            # The port may be another program's by now, so the service comes back at another one.
            bridge = Bridge(glove.path, lambda: StreamConnection(urls[-1]), witness)
            await stack.enter_async_context(background(bridge))
            await until(lambda: witness.predictions)
            server.should_exit = True
            await until(lambda: witness.has_reported("cannot reach the service"))
        seen = len(witness.predictions)
        with live_service() as server:
            urls.append(server.url)
            await until(lambda: len(witness.predictions) > seen)
            # What was kept meanwhile has arrived: a slow machine may need longer for it than a bridge that stops waits.
            await until(lambda: witness.predictions[-1].seq >= bridge.counts.link.frames - NEWEST_FRAMES)
            await stack.aclose()
    assert bridge.counts.unsent == 0
    assert len(witness.streams) >= 2
    assert witness.has_reported("the service is stopping")
    assert [retry_s for _, retry_s in witness.troubles[:2]] == [0.5, 1.0]
    assert sum(status.state is LinkState.OPENING for status in witness.states) == 1


async def test_an_observer_that_fails_is_one_error_and_all_is_given_back(url: str, terminal: tuple[int, str]) -> None:
    class Closed(Witness):
        def started(self, started: Started) -> None:
            raise BrokenPipeError

    for _ in range(2):
        with pytest.raises(BrokenPipeError):
            await Bridge(terminal[1], lambda: StreamConnection(url), Closed()).run()


async def test_the_port_goes_and_comes_back(url: str, tmp_path: Path) -> None:
    witness, name = Witness(), tmp_path / "glove"
    bridge = Bridge(str(name), lambda: StreamConnection(url), witness)
    async with contextlib.AsyncExitStack() as stack:
        async with emulator().opened(link=name) as glove, background(glove):
            await stack.enter_async_context(background(bridge))
            await until(lambda: bridge.counts.link.frames > 150)  # its clock has gone far enough to be seen to fall
        await until(lambda: witness.was(LinkState.LOST))
        seen = len(witness.messages)
        async with emulator().opened(link=name) as glove, background(glove):
            await until(lambda: any(isinstance(m, Prediction) for m in witness.messages[seen:]))
            await stack.aclose()
    assert any(isinstance(event, DeviceRestarted) for event in witness.lines)
    assert len(witness.streams) == 1
    assert bridge.counts.unsent == 0
    assert bridge.report().restarts == 1


async def test_garbage_on_the_line_is_counted_and_reported_and_the_rest_continues(
    url: str, terminal: tuple[int, str]
) -> None:
    master, path = terminal
    witness = Witness()
    bridge = Bridge(path, lambda: StreamConnection(url), witness)
    good = b"1,-2,3,801,802,803,804,805\n"
    async with background(bridge):
        await until(lambda: witness.was(LinkState.WAITING) and witness.streams)
        os.write(master, b"05\n# hello\n" + b"".join(b"%d," % t + good for t in range(0, 600, 20)))
        os.write(master, b"\xff\xfegarbage\n600,1,2\n620,nan,2,3,801,802,803,804,805\n640," + good)
        await until(lambda: bridge.counts.link.frames == 31 and bridge.counts.unsent == 0)
    assert os.read(master, 100) == b"header\n"
    assert Remark("hello") in witness.lines
    reasons = [event.reason for event in witness.lines if isinstance(event, Damaged)]
    assert reasons == [Fault.ASCII, Fault.FIELDS, Fault.FINITE]
    assert bridge.counts.link.missing == 2
    assert bridge.counts.unsent == 0


async def test_the_service_hears_of_the_link_and_what_the_glove_remarks(terminal: tuple[int, str]) -> None:
    service = RecordingService(first=KNOWS_ALL)
    async with service_that(service) as address:
        witness = Witness()
        bridge = Bridge(terminal[1], lambda: StreamConnection(address, commands=COMMANDS), witness)
        async with background(bridge):
            await until(lambda: service.streams and witness.was(LinkState.WAITING))
            os.write(terminal[0], b"\n# hello\n" + frames(10) + frames(5, first=12))
            await until(lambda: any(isinstance(m, LinkReport) and m.frames == 15 for m in service.streams[0]))
    assert DeviceRemark("hello") in service.streams[0]
    reports = [message for message in service.streams[0] if isinstance(message, LinkReport)]
    assert {report.state for report in reports} >= {"waiting", "streaming"}
    assert all(report.port in {terminal[1], None} for report in reports)
    assert (reports[-1].missing, reports[-1].unsent) == (2, 0)
    assert service.numbers(0) == list(range(15))


@pytest.mark.parametrize(
    "said", [b"time[ms],flex1[0..4095],thumb_x\n", b"# flex_most=4095; flex sensors read 0 to 4095\n"]
)
async def test_the_service_hears_what_the_glove_states_of_its_converter(terminal: tuple[int, str], said: bytes) -> None:
    service = RecordingService(first=KNOWS_ALL)
    async with service_that(service) as address:
        witness = Witness()
        bridge = Bridge(terminal[1], lambda: StreamConnection(address), witness)
        async with background(bridge):
            await until(lambda: service.streams and witness.was(LinkState.WAITING))
            os.write(terminal[0], b"\n" + said)
            await until(lambda: any(isinstance(m, LinkReport) and m.flex_most == 4095 for m in service.streams[0]))


async def test_a_command_of_the_service_reaches_the_glove(terminal: tuple[int, str]) -> None:
    async def commands(connection, _: int, message: ClientMessage) -> None:
        if isinstance(message, Frames):
            await connection.send(encode(Command(1, "interval", 20.0)))
            await connection.send(encode(Command(2, "yawzero", None)))
            await connection.send(encode(Command(3, "interval", 0.5)))

    service = RecordingService(commands, KNOWS_ALL)
    async with service_that(service) as address:
        witness = Witness()
        bridge = Bridge(terminal[1], lambda: StreamConnection(address, commands=COMMANDS), witness)
        async with background(bridge):
            await until(lambda: service.streams and witness.was(LinkState.WAITING))
            os.write(terminal[0], b"\n" + frames(5))
            await until(lambda: sum(isinstance(m, Commanded) for m in service.streams[0]) == 3)
    answers = [message for message in service.streams[0] if isinstance(message, Commanded)]
    assert answers[:2] == [Commanded(1, None), Commanded(2, None)]
    assert "1 to 1000" in str(answers[2].refused)
    assert answers[2].code == "invalid_command"
    assert b"interval,20\nyawzero\n" in os.read(terminal[0], 200).replace(b"header\n", b"")


async def test_a_command_without_a_glove_is_refused_in_words(tmp_path: Path) -> None:
    async def commands(connection, _: int, message: ClientMessage) -> None:
        if isinstance(message, LinkReport) and message.state == "lost":
            await connection.send(encode(Command(1, "recal", None)))

    service = RecordingService(commands, KNOWS_ALL)
    async with service_that(service) as address:
        port = str(tmp_path / "none")
        async with background(Bridge(port, lambda: StreamConnection(address, commands=COMMANDS), Witness())):
            await until(lambda: service.streams and any(isinstance(m, Commanded) for m in service.streams[0]))
    answer = next(message for message in service.streams[0] if isinstance(message, Commanded))
    assert "the glove is not connected" in str(answer.refused)
    assert answer.code == "link_lost"
    reports = [message for message in service.streams[0] if isinstance(message, LinkReport)]
    assert {report.code for report in reports if report.state == "lost"} == {"port_missing"}
    assert all((report.code is None) == (not report.detail) for report in reports)


async def test_the_glove_is_asked_for_the_format_that_is_wanted_and_again_after_a_restart(
    terminal: tuple[int, str],
) -> None:
    master, path = terminal
    witness = Witness()
    bridge = Bridge(path, lambda: StreamConnection("http://127.0.0.1:1"), witness, startup_commands=["format,binary"])
    async with background(bridge):
        await until(lambda: witness.was(LinkState.WAITING))
        os.write(master, b"\n" + frames(5, first=500))
        await until(lambda: bridge.counts.link.frames == 5)
        os.write(master, frames(5))
        await until(lambda: bridge.counts.link.frames == 10)
        asked = b""
        while asked.count(b"format,binary\n") < 2:
            asked += await asyncio.to_thread(os.read, master, 1000)


async def test_figures_that_no_report_may_have_are_left_out(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GloveLink, "clock", ClockMapping(0.0, -2e6, float("nan")))
    report = Bridge(terminal[1], lambda: StreamConnection("http://127.0.0.1:1"), Witness()).report()
    assert (report.clock_drift_ppm, report.clock_uncertainty_ms) == (None, None)
    assert decode_text(encode(report)) == report
