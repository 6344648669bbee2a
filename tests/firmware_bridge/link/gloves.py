"""Gloves that a test plugs in, unplugs and writes for, and a link that is read in the background."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import tty
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

from firmware_bridge.codec.events import Event, FrameRead
from firmware_bridge.codec.packets import encode_frame
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.ports import UsbPort, usb_ports
from firmware_bridge.link.state import LinkState, LinkStatus, Timing
from tests.deadlines import EVENT_S, until

VALUES = (801.0, 802.0, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)
INTERVAL_MS = 20.0

QUICK = Timing(
    silent_s=EVENT_S,
    reopen_s=EVENT_S,
    start_s=EVENT_S,
    first_retry_s=0.02,
    max_retry_s=0.1,
    search_s=0.05,
    probe_s=EVENT_S,
    skip_silent_s=0.5,
    header_s=0.2,
)
"""Short waits before the link tries again; silence is never noticed, however late a slow machine brings the frames."""

IMPATIENT = replace(QUICK, silent_s=0.3, reopen_s=0.6, start_s=0.6)
"""Notices a silence, and opens a silent port again."""

INATTENTIVE = replace(QUICK, probe_s=0.5)
"""Listens to a port that says nothing of use for a short time only."""


def packets(first: int, count: int, *, interval_ms: float = INTERVAL_MS, begin_ms: float | None = None) -> bytes:
    """Return binary frames numbered from `first`; `begin_ms` is the first one's time, by default as if begun at 0."""
    begin_ms = first * interval_ms if begin_ms is None else begin_ms
    times_us = (round(1000 * (begin_ms + place * interval_ms)) for place in range(count))
    return b"".join(encode_frame(first + place, time_us, VALUES) for place, time_us in enumerate(times_us))


def lines(first: int, count: int, *, interval_ms: float = INTERVAL_MS, begin_ms: float | None = None) -> bytes:
    """Return the same frames as text."""
    begin_ms = first * interval_ms if begin_ms is None else begin_ms
    times_ms = (begin_ms + place * interval_ms for place in range(count))
    return b"".join(b"%g,-1.5,2.25,179,801,802,803,804,805\n" % t_ms for t_ms in times_ms)


class Pty:
    """A glove on a pseudo-terminal; `name`, if given, is a symbolic link to it, as udev makes them."""

    def __init__(self, name: Path | None = None) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._device = os.ttyname(slave)
        os.close(slave)
        self._name = name
        if name is not None:
            name.symlink_to(self._device)
        self.path = str(name or self._device)

    async def write(self, data: bytes) -> None:
        """Write all of it, as fast as it is read."""

        def write_all(rest: bytes) -> None:
            while rest:
                rest = rest[os.write(self._master, rest) :]

        await asyncio.to_thread(write_all, data)

    async def read(self) -> bytes:
        """Return what the link writes within 50 ms."""
        ready, _, _ = await asyncio.to_thread(select.select, [self._master], [], [], 0.05)
        return os.read(self._master, 1000) if ready else b""

    def usb(self, serial_number: str | None, *, vid: int = 0x2341, location: str | None = None) -> UsbPort:
        """Return this pseudo-terminal as a USB port."""
        return UsbPort(self.path, vid, 0x0043, serial_number, location)

    def unplug(self) -> None:
        """Hang up, and take the name away."""
        if self._name is not None:
            self._name.unlink()
            self._name = None
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()


class ReadLink:
    """Link that is read continuously; `events` and `statuses` are its events and statuses so far."""

    def __init__(
        self,
        port: str,
        timing: Timing = QUICK,
        lister: Callable[[], list[UsbPort]] = usb_ports,
        opener: PortOpener | None = None,
    ) -> None:
        self.statuses: list[LinkStatus] = []
        self.events: list[Event] = []
        self.link = GloveLink(port, self.statuses.append, timing=timing, lister=lister, opener=opener)

    @property
    def frames(self) -> list[FrameRead]:
        return [event for event in self.events if isinstance(event, FrameRead)]

    @property
    def others(self) -> list[Event]:
        return [event for event in self.events if not isinstance(event, FrameRead)]

    @property
    def states(self) -> list[LinkState]:
        """The states gone through; tries that failed again are left out."""
        states: list[LinkState] = []
        for status in self.statuses:
            failed_again = states[-2:] == [LinkState.LOST, LinkState.OPENING] and status.state is LinkState.LOST
            if failed_again:
                states.pop()
            elif states[-1:] != [status.state]:
                states.append(status.state)
        return states

    async def reaches(self, state: LinkState) -> LinkStatus:
        """Wait until the link is in `state`."""
        await self.until(lambda: self.link.status.state is state)
        return self.link.status

    async def has_frames(self, count: int) -> None:
        """Wait until this many frames have come in all."""
        await self.until(lambda: self.link.counts.frames >= count)

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(condition)

    async def _run(self) -> None:
        while True:
            self.events += await self.link.read()


@contextlib.asynccontextmanager
async def reading(
    port: str,
    *,
    timing: Timing = QUICK,
    lister: Callable[[], list[UsbPort]] = usb_ports,
    opener: PortOpener | None = None,
) -> AsyncIterator[ReadLink]:
    """Read a link to `port` until the block ends."""
    read = ReadLink(port, timing, lister, opener)
    async with read.link:
        task = asyncio.create_task(read._run())
        try:
            yield read
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
