"""A glove whose wires are as a test wants them, on a hand that holds the steps of a check."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from models.adaptation.glove_check import Step
from scaleglove.channels import FLEX
from scaleglove.client import StreamConnection
from tests.deadlines import EVENT_S
from tests.models.adaptation.test_glove_check import shown

BURST = 5
"""Frames of each write: a tenth of a second, sent in a hundredth."""

Frames = NDArray[np.float64]
Rewire = Callable[[Frames], None]
"""Changes frames float64[n, 8] as the glove's wires do."""


def right_wires(frames: Frames) -> None:
    """Leave a glove of 10 bits as it is."""


def wrong_wires(frames: Frames) -> None:
    """Make a glove of 12 bits with a reversed, a dead and two swapped sensors."""
    frames[:, FLEX] *= 4
    frames[:, 0] = 4095 - frames[:, 0]
    frames[:, 1] = 2000
    frames[:, [2, 3]] = frames[:, [3, 2]]


class Hand:
    """A hand that holds what it is asked for, in a glove that is wired in some way."""

    def __init__(self, rewire: Rewire = wrong_wires, pause_s: float = 0.01) -> None:
        self.step: Step = "open"
        self.rewire = rewire
        self._pause_s = pause_s
        self._over = threading.Event()
        self._silent = threading.Event()
        self._frame = 0

    def burst(self) -> tuple[list[float], Frames]:
        """Return the times and the frames float64[n, 8] that come next."""
        times = [20.0 * (self._frame + place) for place in range(BURST)]
        self._frame += BURST
        frames = shown(self.step, self._frame)[-BURST:].astype(np.float64)
        self.rewire(frames)
        return times, frames.round(2)

    def is_over(self) -> bool:
        """Wait for the next burst, and return whether the glove was taken off instead."""
        while self._silent.is_set() and not self._over.wait(self._pause_s):
            pass
        return self._over.wait(self._pause_s)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Send nothing while the block runs."""
        self._silent.set()
        yield
        self._silent.clear()

    @contextmanager
    def sending(self, send: Callable[[Hand], None]) -> Iterator[None]:
        """Send in another thread until the block ends."""
        thread = threading.Thread(target=send, args=(self,))
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(EVENT_S)


def write_lines(master: int) -> Callable[[Hand], None]:
    """Return a function that writes a glove's lines to a pseudo-terminal."""

    def write(hand: Hand) -> None:
        while not hand.is_over():
            for t_ms, (*flex, pitch, roll, yaw) in zip(*hand.burst(), strict=True):
                values = (t_ms, pitch, roll, yaw, *flex)
                try:
                    os.write(master, (",".join(f"{value:g}" for value in values) + "\n").encode())
                except BlockingIOError:  # nobody reads at the moment
                    break

    return write


def stream_to(url: str, usb: str | None = None) -> Callable[[Hand], None]:
    """Return a function that streams a glove to a service, with a board of this serial number."""

    async def stream(hand: Hand) -> None:
        async with StreamConnection(url, sample_rate_hz=50, usb=usb) as connection:
            while not await asyncio.to_thread(hand.is_over):
                await connection.send(*hand.burst())

    return lambda hand: asyncio.run(stream(hand))
