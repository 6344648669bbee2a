"""Compression of bodies with gzip and deflate, in slices. Pure."""

from __future__ import annotations

import zlib
from typing import Final, Literal

from service.http.cooperative_runner import Slices
from service.problems import ProblemError

Coding = Literal["gzip", "deflate"]

WORTH_BYTES: Final = 1024
"""Smaller responses are not compressed: the headers are as large."""

_WINDOW_BITS: Final[dict[Coding, int]] = {"gzip": 31, "deflate": 15}  # deflate is the zlib format (RFC 9110)
_SLICE_BYTES: Final = 64 * 1024
_FAST: Final = 1


def coding_named(name: str) -> Coding | None:
    """Return the coding of a Content-Encoding header; None: the body is not encoded.

    Raises:
        ProblemError: 415: it is not supported.
    """
    match name.strip().lower():
        case "" | "identity":
            return None
        case "gzip":
            return "gzip"
        case "deflate":
            return "deflate"
    raise ProblemError(
        415, "unsupported_media_type", f"Content-Encoding: {name[:64]!r} is not supported; use gzip or deflate"
    )


def coding_accepted(header: str) -> Coding | None:
    """Return the first supported coding of an Accept-Encoding header; None: no compression."""
    for part in header.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name in _WINDOW_BITS and quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            return "gzip" if name == "gzip" else "deflate"
    return None


def inflate(body: bytes, coding: Coding, limit: int) -> Slices[bytes]:
    """Decompress a body, at most one slice beyond `limit` bytes.

    Raises:
        ProblemError: 400: the body is damaged; 413: it exceeds the limit.
    """
    inflater = zlib.decompressobj(_WINDOW_BITS[coding])
    inflated = bytearray()
    try:
        while not inflater.eof:
            part = inflater.decompress(inflater.unconsumed_tail if inflated else body, _SLICE_BYTES)
            if not part:
                raise ProblemError(400, "invalid_request", f"the {coding} body is truncated")
            inflated += part
            if len(inflated) > limit:
                raise ProblemError(413, "body_too_large", f"the decompressed body exceeds {limit} bytes")
            yield
    except zlib.error:
        raise ProblemError(400, "invalid_request", f"the body is not valid {coding} data") from None
    if inflater.unused_data:
        raise ProblemError(400, "invalid_request", f"the {coding} body is followed by other data")
    return bytes(inflated)


def deflate(body: bytes, coding: Coding) -> Slices[bytes]:
    """Compress a body."""
    deflater = zlib.compressobj(_FAST, wbits=_WINDOW_BITS[coding])
    parts: list[bytes] = []
    for begin in range(0, len(body), _SLICE_BYTES):
        if begin:
            yield
        parts.append(deflater.compress(body[begin : begin + _SLICE_BYTES]))
    return b"".join([*parts, deflater.flush()])
