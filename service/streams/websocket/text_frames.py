"""WebSocket frames of text messages (RFC 6455, section 5.2), made once for all who read them. Pure."""

from __future__ import annotations

from typing import Final, Self

_TEXT: Final = 0x81
"""The first byte: the only frame of a text message. A server does not mask its frames."""

_SHORT: Final = 126
"""Bytes of a payload from which the length does not fit into the second byte, which then is this number."""

_LONG: Final = 127
"""The second byte of a payload whose length takes eight more."""


def text_frame(payload: bytes) -> bytes:
    """Return the frame of a text message with this payload, which is UTF-8."""
    size = len(payload)
    if size < _SHORT:
        return b"%c%c%b" % (_TEXT, size, payload)
    if size < 2**16:
        return b"%c%c%b%b" % (_TEXT, _SHORT, size.to_bytes(2, "big"), payload)
    return b"%c%c%b%b" % (_TEXT, _LONG, size.to_bytes(8, "big"), payload)


def payload_of(frame: bytes) -> bytes:
    """Return the payload of a frame that `text_frame` has made."""
    if frame[1] < _SHORT:
        return frame[2:]
    return frame[4:] if frame[1] == _SHORT else frame[10:]


class FrameBatch:
    """Frames of consecutive messages to the same readers, written at once to each that keeps up."""

    __slots__ = ("_joined", "frames", "size")

    def __init__(self) -> None:
        self.frames: list[tuple[bytes, bool]] = []
        """Each frame, and whether it may be dropped for a slow reader."""
        self.size = 0
        """Bytes of all frames."""
        self._joined = b""

    @classmethod
    def of(cls, payload: bytes, droppable: bool) -> Self:
        """Return the batch of one message with this payload, which is UTF-8."""
        batch = cls()
        batch.add(text_frame(payload), droppable)
        return batch

    def add(self, frame: bytes, droppable: bool) -> None:
        """Add the frame of the next message."""
        self.frames.append((frame, droppable))
        self.size += len(frame)

    @property
    def joined(self) -> bytes:
        """The frames as one piece of bytes, joined once for all readers."""
        if len(self._joined) != self.size:
            frames = self.frames
            self._joined = frames[0][0] if len(frames) == 1 else b"".join([frame for frame, _ in frames])
        return self._joined
