"""Search with `auto`: pseudo-terminals are listed as USB ports, some with a glove and some without."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from firmware_bridge.codec.events import FramesMissing
from firmware_bridge.codec.packets import DELIMITER, encode_letter
from firmware_bridge.link.errors import LinkCode
from firmware_bridge.link.ports import UsbPort
from firmware_bridge.link.state import LinkState
from tests.deadlines import EVENT_S
from tests.firmware_bridge.link.gloves import INATTENTIVE, INTERVAL_MS, Pty, packets, reading

SEARCHING, OPENING, WAITING, STREAMING, LOST = LinkState
UNKNOWN_VID = 0x04B8


@contextlib.asynccontextmanager
async def speaking(*gloves: Pty, first: int = 0) -> AsyncIterator[None]:
    """Send frames from these gloves every few ms until the block ends."""

    async def speak(glove: Pty) -> None:
        await glove.write(DELIMITER)
        for number in range(first, first + 100_000):
            await glove.write(packets(number, 1))
            await asyncio.sleep(0.003)

    tasks = [asyncio.create_task(speak(glove)) for glove in gloves]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_without_a_usb_port_it_searches_until_one_is_plugged_in() -> None:
    there: list[UsbPort] = []
    async with reading("auto", lister=lambda: there) as read:
        status = await read.reaches(SEARCHING)
        await read.until(lambda: bool(read.statuses))
        assert "plug the glove in" in read.link.status.detail
        assert read.link.status.code is LinkCode.NO_PORT
        assert status.port is None
        with Pty() as glove:
            there.append(glove.usb("1"))
            async with speaking(glove):
                await read.has_frames(10)
            assert read.link.status.port == glove.path
        assert read.states == [SEARCHING, WAITING, STREAMING]


async def test_a_glove_that_sends_only_letters_is_found() -> None:
    with Pty() as glove:
        async with reading("auto", lister=lambda: [glove.usb("1")]) as read:
            await read.until(lambda: read.link.status.detail.startswith("listening on "))
            await glove.write(DELIMITER)
            for number in range(5):
                await glove.write(encode_letter(5 * number, 100_000 * number, 2, 0.9))
            await read.reaches(STREAMING)
            await read.until(lambda: read.link.counts.letters == 5)


async def test_the_port_with_a_glove_is_used_and_no_byte_of_it_is_lost() -> None:
    with Pty() as printer, Pty() as glove:
        usb = [printer.usb("1"), glove.usb("2", vid=UNKNOWN_VID)]
        async with reading("auto", lister=lambda: usb) as read:
            await read.until(lambda: read.link.status.detail.startswith("listening on "))
            assert all(str(port) in read.link.status.detail for port in usb)
            assert read.link.status.code is LinkCode.LISTENING
            async with speaking(glove):
                await read.has_frames(200)
        assert read.link.status.port == glove.path
        seqs = [frame.seq for frame in read.frames]
        assert seqs == list(range(seqs[0] or 0, (seqs[0] or 0) + len(seqs)))
        assert read.others == []


async def test_a_port_with_other_data_is_not_a_glove_and_left_alone() -> None:
    with Pty() as printer:
        usb = printer.usb("1")
        async with reading("auto", lister=lambda: [usb], timing=INATTENTIVE) as read:
            await read.until(lambda: read.link.status.detail.startswith("listening"))
            await printer.write(20 * b"ok T:20.1\n")
            await read.until(lambda: read.link.status.detail == f"no glove found on {usb}")
            assert read.link.status.code is LinkCode.NO_GLOVE
            assert await printer_is_free(printer)
            # It is listened to again some time later.
            seen = len(read.statuses)
            await read.until(lambda: any(status.detail.startswith("listening") for status in read.statuses[seen:]))


async def printer_is_free(printer: Pty) -> bool:
    async with reading(printer.path) as other:
        await other.reaches(WAITING)
    return True


async def test_a_port_plugged_in_while_others_are_left_alone_is_probed_immediately() -> None:
    with Pty() as printer, Pty() as glove:
        there = [printer.usb("1")]
        async with reading(
            "auto", lister=lambda: list(there), timing=replace(INATTENTIVE, skip_silent_s=EVENT_S)
        ) as read:
            await read.until(lambda: read.link.status.detail.startswith("no glove found"))
            there.append(glove.usb("2"))
            async with speaking(glove):
                await read.has_frames(10)
        assert read.link.status.port == glove.path


async def test_a_port_plugged_in_while_others_are_probed_is_probed_with_them() -> None:
    with Pty() as printer, Pty() as glove:
        there = [printer.usb("1")]
        async with reading("auto", lister=lambda: list(there)) as read:
            await read.until(lambda: read.link.status.code is LinkCode.LISTENING)
            there.append(glove.usb("2"))
            async with speaking(glove):
                await read.has_frames(10)
        assert read.link.status.port == glove.path


async def test_a_port_unplugged_while_it_is_probed_is_probed_when_it_is_back() -> None:
    with Pty() as printer, Pty() as glove, Pty() as again:
        there = [printer.usb("1"), glove.usb("2")]
        async with reading("auto", lister=lambda: list(there)) as read:
            await read.until(lambda: glove.path in read.link.status.detail)
            del there[1]
            glove.unplug()
            there.append(again.usb("2"))
            async with speaking(again):
                await read.has_frames(10)
        assert read.link.status.port == again.path


async def test_the_first_known_of_several_gloves_is_used_and_reported() -> None:
    with Pty() as unknown, Pty() as second, Pty() as first:
        one, two = sorted([first.usb("1"), second.usb("2")], key=lambda usb: int(usb.path.rpartition("/")[2]))
        three = unknown.usb("3", vid=UNKNOWN_VID)
        async with (
            reading("auto", lister=lambda: [three, two, one]) as read,
            speaking(unknown, second, first),
        ):
            await read.reaches(STREAMING)
        assert read.link.status.port == one.path
        assert read.link.status.detail == (
            f"several gloves found: using {one}, not {two}, {three}; choose another with --port"
        )
        assert read.link.status.code is LinkCode.SEVERAL_GLOVES


async def test_a_port_that_cannot_be_opened_is_named_while_searching() -> None:
    with Pty() as glove:
        async with reading(glove.path) as other:
            await other.reaches(WAITING)
            async with reading("auto", lister=lambda: [glove.usb("1")], timing=INATTENTIVE) as read:
                await read.until(lambda: "in use by another program" in read.link.status.detail)
                assert glove.path in read.link.status.detail
                assert read.link.status.code is LinkCode.PORT_BUSY


@pytest.mark.parametrize("auto", [True, False])
async def test_the_same_glove_is_recognised_at_another_path(auto: bool) -> None:
    with Pty() as other, Pty() as glove, Pty() as again:
        there = [other.usb("other"), glove.usb("mine")]
        async with reading("auto" if auto else glove.path, lister=lambda: list(there)) as read:
            if auto:
                await read.until(lambda: read.link.status.detail.startswith("listening"))
            else:
                await read.reaches(WAITING)
            async with speaking(glove):
                await read.has_frames(20)
            there[:] = [other.usb("other")]
            glove.unplug()
            await read.reaches(LOST)
            there.append(again.usb("mine"))
            await read.until(lambda: read.link.status == read.statuses[-1] and read.statuses[-1].state is WAITING)
            assert read.link.status.port == again.path
            assert read.link.status.detail == f"the same glove as before at {glove.path}"
            assert read.link.status.code is LinkCode.MOVED
            frames, last = len(read.frames), read.frames[-1].seq or 0
            await again.write(DELIMITER + packets(last + 10, 5))
            await read.has_frames(frames + 5)
        assert read.others == [FramesMissing((last + 10) * INTERVAL_MS, 9, "sequence")]


async def test_a_glove_once_found_is_waited_for_and_none_beside_it_taken() -> None:
    with Pty() as glove, Pty() as other:
        mine, beside = glove.usb("mine"), other.usb("other", vid=1)
        there = [mine, beside]
        async with reading("auto", lister=lambda: list(there)) as read:
            async with speaking(glove):
                await read.has_frames(20)
            there.remove(mine)
            glove.unplug()
            await read.until(lambda: str(mine) in read.link.status.detail)
            assert read.link.status.state is LOST
            assert "plug it in again" in read.link.status.detail
            assert read.link.status.code is LinkCode.UNPLUGGED


async def test_of_boards_without_a_serial_number_the_neighbour_is_not_taken_and_one_that_comes_later_is() -> None:
    with Pty() as glove, Pty() as other, Pty() as again:
        mine, beside = glove.usb(None, location="1-1"), other.usb(None, location="1-2")
        there = [mine, beside]
        async with reading(glove.path, lister=lambda: list(there)) as read:
            async with speaking(glove):
                await read.has_frames(20)
            async with speaking(other):
                there.remove(mine)
                glove.unplug()
                await read.until(lambda: read.link.status.code is LinkCode.PORT_MISSING)
                there.append(again.usb(None, location="1-3"))
                await read.until(lambda: read.link.status.port == again.path)
            assert all(status.port != other.path for status in read.statuses)
            assert next(status.code for status in read.statuses if status.port == again.path) is LinkCode.MOVED


async def test_a_glove_that_is_plugged_in_for_one_that_is_gone_is_taken() -> None:
    with Pty() as glove, Pty() as other:
        there = [glove.usb("mine")]
        async with reading("auto", lister=lambda: list(there)) as read:
            async with speaking(glove):
                await read.has_frames(20)
            assert read.link.board == "2341:0043:MINE"
            there[:] = [other.usb("other")]
            glove.unplug()
            frames = read.link.counts.frames
            async with speaking(other):
                await read.has_frames(frames + 20)
            assert (read.link.board, read.link.status.port) == ("2341:0043:OTHER", other.path)
