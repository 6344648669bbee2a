"""Messages of frames that are read where their bytes are used. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from scaleglove.channels import CHANNELS
from scaleglove.protocol import FRAME_BYTES, Frames, decode_binary

_U32: Final = 2**32
_HEADER: Final = np.dtype([("kind", "u1"), ("version", "u1"), ("count", "<u2"), ("seq", "<u4")])
_WIDE: Final = np.dtype([("t_ms", "<f8"), ("values", "<f4", (len(CHANNELS),))])

WIDE_BYTES: Final = _WIDE.itemsize
"""Bytes of one frame in WideFrames; its header takes less."""


class UnreadFrames:
    """The bytes of a binary message, which may be none of the protocol's."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data: Final = data

    @property
    def count(self) -> int:
        """The number of frames, if the message is one of the protocol's."""
        return len(self.data) // FRAME_BYTES

    def read(self) -> Frames:
        """Decode the message.

        Raises:
            WireError: `bad_message`, with the invalid field.
        """
        return decode_binary(self.data)


class WideFrames(UnreadFrames):
    """The same with times of 64 bits, which are any that a text message may have: a valid message that never was on the
    wire."""

    __slots__ = ()

    @classmethod
    def of(cls, frames: Frames) -> WideFrames:
        """Return decoded frames, at most MAX_FRAMES_PER_MESSAGE."""
        header, packed = np.array((1, 1, frames.count, frames.seq % _U32), _HEADER), np.empty(frames.count, _WIDE)
        packed["t_ms"], packed["values"] = frames.t_ms, frames.values
        return cls(header.tobytes() + packed.tobytes())

    @property
    def count(self) -> int:
        return len(self.data) // WIDE_BYTES

    def read(self) -> Frames:
        seq = int(np.frombuffer(self.data, _HEADER, 1)["seq"][0])
        packed = np.frombuffer(self.data, _WIDE, offset=_HEADER.itemsize)
        return Frames(seq, packed["t_ms"].tolist(), packed["values"])
