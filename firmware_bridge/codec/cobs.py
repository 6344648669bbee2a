"""Consistent Overhead Byte Stuffing: bytes without a zero, so that a zero can stand between packets.

Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7 (2), 1999.
"""

from __future__ import annotations

from typing import Final

_FULL: Final = 254
"""Bytes without a zero that one code byte can announce."""


def encode(data: bytes) -> bytes:
    """`data` without its zeros; one byte longer, and one more for each 254 bytes without a zero."""
    out = bytearray()
    for block in data.split(b"\0"):
        while len(block) >= _FULL:
            out += b"\xff" + block[:_FULL]
            block = block[_FULL:]  # noqa: PLW2901 - the rest of the same block
        out.append(len(block) + 1)
        out += block
    return bytes(out)


def decode(encoded: bytes) -> bytes | None:
    """What was encoded; None for bytes that no encoder makes: a block announced longer than what is there.

    `encoded` holds no zero: whoever cuts a stream at its zeros has removed them.
    """
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
