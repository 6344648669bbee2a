"""Takes a request's body from its connection."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request

from service.problems import ProblemError


async def receive_body(request: Request, limit: int, field: str | None = "windows") -> bytes:
    """The whole body; never more than `limit` bytes of it are held, whatever its header says. `field` is what a body
    that is larger has too much of.

    Raises:
        ClientDisconnect: the client left.
        ProblemError: 413 `body_too_large`.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise _body_too_large(limit, field, hang_up=False)  # hung up on, it would often miss the answer
    part = await _receive_part(request)
    if len(part.data) <= limit and not part.more:
        return part.data
    body = bytearray(part.data)
    while part.more and len(body) <= limit:
        part = await _receive_part(request)
        body += part.data
    if len(body) > limit:
        raise _body_too_large(limit, field, hang_up=True)  # what says no length may have no end
    return bytes(body)


class _Part(NamedTuple):
    data: bytes
    more: bool


async def _receive_part(request: Request) -> _Part:
    # Not `request.stream()`, which costs as much as reading a small body.
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return _Part(message.get("body", b""), message.get("more_body", False))


def _body_too_large(limit: int, field: str | None, hang_up: bool) -> ProblemError:
    remedy = f": send fewer or shorter {field}" if field else ""
    return ProblemError(413, "body_too_large", f"the body is larger than {limit} bytes{remedy}", field, hang_up=hang_up)
