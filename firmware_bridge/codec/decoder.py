"""The bytes of a glove become events. Pure: no port, no clock; whatever pieces they come in, the events are the same.

Text and binary are told apart by what arrives (docs/link.md): a zero stands in no text, and in binary at the end of
every packet. So a zero turns to binary, and more bytes without one than a packet can have turn back to text.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from firmware_bridge.codec import packets
from firmware_bridge.codec.commands import MAX_INTERVAL_MS, MIN_INTERVAL_MS
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

_INTERVAL_REMARK: Final = re.compile(r"(\d{1,4}(?:\.\d{1,3})?) ms between frames", re.ASCII)
_NO_FRAMES: Final = Remark("letters only")
_TEXT: Final = re.compile(rb"[ -~\t\r\n]*")
_PACKET_BEHIND: Final = re.compile(rb"\n(?=[^\x01]\x01)")
"""The end of a line, and behind it what a packet of version 1 begins with: 1, the version, announced as no zero."""

_STEP_BYTES: Final = 16_384
"""Taken at once: what changes format on the way is gone over again, which may not take longer the more there is."""


class GloveDecoder:
    """Decodes one glove's bytes; `counts` says what became of them."""

    def __init__(self) -> None:
        self.counts = LinkCounts()
        self._lines = LineReader()
        self._continuity = Continuity()
        self.rejoin()

    @property
    def format(self) -> Literal["text", "binary"] | None:
        """What the glove sends, as the last thing that could be read had it; None before that."""
        return self._format

    @property
    def joined(self) -> bool:
        """A line or packet has ended since the link was opened, so that the next is whole."""
        return not self._joining

    @property
    def wants_header(self) -> bool:
        """The last header did not name a frame, so no line is read until one does: ask the device for `header`."""
        return self._lines.order_unknown

    def rejoin(self) -> None:
        """The link was opened (again): what comes before the next delimiter is a piece."""
        self._held = b""
        self._binary = False
        self._joining = True
        self._joined_bytes = 0
        self._skipping = False
        self._format: Literal["text", "binary"] | None = None
        self._lines.reset()

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes, in pieces of any size, and give the events they complete."""
        events: list[Event] = []
        for at in range(0, len(data), _STEP_BYTES):
            rest = data[at : at + _STEP_BYTES]
            while rest:
                rest = self._feed_binary(rest, events) if self._binary else self._feed_text(rest, events)
        return events

    def _feed_binary(self, data: bytes, events: list[Event]) -> bytes:
        """Take packets; gives what is left to be read as text."""
        *ended, rest = (self._held + data).split(packets.DELIMITER)
        self._held = b""
        for place, piece in enumerate(ended):
            if len(piece) > packets.MAX_ENCODED_BYTES:
                self._binary = False
                return packets.DELIMITER.join([*ended[place:], rest])
            if piece:
                self._take_piece(piece, events)
        if len(rest) > packets.MAX_ENCODED_BYTES:
            self._binary = False
            return rest
        self._held = rest
        return b""

    def _feed_text(self, data: bytes, events: list[Event]) -> bytes:
        """Take lines; gives what follows the first zero."""
        end = data.find(packets.DELIMITER)
        *lines, rest = (self._held + (data if end < 0 else data[:end])).split(b"\n")
        self._held = b""
        for line in lines:
            self._end_line(line, events)
        if end < 0:
            self._hold(rest, events)
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
        elif len(line) > MAX_LINE_BYTES:
            self._say(too_long(line), events)
        elif self._is_in_the_middle and not _is_line(line):
            self.counts.partial += 1
            self._joined_bytes += len(line)
        else:
            self._take_line(line, events)

    @property
    def _is_in_the_middle(self) -> bool:
        """A binary packet may have been met in its middle: it may hold ends of lines, and what stands between them is
        no damage."""
        return 0 < self._joined_bytes <= packets.MAX_ENCODED_BYTES and self._format is None

    def _hold(self, rest: bytes, events: list[Event]) -> None:
        """Keep the beginning of a line until its end comes, as long as it can still become one."""
        if self._skipping:
            return
        if len(rest) <= MAX_LINE_BYTES:
            self._held = rest
            return
        self._skipping = True
        if self._joining:
            self._joining = False
            self.counts.partial += 1
            self._joined_bytes += MAX_LINE_BYTES
        else:
            self._say(too_long(rest), events)

    def _end_with_zero(self, piece: bytes, events: list[Event]) -> None:
        """A zero where a line was due: the first sign of binary."""
        was_skipping, self._skipping = self._skipping, False
        was_joining, self._joining = self._joining, False
        if was_skipping or not piece:
            return
        if not was_joining and len(piece) > MAX_LINE_BYTES:
            self._say(too_long(piece), events)
        elif was_joining or self._is_in_the_middle:
            event = _packet_event(piece)
            if isinstance(event, Damaged):
                self.counts.partial += 1
            else:
                self._say(event, events)
            self._joined_bytes += len(piece)
        else:
            self._take_piece(piece, events)

    def _take_piece(self, piece: bytes, events: list[Event]) -> None:
        """What stands between two zeros: a packet, lines with a packet behind them, or lines alone."""
        event = _packet_event(piece)
        if isinstance(event, Damaged):
            for end in _PACKET_BEHIND.finditer(piece):
                behind = _packet_event(piece[end.end() :])
                if not isinstance(behind, Damaged):
                    for line in piece[: end.start()].split(b"\n"):
                        self._take_line(line, events)
                    self._say(behind, events)
                    return
            if b"\n" in piece and _is_text(piece):
                self._take_lines(piece, events)
                return
        self._say(event, events)

    def _take_lines(self, piece: bytes, events: list[Event]) -> None:
        """Lines that a device wrote among packets; the zero behind them cut the last one off, if it is not empty."""
        *lines, rest = piece.split(b"\n")
        for line in lines:
            self._take_line(line, events)
        if rest:
            self._say(_packet_event(rest), events)

    def _take_line(self, line: bytes, events: list[Event]) -> None:
        event = self._lines.read(line)
        if event is not None:
            if not isinstance(event, Damaged):
                self._format = "text"
            self._say(event, events)

    def _say(self, event: Event, events: list[Event]) -> None:
        if isinstance(event, FrameRead):
            if event.seq is not None:
                self._format = "binary"
            for followed in self._continuity.follow(event):
                self._count(followed)
                events.append(followed)
            return
        if isinstance(event, LetterRead):
            if event.seq is not None:
                self._format = "binary"
            event = self._continuity.place(event)
        elif isinstance(event, Remark) and (interval := _INTERVAL_REMARK.fullmatch(event.text)):
            ms = float(interval[1])
            if MIN_INTERVAL_MS <= ms <= MAX_INTERVAL_MS:
                self._continuity.expect_interval(ms)
        elif event == _NO_FRAMES:
            self._continuity.expect_no_frames()
        self._count(event)
        events.append(event)

    def _count(self, event: Event) -> None:
        counts = self.counts
        match event:
            case FrameRead():
                counts.frames += 1
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
    if packet.text is not None:
        return Remark(packet.text)
    if packet.letter is not None:
        return packet.letter
    values, acceleration = packet.numbers[:8], packet.numbers[8:]
    return FrameRead(packet.time_us / 1000, values, acceleration or None, packet.seq)  # type: ignore[arg-type]


def _is_line(piece: bytes) -> bool:
    """It may be a line of a glove, readable or not, rather than what stands between two ends of lines by chance."""
    return piece.startswith(b"#") or (b"," in piece and piece.isascii())


def _is_text(piece: bytes) -> bool:
    return _TEXT.fullmatch(piece) is not None
