"""From the glove's port to the service. Neither waits for the other: each is looked for until it is there, and again
when it has gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from firmware_bridge.codec.commands import CommandError, command_line
from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, LetterRead
from firmware_bridge.link.errors import LinkCode, LinkError, LinkLostError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.state import LinkState, LinkStatus
from firmware_bridge.uplink.retransmit_buffer import DEFAULT_CAPACITY, RetransmitBuffer
from firmware_bridge.uplink.uplink import ServiceObserver, Uplink
from scaleglove.channels import MAX_MAGNITUDE
from scaleglove.client import (
    Command,
    Commanded,
    CommandName,
    LinkReport,
    StreamConnection,
)

COMMANDS: Final[tuple[CommandName, ...]] = ("interval", "recal", "yawzero")
"""What the service may have the glove told."""

_REPORT_S: Final = 1.0
"""The service takes no more than one report in this time, beside those of a new state."""

_MAX_PORT: Final = 256
_MAX_DETAIL: Final = 300


class Observer(ServiceObserver, Protocol):
    """Whom the bridge tells what happens; every call must return at once."""

    def link_changed(self, status: LinkStatus) -> None:
        """The link to the glove is in another state."""
        ...

    def link_report(self, report: LinkReport) -> None:
        """How the link to the glove is: at each change, and at most once a second."""
        ...

    def read(self, events: Sequence[Event]) -> None:
        """All that one read of the port gave, frames too."""
        ...

    def line(self, event: Event) -> None:
        """The glove sent something that is neither a frame nor a letter, or a frame is missing."""
        ...


@dataclass(frozen=True, slots=True)
class BridgeCounts:
    """What became of what the glove wrote since the start.

    `unsent`: frames read, and lost because the service was away or did not answer them.
    """

    link: LinkCounts
    unsent: int


class Bridge:
    """Reads the glove at `port` and sends its frames on through the streams that `new_stream` makes.

    The newest `buffer_frames` frames are kept until the service has answered them. `asks`: commands that the glove is
    told whenever it begins to send.

    Raises:
        PortNameError: `port` names no port on any machine.
    """

    def __init__(
        self,
        port: str,
        new_stream: Callable[[], StreamConnection],
        observer: Observer,
        *,
        buffer_frames: int = DEFAULT_CAPACITY,
        asks: Sequence[str] = (),
    ) -> None:
        self._observer = observer
        self._asks = asks
        self._has_begun = False
        self._unsent = RetransmitBuffer(buffer_frames)
        self._uplink = Uplink(new_stream, observer, self._obey, self._unsent)
        self._link = GloveLink(port, self._link_changed)
        self._changed = asyncio.Event()

    @property
    def counts(self) -> BridgeCounts:
        return BridgeCounts(self._link.counts, self._unsent.dropped)

    async def run(self) -> None:
        """Bridge until cancelled.

        Raises:
            StreamError: the service refuses at the start; see `Uplink.run`.
        """
        try:
            async with self._link, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow_glove())
                tasks.create_task(self._report_on())
                tasks.create_task(self._uplink.run())
        except BaseExceptionGroup as group:
            raise _first(group) from None  # one error, as from any other call

    def report(self) -> LinkReport:
        """How the link to the glove is, and what came over it so far."""
        link, counts = self._link, self._link.counts
        clock = link.clock
        return LinkReport(
            link.status.state.value,
            None if link.status.port is None else link.status.port[:_MAX_PORT],
            link.status.detail[:_MAX_DETAIL],
            _figure(link.rate_hz),
            None if clock is None else _figure(clock.uncertainty_ms),
            None if clock is None else _figure(clock.drift_ppm),
            counts.frames,
            counts.missing,
            counts.repeated,
            counts.damaged.total(),
            counts.restarts,
            self._unsent.dropped,
            link.status.code,
        )

    async def _follow_glove(self) -> None:
        while True:
            events = await self._link.read()
            self._observer.read(events)
            self._uplink.put(events)
            for event in events:
                if not isinstance(event, FrameRead | LetterRead):
                    self._observer.line(event)
                    self._has_begun |= isinstance(event, DeviceRestarted)
            if self._has_begun:
                self._has_begun = False
                with contextlib.suppress(LinkError):  # the link will say so, and what a glove sends is read anyhow
                    for line in self._asks:
                        await self._link.command(line)

    async def _report_on(self) -> None:
        told: LinkReport | None = None
        while True:
            self._changed.clear()
            report = self.report()
            if report != told:
                told = report
                self._uplink.report(report)
                self._observer.link_report(report)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REPORT_S):
                    await self._changed.wait()

    def _link_changed(self, status: LinkStatus) -> None:
        self._has_begun |= status.state is LinkState.STREAMING
        self._observer.link_changed(status)
        self._changed.set()

    async def _obey(self, command: Command) -> Commanded:
        try:
            await self._link.command(command_line(command.command, command.interval_ms))
        except CommandError as error:
            return Commanded(command.id, str(error), LinkCode.INVALID_COMMAND)
        except LinkLostError as error:
            return Commanded(command.id, str(error), LinkCode.LINK_LOST)
        except LinkError as error:
            return Commanded(command.id, str(error), error.code)
        return Commanded(command.id, None)


def _figure(value: float | None) -> float | None:
    """`value` where a report may have it: a replay at three times the speed is no drift that could be told."""
    return value if value is not None and abs(value) <= MAX_MAGNITUDE else None  # NaN is not either


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
