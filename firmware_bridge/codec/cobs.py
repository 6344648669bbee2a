"""Consistent Overhead Byte Stuffing: bytes without a zero, so that a zero can stand between packets.

Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7 (2), 1999.
"""

from __future__ import annotations

from typing import Final

_FULL: Final = 254
"""Bytes without a zero that one code byte can announce."""


def encode(data: bytes) -> bytes:
    """Encode `data` without zeros: one byte longer, and one more for each 254 bytes without a zero."""
    out = bytearray()
    for block in data.split(b"\0"):
        while len(block) >= _FULL:
            out += b"\xff" + block[:_FULL]
            block = block[_FULL:]  # noqa: PLW2901 - the rest of the same block
        out.append(len(block) + 1)
        out += block
    return bytes(out)


def decode(encoded: bytes) -> bytes | None:
    """Decode `encoded`, which contains no zero; return None if a block is longer than the bytes that remain."""
    out = bytearray()
    at, end = 0, len(encoded)
    while at < end:
        code = encoded[at]
        following = at + code
        if following > end:
            return None
        out += encoded[at + 1 : following]
        if code <= _FULL and following < end:
            out.append(0)
        at = following
    return bytes(out)
