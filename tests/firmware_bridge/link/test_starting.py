"""Boards that restart whenever their port is opened and are silent for long: the times are those of the product, 50
times as short."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest

from firmware_bridge.link.state import LinkState, Timing
from tests.firmware_bridge.link.gloves import Pty, lines, reading

SEARCHING, OPENING, WAITING, STREAMING, LOST = LinkState
SCALE: Final = 0.02
START_S: Final = 15.0
"""Time that the board calibrates after a restart."""

USUAL: Final = Timing()
SCALED: Final = replace(
    USUAL,
    silent_s=60.0,
    reopen_s=USUAL.reopen_s * SCALE,
    start_s=USUAL.start_s * SCALE,
    probe_s=USUAL.probe_s * SCALE,
    search_s=USUAL.search_s * SCALE,
    skip_silent_s=USUAL.skip_silent_s * SCALE,
)


class RestartingBoard:
    """Board on a pseudo-terminal that greets and calibrates after every opening, and then sends frames."""

    def __init__(self, glove: Pty) -> None:
        self.openings = 0
        self._glove = glove

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def _is_open(self) -> bool:
        poll = select.poll()
        poll.register(self._glove._master, select.POLLHUP)
        return not poll.poll(0)

    async def _run(self) -> None:
        while True:
            if not self._is_open:
                await asyncio.sleep(0.002)
                continue
            self.openings += 1
            await self._start()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        started_s, number = loop.time() + START_S * SCALE, 0
        os.write(self._glove._master, b"# calibrating, keep the hand still\r\n")
        while self._is_open:
            if loop.time() >= started_s:
                os.write(self._glove._master, lines(number, 1))
                number += 1
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("auto", [False, True], ids=["named", "auto"])
async def test_a_board_that_restarts_at_each_opening_and_takes_15_s_comes_to_stream(auto: bool) -> None:
    with Pty() as glove:
        board = RestartingBoard(glove)
        name = "auto" if auto else glove.path
        async with board.running(), reading(name, timing=SCALED, lister=lambda: [glove.usb("1")]) as read:
            await read.has_frames(20)
        assert board.openings == 1


def test_the_waits_of_the_product_are_longer_than_a_board_takes_to_start() -> None:
    assert min(USUAL.start_s, USUAL.probe_s) > START_S
