"""Link to a glove that reconnects: an unplugged or silent glove is reported, and the link continues."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.events import Event, FrameRead, LetterRead
from firmware_bridge.codec.glove_reader import GloveReader
from firmware_bridge.link.clock import GloveClock
from firmware_bridge.link.discovery import FoundPort, NoGloveError, PortFinder
from firmware_bridge.link.errors import LinkCode, LinkError, LinkLostError
from firmware_bridge.link.latency import GroupedFrames
from firmware_bridge.link.note import NO_NOTE, Note
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.port import Port
from firmware_bridge.link.ports import Lister, usb_ports
from firmware_bridge.link.state import LinkStates, LinkStatus, Timing
from scaleglove.device_clock import ClockMapping

_MAX_COMMAND_CHARACTERS: Final = 64
"""Longer than any command, shorter than a device's line buffer."""


class GloveLink:
    """Link to the glove at `port`: a device path, a pyserial URL such as `socket://host:port`, an address that the
    glove connects to (`listen://host:port`, `udp://host:port`), or `auto`.

    async with GloveLink("auto", on_status=show) as link:
        while True:
            events = await link.read()

    `on_status` is called at every change of `status`, and must return immediately. The link works only inside `read`:
    between calls it detects and repairs nothing.
    """

    def __init__(  # noqa: PLR0913 - what a port, a board and its sketch may need
        self,
        port: str,
        on_status: Callable[[LinkStatus], None] = lambda status: None,
        *,
        lister: Lister = usb_ports,
        timing: Timing | None = None,
        opener: PortOpener | None = None,
        reader: GloveReader | None = None,
    ) -> None:
        """Make a link; nothing is opened before the first `read`. `opener` has the settings of a serial port, and is
        closed with the link; `reader` knows what the user says of the glove's time.

        Raises:
            PortNameError: `port` is not a valid port name.
        """
        self._timing = timing or Timing()
        self._opener = opener or PortOpener()
        self._finder = PortFinder(port, lister, self._timing, self._opener)
        self._states = LinkStates(self._timing)
        self._on_status = on_status
        self._reported: LinkStatus | None = None
        self._decoder = reader or GloveReader()
        self._clock = GloveClock()
        self._port: Port | None = None
        self._received = b""
        self._board: str | None = None
        self._noted = self._slow = NO_NOTE
        self._grouped = GroupedFrames()
        self._header_asked_s: float | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()
        await self._opener.close()

    @property
    def status(self) -> LinkStatus:
        """Current state of the link."""
        return self._states.status

    @property
    def counts(self) -> LinkCounts:
        """Counts of frames and losses since the link was made, across reopenings of the port."""
        return self._decoder.counts

    @property
    def rate_hz(self) -> float | None:
        """Frames per second by this computer's clock over the last 5 s, or None after too few frames."""
        return self._clock.rate_hz

    @property
    def clock(self) -> ClockMapping | None:
        """Mapping from the glove's clock to this computer's monotonic clock in ms, or None before the first frame."""
        return self._clock.mapping

    @property
    def board(self) -> str | None:
        """Identity of the board at the port that was opened last, `scaleglove.usb_identity`; None: not on USB."""
        return self._board

    async def read(self) -> list[Event]:
        """Wait for events and return at least one; open the port as often as necessary.

        A lost glove raises no error. A cancelled call consumes no events.
        """
        while True:
            port = self._port or await self._connect()
            try:
                data = self._take_received() or await self._next_bytes(port)
            except LinkLostError as error:
                await self._lose(error)
                continue
            if (data or self._is_due()) and (events := self._decode(data)):
                self._explain_groups(port, events)
                return events

    async def command(self, line: str) -> None:
        """Send one command line, such as `recal` or `interval,20`; the device's answer arrives as a remark.

        Raises:
            LinkError: the line is not valid, no port is open, or the device does not take it.
        """
        if not line.isascii() or not line.isprintable() or len(line) > _MAX_COMMAND_CHARACTERS:
            raise LinkError(f"{line[:_MAX_COMMAND_CHARACTERS]!r} is not a one-line command", LinkCode.INVALID_COMMAND)
        if self._port is None:
            detail = f"the glove is not connected: {self.status.detail or self.status.state}"
            raise LinkError(detail, LinkCode.LINK_LOST)
        await self._port.write(line.encode("ascii") + b"\n")

    async def _connect(self) -> Port:
        """Try until a port is open, and return it."""
        while self._port is None:
            try:
                found = await self._finder.open(self._searching, self._opening)
            except NoGloveError as error:
                retry_s = self._states.not_found(str(error), error.code)
            except LinkError as error:
                retry_s = self._states.lost(self._finder.path, str(error), error.code)
            else:
                self._begin(found)
                return found.port
            self._notify()
            await asyncio.sleep(retry_s)
        return self._port

    def _begin(self, found: FoundPort) -> None:
        self._port, self._received = found.port, found.received
        self._board = None if found.usb is None else found.usb.identity
        self._header_asked_s = None
        self._decoder.rejoin()
        self._states.opened(found.port.name, self._now_s(), found.note)
        self._noted = self._slow = NO_NOTE
        self._grouped = GroupedFrames()
        self._note()
        self._notify()

    async def _next_bytes(self, port: Port) -> bytes:
        """Return bytes from the port, or none after a timeout was applied."""
        await self._ask_for_header(port)
        try:
            async with asyncio.timeout(self._wait_s()):
                data = await port.read()
            self._note()
            if not data:
                self._states.arrived(self._now_s(), readable=False)
                self._notify()
            return data
        except TimeoutError:
            if self._states.elapsed(self._now_s()):
                await self._close()
        self._notify()
        return b""

    def _wait_s(self) -> float:
        """Return the seconds until the state of the link may change, or frames that the decoder holds are due."""
        now_s, due_ms = self._now_s(), self._decoder.due_ms
        wait_s = self._states.due_s(now_s)
        return wait_s if due_ms is None else min(wait_s, max(0.0, due_ms / 1000 - now_s))

    def _is_due(self) -> bool:
        due_ms = self._decoder.due_ms
        return due_ms is not None and due_ms <= 1000 * self._now_s()

    def _take_received(self) -> bytes:
        received, self._received = self._received, b""
        return received

    def _decode(self, data: bytes) -> list[Event]:
        now_s = self._now_s()
        events = self._decoder.feed(data, 1000 * now_s)
        self._clock.observe(events, now_s)
        self._states.arrived(now_s, any(isinstance(event, FrameRead | LetterRead) for event in events))
        self._notify()
        return events

    def _note(self) -> None:
        """Add what is to be known about the port to the status."""
        note = self._slow if self._port is None else self._port.note.joined(self._slow)
        if note != self._noted:
            self._noted = note
            self._states.noted(note)

    def _explain_groups(self, port: Port, events: list[Event]) -> None:
        """Say once if the driver of the port collects frames for longer than it needs."""
        frames = sum(isinstance(event, FrameRead) for event in events)
        if not self._grouped.observe(frames, self._now_s()):
            return
        timer = self._opener.machine.latency_timer(port.name)  # a file of /sys: no disk is waited for
        if timer is not None:
            self._slow = Note(
                f"frames come in groups because the port collects them: echo 1 | sudo tee {timer}",
                LinkCode.LATENCY_TIMER,
            )
            self._note()
            self._notify()

    async def _ask_for_header(self, port: Port) -> None:
        """Ask for the header after joining a text stream, and again while the last header is not usable."""
        # Only after a line has ended: the answer could be joined to the partial first line.
        if not self._decoder.joined or self._decoder.format == "binary":
            return
        now_s = self._now_s()
        if self._header_asked_s is None or (
            self._decoder.wants_header and now_s - self._header_asked_s > self._timing.header_s
        ):
            self._header_asked_s = now_s
            try:
                await port.write(b"header\n")
            except LinkLostError:
                raise
            except LinkError:
                pass  # a device that takes no commands may still send frames

    async def _lose(self, error: LinkLostError) -> None:
        path = self._port.name if self._port else None
        await self._close()
        retry_s = self._states.lost(path, str(error), error.code)
        self._notify()
        await asyncio.sleep(retry_s)

    async def _close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            await port.close()

    def _searching(self, detail: str) -> None:
        self._states.searching(detail)
        self._notify()

    def _opening(self, path: str, note: Note) -> None:
        self._states.opening(path, note.text, note.code)
        self._notify()

    def _notify(self) -> None:
        if self.status != self._reported:
            self._reported = self.status
            self._on_status(self.status)

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
