"""Baud rates on pseudo-terminals: the emulated glove's bytes arrive as a receiver at the terminal's rate reads them."""

from __future__ import annotations

import asyncio
import contextlib
import termios
from collections.abc import AsyncIterator

from firmware_bridge.link.errors import LinkCode
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.serial_line import BAUDS, SerialLine
from firmware_bridge.link.state import LinkState
from tests.firmware_bridge.link.gloves import Pty, lines, reading
from tests.firmware_bridge.link.uart import as_read_at

SEARCHING, OPENING, WAITING, STREAMING, LOST = LinkState
_RATES = {getattr(termios, f"B{baud}"): baud for baud in BAUDS}
BAUD_S = 0.05


@contextlib.asynccontextmanager
async def sending_at(baud: int, glove: Pty) -> AsyncIterator[None]:
    """Send frames at this rate, twenty a time, until the block ends."""

    async def send() -> None:
        first = 0
        while True:
            read_baud = _RATES[termios.tcgetattr(glove._master)[4]]
            await glove.write(as_read_at(lines(first, 20), baud, read_baud))
            first += 20
            await asyncio.sleep(0.005)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_named_port_tries_the_usual_rates_and_stays_open() -> None:
    with Pty() as glove:
        async with reading(glove.path, opener=PortOpener(baud_s=BAUD_S)) as read, sending_at(57_600, glove):
            await read.until(lambda: read.link.status.code is LinkCode.BAUD_SEARCHED)
            assert "nothing readable at 115200 baud: trying" in next(
                status.detail for status in read.told if status.code is LinkCode.BAUD_SEARCHED
            )
            await read.has_frames(50)
            assert read.link.status.detail == "reading at 57600 baud, which was found by trying"
            assert read.link.status.code is LinkCode.BAUD_FOUND
        assert read.states == [OPENING, WAITING, STREAMING]
        assert not read.link.counts.damaged


async def test_the_search_for_a_port_tries_the_usual_rates_too() -> None:
    with Pty() as printer, Pty() as glove:
        usb = [printer.usb("1"), glove.usb("2")]
        async with (
            reading("auto", lister=lambda: usb, opener=PortOpener(baud_s=BAUD_S)) as read,
            sending_at(9600, glove),
        ):
            await read.has_frames(50)
            assert read.link.status.port == glove.path
            assert read.link.status.code is LinkCode.BAUD_FOUND


async def test_a_port_opened_again_begins_with_the_rate_that_worked() -> None:
    opener = PortOpener(baud_s=BAUD_S)
    with Pty() as glove:
        async with reading(glove.path, opener=opener) as read, sending_at(57_600, glove):
            await read.has_frames(20)
        port = await opener.open(glove.path)
        assert _RATES[termios.tcgetattr(glove._master)[4]] == 57_600
        await port.close()


async def test_a_rate_that_was_given_is_kept_and_doubted() -> None:
    with Pty() as glove:
        opener = PortOpener(SerialLine(baud=19_200), baud_s=BAUD_S)
        async with reading(glove.path, opener=opener) as read, sending_at(115_200, glove):
            await read.until(lambda: read.link.status.code is LinkCode.BAUD_DOUBTFUL)
            assert "--baud auto" in read.link.status.detail
            assert _RATES[termios.tcgetattr(glove._master)[4]] == 19_200


async def test_an_unplugged_glove_is_lost_while_its_rate_is_searched() -> None:
    with Pty() as glove:
        async with reading(glove.path, opener=PortOpener(baud_s=BAUD_S)) as read:
            await read.reaches(WAITING)
            await glove.write(b"\xff" * 100)
            glove.unplug()
            assert (await read.reaches(LOST)).code is LinkCode.UNPLUGGED
