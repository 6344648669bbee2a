"""gzip and deflate round bodies, in steps. Pure."""

from __future__ import annotations

import zlib
from typing import Final, Literal

from service.http.slices import Slices
from service.problems import ProblemError

Coding = Literal["gzip", "deflate"]

WORTH_BYTES: Final = 1024
"""Smaller answers are not compressed: the headers weigh as much."""

_WINDOW_BITS: Final[dict[Coding, int]] = {"gzip": 31, "deflate": 15}  # deflate is the zlib format (RFC 9110)
_STEP_BYTES: Final = 64 * 1024
_FAST: Final = 1


def coding_named(name: str) -> Coding | None:
    """The coding of a Content-Encoding header; None: the body is as it is.

    Raises:
        ProblemError: 415, it is none of them.
    """
    match name.strip().lower():
        case "" | "identity":
            return None
        case "gzip":
            return "gzip"
        case "deflate":
            return "deflate"
    raise ProblemError(
        415, "unsupported_media_type", f"Content-Encoding: {name[:64]!r} is not read; gzip and deflate are"
    )


def coding_accepted(header: str) -> Coding | None:
    """The first of our codings that an Accept-Encoding header wants; None: no compression."""
    for part in header.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name in _WINDOW_BITS and quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            return "gzip" if name == "gzip" else "deflate"
    return None


def inflate(body: bytes, coding: Coding, limit: int) -> Slices[bytes]:
    """What was compressed; never more than a step beyond `limit` bytes of it are made.

    Raises:
        ProblemError: 400 the body is broken, 413 it is larger than the limit.
    """
    inflater = zlib.decompressobj(_WINDOW_BITS[coding])
    whole = bytearray()
    try:
        while not inflater.eof:
            part = inflater.decompress(inflater.unconsumed_tail if whole else body, _STEP_BYTES)
            if not part:
                raise ProblemError(400, "invalid_request", f"the {coding} body ends too early")
            whole += part
            if len(whole) > limit:
                raise ProblemError(413, "body_too_large", f"the body is larger than {limit} bytes once decompressed")
            yield
    except zlib.error:
        raise ProblemError(400, "invalid_request", f"the body is not {coding}") from None
    if inflater.unused_data:
        raise ProblemError(400, "invalid_request", f"something follows the {coding} body")
    return bytes(whole)


def deflate(body: bytes, coding: Coding) -> Slices[bytes]:
    deflater = zlib.compressobj(_FAST, wbits=_WINDOW_BITS[coding])
    parts: list[bytes] = []
    for begin in range(0, len(body), _STEP_BYTES):
        if begin:
            yield
        parts.append(deflater.compress(body[begin : begin + _STEP_BYTES]))
    return b"".join([*parts, deflater.flush()])
