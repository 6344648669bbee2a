"""Uplink to services that come and go: each frame is acknowledged by one of them or counted."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import ServerConnection

from firmware_bridge.codec.events import FrameRead, FramesMissing, LetterRead, Remark
from firmware_bridge.uplink.glove_labels import NamedLetter
from firmware_bridge.uplink.pacing import MIN_INTERVAL_S
from firmware_bridge.uplink.retransmit_buffer import RetransmitBuffer
from firmware_bridge.uplink.uplink import Uplink
from scaleglove.client import (
    Command,
    Error,
    LinkReport,
    Prediction,
    StreamConnection,
    StreamError,
)
from scaleglove.protocol import (
    ClientMessage,
    Commanded,
    DeviceRemark,
    Frames,
    GloveLetter,
    Stop,
    Stopped,
    encode,
)
from tests.deadlines import until
from tests.firmware_bridge.recording_service import KNOWS_ALL, RecordingService
from tests.firmware_bridge.witness import Witness
from tests.scaleglove.client.scripted_service import STARTED, prediction, service_that


def report(frames: int) -> LinkReport:
    return LinkReport("streaming", "/dev/glove", "", 50.0, 0.5, None, frames, 0, 0, 0, 0, 0)


def frames(first: int, count: int) -> list[FrameRead]:
    return [FrameRead(20.0 * place, (float(place),) * 8) for place in range(first, first + count)]


async def nobody(command: Command) -> Commanded:
    return Commanded(command.id, "nobody is here to obey", "link_lost")


@contextlib.asynccontextmanager
async def running(
    address: str, unsent: RetransmitBuffer, witness: Witness | None = None, board: str | None = None
) -> AsyncIterator[Uplink]:
    uplink = Uplink(lambda: StreamConnection(address, commands=("recal",)), witness or Witness(), nobody, unsent)
    uplink.found(board)
    task = asyncio.create_task(uplink.run())
    try:
        yield uplink
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_frames_are_sent_together_and_losses_show_in_their_numbers() -> None:
    service, unsent = RecordingService(), RetransmitBuffer()
    async with service_that(service) as address, running(address, unsent) as uplink:
        await until(lambda: service.streams)
        uplink.put([*frames(0, 3), FramesMissing(60.0, 2, "sequence"), *frames(5, 2)])
        await until(lambda: len(service.numbers(0)) == 5)
        assert service.numbers(0) == [0, 1, 2, 5, 6]
        assert len(service.streams[0]) == 2
    assert unsent.dropped == 0


async def test_a_thousand_frames_a_second_are_not_a_thousand_messages() -> None:
    service, unsent = RecordingService(), RetransmitBuffer()
    async with service_that(service) as address, running(address, unsent) as uplink:
        await until(lambda: service.streams)
        begin_s = time.monotonic()
        for place in range(200):
            uplink.put(frames(place, 1))
            await asyncio.sleep(0.001)
        await until(lambda: len(service.numbers(0)) == 200)
        messages = sum(isinstance(message, Frames) for message in service.streams[0])
        assert messages <= 1 + (time.monotonic() - begin_s) / MIN_INTERVAL_S


async def test_frames_that_a_killed_service_did_not_acknowledge_are_sent_once_more() -> None:
    async def dies_once(connection: ServerConnection, stream: int, _: ClientMessage) -> None:
        if stream == 0 and len(service.numbers(0)) >= 30:
            await connection.send(prediction(9))
            await (await connection.ping())  # the prediction has arrived
            connection.transport.abort()

    service, unsent, witness = RecordingService(dies_once), RetransmitBuffer(), Witness()
    async with service_that(service) as address, running(address, unsent, witness) as uplink:
        await until(lambda: service.streams)
        uplink.put(frames(0, 30))
        await until(lambda: witness.troubles)
        uplink.put(frames(30, 5))
        await until(lambda: len(service.streams) == 2 and len(service.numbers(1)) == 25)
    assert service.numbers(1) == list(range(10, 35))
    assert len(unsent) == unsent.dropped == 0


async def test_beyond_the_buffer_frames_are_counted_and_the_newest_arrive() -> None:
    service, unsent = RecordingService(), RetransmitBuffer(capacity=50)
    async with service_that(service) as address, running(address, unsent) as uplink:
        uplink.put(frames(0, 80))
        await until(lambda: service.streams and len(service.numbers(0)) == 50)
    assert service.numbers(0) == list(range(30, 80))
    assert unsent.dropped == 30


async def test_without_a_service_all_frames_are_counted_at_the_end() -> None:
    unsent, witness = RetransmitBuffer(), Witness()
    async with running("http://127.0.0.1:1", unsent, witness) as uplink:
        uplink.put(frames(0, 7))
        await until(lambda: len(witness.troubles) >= 2)
    assert (len(unsent), unsent.dropped) == (0, 7)
    assert "cannot reach the service" in witness.troubles[0][0]
    assert [retry_s for _, retry_s in witness.troubles[:2]] == [0.5, 1.0]


async def test_at_the_end_pending_frames_are_sent_and_the_service_reports_how_many_it_took() -> None:
    async def takes_a_part(connection: ServerConnection, _: int, message: ClientMessage) -> None:
        if isinstance(message, Stop):
            await connection.send(encode(Stopped("s", 20, 0, late_frames=4, missing_frames=0, dropped_messages=0)))
            await connection.close()

    service, unsent, witness = RecordingService(takes_a_part), RetransmitBuffer(), Witness()
    async with service_that(service) as address, running(address, unsent, witness) as uplink:
        await until(lambda: witness.streams)
        uplink.put(frames(0, 30))
    assert service.numbers(0) == list(range(30))
    assert unsent.dropped == 6


async def test_frames_that_the_service_refuses_are_counted_and_not_sent_again() -> None:
    async def refuses_once(connection: ServerConnection, stream: int, _: ClientMessage) -> None:
        if stream == 0:
            await connection.send(encode(Error("bad_message", "values.0.0 is too large")))
            await connection.close()

    service, unsent, witness = RecordingService(refuses_once), RetransmitBuffer(), Witness()
    async with service_that(service) as address, running(address, unsent, witness) as uplink:
        await until(lambda: service.streams)
        uplink.put(frames(0, 5))
        await until(lambda: witness.troubles)
        uplink.put(frames(5, 2))
        await until(lambda: len(service.streams) == 2 and service.numbers(1))
    assert service.numbers(1) == [5, 6]
    assert unsent.dropped == 5
    assert witness.troubles[0][0] == "values.0.0 is too large"


async def test_a_service_that_only_refuses_is_retried_less_often() -> None:
    async def complains(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(STARTED)
        await connection.send(encode(Error("too_many_streams", "too many streams")))

    witness = Witness()
    async with service_that(complains) as address, running(address, RetransmitBuffer(), witness):
        await until(lambda: len(witness.troubles) >= 3)
    assert witness.troubles[:3] == [("too many streams", retry_s) for retry_s in (0.5, 1.0, 2.0)]


@pytest.mark.parametrize("code", ["unauthorized", "unknown_model", "no_profile"])
async def test_a_refusal_before_the_first_stream_is_one_error(code: str) -> None:
    async def refuses(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(encode(Error(code, "not like this")))

    async with service_that(refuses) as address:
        unsent = RetransmitBuffer()
        with pytest.raises(StreamError, match="not like this"):
            await Uplink(lambda: StreamConnection(address), Witness(), nobody, unsent).run()


async def test_a_refusal_after_the_first_stream_is_waited_out() -> None:
    starts = 0

    async def refuses_later(connection: ServerConnection) -> None:
        nonlocal starts
        starts += 1
        await connection.recv()
        await connection.send(encode(Error("unknown_model", "gone")) if starts == 2 else STARTED)

    witness = Witness()
    async with service_that(refuses_later) as address, running(address, RetransmitBuffer(), witness):
        await until(lambda: len(witness.streams) == 2)
    assert witness.troubles[1] == ("gone", 1.0)


async def test_a_command_is_obeyed_and_answered() -> None:
    async def commands(connection: ServerConnection, _: int, message: ClientMessage) -> None:
        if isinstance(message, Frames):
            await connection.send(encode(Command(7, "recal", None)))

    service, witness = RecordingService(commands, KNOWS_ALL), Witness()
    async with service_that(service) as address, running(address, RetransmitBuffer(), witness) as uplink:
        await until(lambda: service.streams)
        uplink.put(frames(0, 1))
        await until(lambda: Commanded(7, "nobody is here to obey", "link_lost") in service.streams[0])
    assert Command(7, "recal", None) in witness.messages


async def test_a_stream_begins_with_the_last_report_of_the_one_before_it() -> None:
    async def dies_at_the_second(connection: ServerConnection, stream: int, message: ClientMessage) -> None:
        if stream == 0 and message == report(2):
            connection.transport.abort()

    service, witness = RecordingService(dies_at_the_second, KNOWS_ALL), Witness()
    async with service_that(service) as address, running(address, RetransmitBuffer(), witness) as uplink:
        for number in (1, 2):
            uplink.report(report(number))
            await until(lambda number=number: service.streams and report(number) in service.streams[0])
        await until(lambda: witness.troubles)
        uplink.report(report(3))
        uplink.put([Remark("hello" * 100, {"done": "recal"})])
        await until(lambda: len(service.streams) == 2 and report(3) in service.streams[1])
    assert service.streams[0] == [report(1), report(2)]
    assert service.streams[1][:3] == [report(2), DeviceRemark(("hello" * 100)[:200], {"done": "recal"}), report(3)]


async def test_device_predictions_follow_their_frames() -> None:
    service, witness = RecordingService(first=KNOWS_ALL), Witness()
    async with service_that(service) as address, running(address, RetransmitBuffer(), witness) as uplink:
        for first in (0, 300):
            uplink.put([*frames(first, 300), NamedLetter(LetterRead((first + 299) * 20.0, 2, 0.5, None, 7), "ㄷ")])
        uplink.put([NamedLetter(LetterRead(20_000.0, 3, 1.0, (1.0, 0.0, 0.0)), "ㄹ")])
        await until(lambda: service.streams and len(service.streams[0]) == 6)
    order = [
        (type(message), message.seq) for message in service.streams[0] if isinstance(message, Frames | GloveLetter)
    ]
    assert order == [
        (Frames, 0),
        (Frames, 240),
        (GloveLetter, 299),
        (Frames, 480),
        (GloveLetter, 599),
        (GloveLetter, None),
    ]
    assert witness.letters[-1] == GloveLetter(None, 20_000.0, "ㄹ", 1.0, {"3": 1.0, "5": 0.0, "7": 0.0})


async def test_an_older_service_gets_no_device_predictions() -> None:
    service = RecordingService()
    async with service_that(service) as address, running(address, RetransmitBuffer()) as uplink:
        uplink.put([NamedLetter(LetterRead(0.0, 2, 0.5), "ㄷ")])
        uplink.put(frames(0, 1))
        await until(lambda: service.streams and service.numbers(0))
    assert [type(message) for message in service.streams[0]] == [Frames, Stop]


async def test_predictions_reset_the_backoff() -> None:
    async def answers_once(connection: ServerConnection, stream: int, _: ClientMessage) -> None:
        await connection.send(prediction(0))
        await (await connection.ping())
        connection.transport.abort()

    service, witness, unsent = RecordingService(answers_once), Witness(), RetransmitBuffer()
    async with service_that(service) as address, running(address, unsent, witness) as uplink:
        for place in range(2):
            await until(lambda place=place: len(service.streams) == place + 1)
            uplink.put(frames(place, 1))
            await until(lambda place=place: len(witness.troubles) == place + 1)
    assert [retry_s for _, retry_s in witness.troubles[:2]] == [0.5, 0.5]
    assert sum(isinstance(message, Prediction) for message in witness.messages) == 2


BLUE, GREEN = "10c4:ea60:BLUE", "10c4:ea60:GREEN"


async def test_each_stream_says_which_board_it_is_of_and_has_its_frames_alone() -> None:
    service, unsent, witness = RecordingService(first=KNOWS_ALL), RetransmitBuffer(), Witness()
    async with service_that(service, accepts=("usb",)) as address, running(address, unsent, witness, BLUE) as uplink:
        await until(lambda: service.streams)
        uplink.put([*frames(0, 3), Remark("# blue", {})])
        await until(lambda: len(service.numbers(0)) == 3)
        uplink.found(BLUE)
        uplink.found(GREEN)
        uplink.put(frames(3, 2))
        await until(lambda: len(service.streams) == 2 and len(service.numbers(1)) == 2)
        assert any(isinstance(message, Stop) for message in service.streams[0])
    assert [start.usb for start in service.starts] == [BLUE, GREEN]
    assert (service.numbers(0), service.numbers(1)) == ([0, 1, 2], [3, 4])
    assert not any(isinstance(message, DeviceRemark) for message in service.streams[1])
    assert (unsent.dropped, witness.troubles) == (0, [])


async def test_frames_of_a_glove_that_is_gone_are_counted_and_not_sent_as_anothers() -> None:
    unsent, witness = RetransmitBuffer(), Witness()
    async with running("http://127.0.0.1:1", unsent, witness, BLUE) as uplink:
        uplink.put(frames(0, 7))
        await until(lambda: witness.troubles)
        uplink.found(GREEN)
        assert (len(unsent), unsent.dropped) == (0, 7)


async def test_an_older_service_is_not_told_the_board() -> None:
    service, unsent = RecordingService(), RetransmitBuffer()
    async with service_that(service) as address, running(address, unsent, board=BLUE):
        await until(lambda: service.streams)
    assert [start.usb for start in service.starts] == [None]


async def test_without_a_glove_the_stream_begins_soon() -> None:
    service, unsent = RecordingService(), RetransmitBuffer()
    async with service_that(service) as address:
        uplink = Uplink(lambda: StreamConnection(address), Witness(), nobody, unsent)
        task = asyncio.create_task(uplink.run())
        await until(lambda: service.streams)
        task.cancel()
        await asyncio.wait({task})
