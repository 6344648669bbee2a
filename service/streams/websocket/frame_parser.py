"""A parser of a client's WebSocket frames (RFC 6455, section 5.2) that decodes unfragmented messages at once. Pure.

A glove sends small unfragmented frames. A library's general parser takes longer for one than for the JSON inside; all
other frames (fragments, control frames, faults) are left to that parser, whole and in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

try:
    from websockets.speedups import apply_mask
except ImportError:  # websockets built without its C part
    from websockets.utils import apply_mask

TEXT: Final = 1
BINARY: Final = 2
OTHER: Final = 0
"""Bytes for the general parser."""

_FIN: Final = 0x80
_MASKED: Final = 0x80
_CONTROL: Final = 0x08
_OPCODE: Final = 0x0F
_ORDINARY: Final = frozenset({_FIN | TEXT, _FIN | BINARY})
_MASK_BYTES: Final = 4


class FrameParser:
    """Takes bytes in any portions and yields frames; buffers at most a frame of `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = b""
        self._is_fragmented = False  # inside a message of several frames
        self._gave_up = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (TEXT or BINARY, the payload of a message) or (OTHER, bytes that begin and end with a frame).

        After a frame that is not masked, or larger than `max_bytes`, everything is OTHER.
        """
        data = self._rest + data if self._rest else data
        self._rest = b""
        begin = 0
        while begin < len(data):
            if self._gave_up:
                yield OTHER, data[begin:]
                return
            payload, length = _read_header(data, begin)
            if length < 0 or length > self._max_bytes:
                self._gave_up = True
                continue
            end = payload + length
            if end > len(data):
                self._rest = data[begin:]
                return
            first = data[begin]
            if first in _ORDINARY and not self._is_fragmented:
                yield first & _OPCODE, apply_mask(data[payload:end], data[payload - _MASK_BYTES : payload])
            else:
                if not first & _CONTROL:
                    self._is_fragmented = not first & _FIN
                yield OTHER, data[begin:end]
            begin = end

    def take_rest(self) -> bytes:
        """Return the bytes of an incomplete frame, and forget them."""
        rest, self._rest = self._rest, b""
        return rest


def _read_header(data: bytes, begin: int) -> tuple[int, int]:
    """Return where the payload of the frame at `begin` begins, and its length; -1: not masked, as a client's must be.

    If the header itself is incomplete, the payload begins beyond `data`.
    """
    if len(data) < begin + 2:
        return len(data) + 1, 0
    second = data[begin + 1]
    if not second & _MASKED:
        return begin, -1
    length = second & ~_MASKED
    payload = begin + 2 + _MASK_BYTES
    if length < 126:
        return payload, length
    extended = 2 if length == 126 else 8
    if len(data) < payload + extended:
        return len(data) + 1, 0
    return payload + extended, int.from_bytes(data[begin + 2 : begin + 2 + extended], "big")
