"""A binary message of frames that is read where its bytes are used. Pure."""

from __future__ import annotations

from typing import Final

from scaleglove.protocol import FRAME_BYTES, Frames, decode_binary


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
