"""Takes a request's body from its connection."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request

from service.problems import ProblemError


async def receive_body(request: Request, limit: int) -> bytes:
    """The whole body; never more than `limit` bytes of it are held, whatever its header says.

    Raises:
        ClientDisconnect: the client left.
        ProblemError: 413 `body_too_large`.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise _body_too_large(limit, hang_up=False)  # hung up on, it would often miss the answer
    part = await _receive_part(request)
    if len(part.data) <= limit and not part.more:
        return part.data
    body = bytearray(part.data)
    while part.more and len(body) <= limit:
        part = await _receive_part(request)
        body += part.data
    if len(body) > limit:
        raise _body_too_large(limit, hang_up=True)  # what says no length may have no end
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


def _body_too_large(limit: int, hang_up: bool) -> ProblemError:
    detail = f"the body is larger than {limit} bytes: send fewer or shorter windows"
    return ProblemError(413, "body_too_large", detail, "windows", hang_up=hang_up)
