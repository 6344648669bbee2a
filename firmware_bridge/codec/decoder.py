"""The decoder from a glove's bytes to events. Pure: no port, no clock; any split of the bytes gives the same events.

Text and binary are detected by their bytes (docs/reference/link.md): no text contains a zero, and every packet ends
with one. So a zero switches to binary, and more bytes without one than a packet can have switch back to text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, Protocol

from firmware_bridge.codec import packets
from firmware_bridge.codec.continuity import Continuity
from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Event,
    Fault,
    FrameRead,
    FrameRepeated,
    FramesMissing,
    LetterRead,
    Remark,
)
from firmware_bridge.codec.lines import MAX_LINE_BYTES, LineReader, damaged, too_long

_TEXT: Final = re.compile(rb"[ -~\t\r\n]*")
_PACKET_BEHIND: Final = re.compile(rb"\n(?=[^\x01]\x01)")
"""The end of a line, followed by the start of a packet of version 1: a COBS code, and the version."""

_STEP_BYTES: Final = 16_384
"""The bytes taken at once: those behind a change of format are scanned again, so this bounds the time that takes."""


class Lines(Protocol):
    """A reader of lines, such as `LineReader`, which reads the link protocol's."""

    @property
    def order_unknown(self) -> bool:
        """Whether the last header did not name a frame, so that lines are damage until one does."""

    def reset(self) -> None:
        """Forget what is known of the glove: another one may be connected now."""

    def split(self, data: bytes, is_skipping: bool) -> list[bytes]:
        """Divide text into lines; the last piece has not ended yet.

        `is_skipping`: the text goes on in a line that is too long.
        """

    def may_be_line(self, piece: bytes) -> bool:
        """Tell whether the piece may be a line, rather than bytes between two ends of lines."""

    def partial(self, line: bytes) -> None:
        """Take the first line after the port was opened, which may be a piece of one."""

    @property
    def due_ms(self) -> float | None:
        """When events come though nothing arrives; None where there are none."""

    def idle(self, now_ms: float) -> Iterable[Event]:
        """Return the events that are due at `now_ms` though nothing has arrived."""

    def read(self, line: bytes, arrival: float = 0.0) -> Iterable[Event]:
        """Return the events of a line without its end, which arrived at `arrival` ms."""


class GloveDecoder:
    """The decoder of one glove's bytes, with `counts` of the events."""

    def __init__(self, lines: Lines | None = None) -> None:
        self.counts = LinkCounts()
        self._lines = LineReader() if lines is None else lines
        self._arrival_ms = 0.0  # of the bytes of the present call of `feed`
        self._continuity = Continuity()
        self.rejoin()

    @property
    def format(self) -> Literal["text", "binary"] | None:
        """The format of the last message that could be read; None before one."""
        return self._format

    @property
    def joined(self) -> bool:
        """Whether a line or packet has ended since the link was opened, so that the next is whole."""
        return not self._joining

    @property
    def wants_header(self) -> bool:
        """Whether the last header did not name a frame, so that lines are damage until one does: send `header`."""
        return self._lines.order_unknown

    @property
    def due_ms(self) -> float | None:
        """When to call `feed` though nothing has arrived, since frames that are held are due; None: not at all."""
        return self._lines.due_ms

    def rejoin(self) -> None:
        """Restart on a link that was opened (again): the bytes before the next delimiter are a partial message."""
        self._pending = b""
        self._binary = False
        self._joining = True
        self._joined_bytes = 0
        self._skipping = False
        self._format: Literal["text", "binary"] | None = None
        self._lines.reset()

    def feed(self, data: bytes, arrival_ms: float = 0.0) -> list[Event]:
        """Take the next bytes, in pieces of any size, and return the events they complete.

        `arrival_ms`: when they arrived, on a clock that only rises; for a reader of lines whose frames have no time.
        Its frames that were due before come first: whether `feed` was called in time for them changes nothing.
        """
        self._arrival_ms = arrival_ms
        events: list[Event] = []
        for event in self._lines.idle(arrival_ms):
            self._emit(event, events)
        for at in range(0, len(data), _STEP_BYTES):
            rest = data[at : at + _STEP_BYTES]
            while rest:
                rest = self._feed_binary(rest, events) if self._binary else self._feed_text(rest, events)
        return events

    def _feed_binary(self, data: bytes, events: list[Event]) -> bytes:
        """Take packets; return the bytes that are left to be read as text."""
        *ended, rest = (self._pending + data).split(packets.DELIMITER)
        self._pending = b""
        for place, piece in enumerate(ended):
            if len(piece) > packets.MAX_ENCODED_BYTES:
                self._binary = False
                return packets.DELIMITER.join([*ended[place:], rest])
            if piece:
                self._take_piece(piece, events)
        if len(rest) > packets.MAX_ENCODED_BYTES:
            self._binary = False
            return rest
        self._pending = rest
        return b""

    def _feed_text(self, data: bytes, events: list[Event]) -> bytes:
        """Take lines; return the bytes behind the first zero."""
        end = data.find(packets.DELIMITER)
        *lines, rest = self._lines.split(self._pending + (data if end < 0 else data[:end]), self._skipping)
        self._pending = b""
        for line in lines:
            self._end_line(line, events)
        if end < 0:
            self._buffer_line(rest, events)
            return b""
        self._binary = True
        self._end_with_zero(rest, events)
        return data[end + 1 :]

    def _end_line(self, line: bytes, events: list[Event]) -> None:
        if self._skipping:
            self._skipping = False
        elif self._joining:
            self._joining = False
            self.counts.partial += bool(line.strip())
            self._joined_bytes = len(line)
            if len(line) <= MAX_LINE_BYTES:
                self._lines.partial(line)
        elif len(line) > MAX_LINE_BYTES:
            self._emit(too_long(line), events)
        elif self._may_be_mid_packet and not self._lines.may_be_line(line):
            self.counts.partial += 1
            self._joined_bytes += len(line)
        else:
            self._take_line(line, events)

    @property
    def _may_be_mid_packet(self) -> bool:
        """Whether the link may have been opened in the middle of a binary packet.

        A packet may contain ends of lines, and the bytes between them are no damage.
        """
        return 0 < self._joined_bytes <= packets.MAX_ENCODED_BYTES and self._format is None

    def _buffer_line(self, rest: bytes, events: list[Event]) -> None:
        """Buffer the beginning of a line until its end comes, unless it is too long."""
        if self._skipping:
            return
        if len(rest) <= MAX_LINE_BYTES:
            self._pending = rest
            return
        self._skipping = True
        if self._joining:
            self._joining = False
            self.counts.partial += 1
            self._joined_bytes += MAX_LINE_BYTES
        else:
            self._emit(too_long(rest), events)

    def _end_with_zero(self, piece: bytes, events: list[Event]) -> None:
        """End a line with a zero: the first sign of binary."""
        was_skipping, self._skipping = self._skipping, False
        was_joining, self._joining = self._joining, False
        if was_skipping or not piece:
            return
        if not was_joining and len(piece) > MAX_LINE_BYTES:
            self._emit(too_long(piece), events)
        elif was_joining or self._may_be_mid_packet:
            event = _packet_event(piece)
            if isinstance(event, Damaged):
                self.counts.partial += 1
            else:
                self._emit(event, events)
            self._joined_bytes += len(piece)
        else:
            self._take_piece(piece, events)

    def _take_piece(self, piece: bytes, events: list[Event]) -> None:
        """Take the bytes between two zeros: a packet, lines with a packet behind them, or lines alone."""
        event = _packet_event(piece)
        if isinstance(event, Damaged):
            for end in _PACKET_BEHIND.finditer(piece):
                behind = _packet_event(piece[end.end() :])
                if not isinstance(behind, Damaged):
                    for line in piece[: end.start()].split(b"\n"):
                        self._take_line(line, events)
                    self._emit(behind, events)
                    return
            if b"\n" in piece and _is_text(piece):
                self._take_lines(piece, events)
                return
        self._emit(event, events)

    def _take_lines(self, piece: bytes, events: list[Event]) -> None:
        """Take lines that a device wrote among packets; the zero behind them cuts off the last one, if not empty."""
        *lines, rest = piece.split(b"\n")
        for line in lines:
            self._take_line(line, events)
        if rest:
            self._emit(_packet_event(rest), events)

    def _take_line(self, line: bytes, events: list[Event]) -> None:
        for event in self._lines.read(line, self._arrival_ms):
            if not isinstance(event, Damaged):
                self._format = "text"
            self._emit(event, events)

    def _emit(self, event: Event, events: list[Event]) -> None:
        if isinstance(event, FrameRead):
            if event.seq is not None:
                self._format = "binary"
            for followed in self._continuity.follow(event):
                if isinstance(followed, FrameRead):  # nearly always
                    self.counts.frames += 1
                else:
                    self._count(followed)
                events.append(followed)
            return
        if isinstance(event, LetterRead):
            if event.seq is not None:
                self._format = "binary"
            event = self._continuity.place(event)
        elif isinstance(event, Remark):
            if (interval_ms := event.interval_ms) is not None:
                self._continuity.expect_interval(interval_ms)
            if event.letters == "only":
                self._continuity.expect_no_frames()
        self._count(event)
        events.append(event)

    def _count(self, event: Event) -> None:
        counts = self.counts
        match event:
            case FramesMissing(count=count, reason="sequence"):
                counts.missing_by_sequence += count
            case FramesMissing(count=count):
                counts.missing_by_time += count
            case FrameRepeated():
                counts.repeated += 1
            case LetterRead():
                counts.letters += 1
            case DeviceRestarted():
                counts.restarts += 1
            case Remark():
                counts.remarks += 1
            case Damaged(reason=reason):
                counts.damaged[reason] += 1
            case _:
                pass


def _packet_event(piece: bytes) -> FrameRead | LetterRead | Remark | Damaged:
    try:
        packet = packets.decode(piece)
    except packets.PacketError as error:
        if _is_text(piece):
            return damaged(piece, Fault.CUT, "the line was cut off before its end")
        return packets.damaged(piece, error.reason, error.detail)
    if packet.remark is not None:
        return packet.remark
    if packet.letter is not None:
        return packet.letter
    values, acceleration = packet.numbers[:8], packet.numbers[8:]
    return FrameRead(packet.time_us / 1000, values, acceleration or None, packet.seq)  # type: ignore[arg-type]


def _is_text(piece: bytes) -> bool:
    return _TEXT.fullmatch(piece) is not None
