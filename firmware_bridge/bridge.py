"""Bridge between a glove and the service. Both connections are independent: each is opened and reopened by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from firmware_bridge.codec.commands import LABELS, REST, SHOW, CommandError, command_line
from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, HeaderRead, LetterRead, Remark
from firmware_bridge.codec.glove_reader import GloveReader
from firmware_bridge.link.errors import LinkCode, LinkError, LinkLostError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.ports import Lister, usb_ports
from firmware_bridge.link.state import LinkState, LinkStatus
from firmware_bridge.uplink.glove_labels import BEFORE_VOCABULARIES, GloveLabels, NamedLetter
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
from scaleglove.vocabulary import load_vocabulary

COMMANDS: Final[tuple[CommandName, ...]] = ("interval", "recal", "yawzero")
"""Commands that a glove obeys, unless the user says otherwise."""

_REPORT_S: Final = 1.0
"""Minimum time between reports of the same state, which the service limits."""

_HAND_S: Final = 1.0
"""Time in which an emulated glove says what its hand can show; one from before there were vocabularies does not."""

_OPEN: Final = {LinkState.WAITING, LinkState.STREAMING}
_MAX_PORT: Final = 256
_MAX_DETAIL: Final = 300


class Observer(ServiceObserver, Protocol):
    """Callbacks for events of the bridge; every call must return immediately."""

    def link_changed(self, status: LinkStatus) -> None:
        """Handle a new state of the link to the glove."""
        ...

    def link_report(self, report: LinkReport) -> None:
        """Handle a report of the link: at each change, and at most once a second otherwise."""
        ...

    def read(self, events: Sequence[Event]) -> None:
        """Handle all events of one read of the port, including frames."""
        ...

    def line(self, event: Event) -> None:
        """Handle an event that is neither a frame nor a letter."""
        ...


@dataclass(frozen=True, slots=True)
class BridgeCounts:
    """Counts of frames and losses since the start.

    `unsent`: frames that were read, but lost because the service was away or did not acknowledge them.
    """

    link: LinkCounts
    unsent: int


class Bridge:
    """Bridge that reads the glove at `port` and sends its frames through the streams that `new_stream` makes.

    The newest `buffer_frames` frames are kept until the service acknowledges them. `startup_commands` are sent to the
    glove whenever it starts to stream. `opener` has the settings of a serial port,
    `reader` what the user says of the glove's time; `lister` lists the boards on USB.

    Raises:
        PortNameError: `port` is not a valid port name.
    """

    def __init__(  # noqa: PLR0913 - what the command line gives, by name
        self,
        port: str,
        new_stream: Callable[[], StreamConnection],
        observer: Observer,
        *,
        buffer_frames: int = DEFAULT_CAPACITY,
        startup_commands: Sequence[str] = (),
        opener: PortOpener | None = None,
        reader: GloveReader | None = None,
        lister: Lister = usb_ports,
    ) -> None:
        self._observer = observer
        self._startup_commands = startup_commands
        self._has_glove_started = False
        self._buffer = RetransmitBuffer(buffer_frames)
        self._uplink = Uplink(new_stream, observer, self._run_command, self._buffer)
        self._link = GloveLink(port, self._link_changed, lister=lister, opener=opener, reader=reader)
        self._changed = asyncio.Event()
        self._flex_most: float | None = None
        self._labels = GloveLabels()
        self._hand_known = asyncio.Event()

    @property
    def counts(self) -> BridgeCounts:
        """Counts of frames and losses since the start."""
        return BridgeCounts(self._link.counts, self._buffer.dropped)

    async def run(self) -> None:
        """Bridge until cancelled.

        Raises:
            StreamError: the service refuses the first stream; see `Uplink.run`.
        """
        try:
            async with self._link, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read_loop())
                tasks.create_task(self._report_loop())
                tasks.create_task(self._uplink.run())
        except BaseExceptionGroup as group:
            raise _first(group) from None  # a single error, as from any other call

    def report(self) -> LinkReport:
        """Return the current state and counts of the link to the glove."""
        link, counts = self._link, self._link.counts
        clock = link.clock
        return LinkReport(
            link.status.state.value,
            None if link.status.port is None else link.status.port[:_MAX_PORT],
            link.status.detail[:_MAX_DETAIL],
            _reportable(link.rate_hz),
            None if clock is None else _reportable(clock.uncertainty_ms),
            None if clock is None else _reportable(clock.drift_ppm),
            counts.frames,
            counts.missing,
            counts.repeated,
            counts.damaged.total(),
            counts.restarts,
            self._buffer.dropped,
            link.status.code,
            self._flex_most,
        )

    async def _read_loop(self) -> None:
        while True:
            read = await self._link.read()
            self._observer.read(read)
            events = self._labels.take(read)
            if self._labels.hand is not None:
                self._hand_known.set()
            self._uplink.put(events)
            for event in events:
                if not isinstance(event, FrameRead | LetterRead | NamedLetter):
                    self._observer.line(event)
                    self._has_glove_started |= isinstance(event, DeviceRestarted)
                if isinstance(event, HeaderRead | Remark) and event.flex_most is not None:
                    self._flex_most = event.flex_most
                    self._changed.set()
            if self._has_glove_started:
                self._has_glove_started = False
                with contextlib.suppress(LinkError):  # the link reports it, and the glove's frames are still read
                    for line in self._startup_commands:
                        await self._link.command(line)
            if self._labels.asks:
                await self._ask_for_labels()

    async def _ask_for_labels(self) -> None:
        self._labels.asked()
        with contextlib.suppress(LinkError):  # a glove that takes no commands may still send letters
            await self._link.command(LABELS)

    async def _hand_labels(self) -> tuple[str, ...]:
        """Return the labels that an emulated glove's hand can show."""
        if self._labels.hand is None:
            await self._ask_for_labels()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HAND_S):
                    await self._hand_known.wait()
        return self._labels.hand or load_vocabulary(BEFORE_VOCABULARIES).names

    async def _report_loop(self) -> None:
        last: LinkReport | None = None
        while True:
            self._changed.clear()
            report = self.report()
            if report != last:
                last = report
                self._uplink.report(report)
                self._observer.link_report(report)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REPORT_S):
                    await self._changed.wait()

    def _link_changed(self, status: LinkStatus) -> None:
        self._has_glove_started |= status.state is LinkState.STREAMING
        if status.state not in _OPEN:
            self._flex_most = None  # another glove may come
            self._labels = GloveLabels()
            self._hand_known.clear()
        if status.state in {LinkState.WAITING, LinkState.STREAMING}:
            self._uplink.found(self._link.board)
        elif status.retry_s is not None:
            self._uplink.begin()
        self._observer.link_changed(status)
        self._changed.set()

    async def _run_command(self, command: Command) -> Commanded:
        try:
            needs_hand = command.command == SHOW and command.letter not in {None, REST}
            labels = await self._hand_labels() if needs_hand else ()
            await self._link.command(command_line(command.command, command.interval_ms, command.letter, labels))
        except CommandError as error:
            return Commanded(command.id, str(error), LinkCode.INVALID_COMMAND)
        except LinkLostError as error:
            return Commanded(command.id, str(error), LinkCode.LINK_LOST)
        except LinkError as error:
            return Commanded(command.id, str(error), error.code)
        return Commanded(command.id, None)


def _reportable(value: float | None) -> float | None:
    """Return `value` if it is in the range of a report; the drift of an accelerated replay, for example, is not."""
    return value if value is not None and abs(value) <= MAX_MAGNITUDE else None  # False for NaN


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
