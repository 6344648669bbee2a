"""Receiving of request bodies within limits: of their bytes, of their values, and of all bodies together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.auth.principals import Principal
from service.auth.require import PRINCIPAL
from service.http.bodies.frames_body import FramesBody, as_invalid, frames_limits
from service.http.cooperative_runner import CooperativeRunner
from service.problems import ProblemError

SMALL_BODY_BYTES: Final = 4096
"""Limit of a JSON body without arrays; the largest takes a few hundred bytes."""

CHARGED_BYTES: Final = 4096
"""Of a body that is no prediction, or one that is refused, as many bytes count as one window; fewer are free."""

_MEMORY: Final = "scaleglove.body_memory"
_HELD: Final = "scaleglove.held_bytes"

_Model = TypeVar("_Model", bound=BaseModel)


class BodyMemory:
    """ASGI middleware that bounds the bytes of all large bodies that are received and worked on at once.

    Bodies that arrive in one read, 64 KiB, are not counted: uvicorn holds as much of each connection anyway.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_MEMORY] = self
        try:
            await self._app(scope, receive, send)
        finally:
            self._held_bytes -= scope.get(_HELD, 0)

    def hold(self, scope: Scope, size: int) -> None:
        """Hold `size` more bytes until the request of this scope has been answered.

        Raises:
            ProblemError: 503 `busy`.
        """
        if self._held_bytes + size > self._most_bytes:
            detail = "other large requests are being worked on; try again in a moment"
            raise ProblemError(503, "busy", detail, hang_up=True, headers={"Retry-After": "2"})
        self._held_bytes += size
        scope[_HELD] = scope.get(_HELD, 0) + size


async def receive_body(request: Request, limit: int, field: str | None = "windows", values: int | None = None) -> bytes:
    """Receive the whole body, at most `limit` bytes whatever its header says.

    Args:
        request: whose body it is.
        limit: bytes.
        field: that an error for a body beyond the limit names.
        values: most values of a JSON body, counted as commas and brackets; None: any number.

    Raises:
        ClientDisconnect: the client disconnected.
        ProblemError: 413 `body_too_large`, 503 `busy`.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise _body_too_large(limit, field, hang_up=False)  # closing at once often loses the response
    part = await _receive_part(request)
    counted = _values_in(part.data, values)
    await _check_values(request, counted, values, field, part)
    if len(part.data) <= limit and not part.more:
        return part.data
    memory: BodyMemory | None = request.scope.get(_MEMORY)
    body = BytesIO()  # its value is what it holds, not a copy
    size = body.write(part.data)
    while part.more and size <= limit:
        part = await _receive_part(request)
        if memory is not None:
            memory.hold(request.scope, len(part.data))
        size += body.write(part.data)
        counted += _values_in(part.data, values)
        await _check_values(request, counted, values, field, part)
    if size > limit:
        raise _body_too_large(limit, field, hang_up=True)  # a body without a length may be endless
    return body.getvalue()


async def receive_charged(request: Request, limit: int, field: str | None = None, values: int | None = None) -> bytes:
    """Receive a body as `receive_body` does, and charge it to the rate limit of its sender by its size.

    Raises:
        ClientDisconnect: the client disconnected.
        ProblemError: 413 `body_too_large`, 429 `rate_limited`, 503 `busy`.
    """
    principal: Principal = request.scope[PRINCIPAL]
    principal.quota.admit_body(time.monotonic())
    body = await receive_body(request, limit, field, values)
    charge(principal, len(body))
    return body


@contextmanager
def charged_if_refused(principal: Principal, body: bytes) -> Iterator[None]:
    """Charge a body by its size if the block refuses it; one that is accepted is charged by its windows.

    Raises:
        ProblemError: 429 `rate_limited` while earlier ones are not paid for.
    """
    principal.quota.admit_body(time.monotonic())
    try:
        yield
    except ProblemError:
        charge(principal, len(body))
        raise


def charge(principal: Principal, size: int) -> None:
    """Charge `size` bytes of a body to the rate limit of its sender."""
    if size >= CHARGED_BYTES:
        principal.quota.charge_body(size // CHARGED_BYTES, time.monotonic())


async def receive_json(request: Request, model: type[_Model], limit: int, field: str | None = None) -> _Model:
    """Receive and validate a JSON body of at most `limit` bytes; an empty body is an object without fields.

    Raises:
        ClientDisconnect: the client disconnected.
        ProblemError: 413 `body_too_large`, 429 `rate_limited`, 503 `busy`, or 422 `invalid_request` naming the wrong
            field.
    """
    body = await receive_charged(request, limit, field)
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise as_invalid(error) from None


async def receive_frames(
    request: Request, reader: FramesBody[_Model], frames: int, runner: CooperativeRunner
) -> _Model:
    """Receive and validate a JSON body with at most `frames` frames.

    Raises:
        ClientDisconnect: the client disconnected.
        ProblemError: as `receive_json`.
    """
    limits = frames_limits(frames)
    body = await receive_charged(request, limits.bytes, "frames", limits.values)
    return await runner.finish(reader.read(body))


class _Part(NamedTuple):
    data: bytes
    more: bool


async def _receive_part(request: Request) -> _Part:
    # Not `request.stream()`, which costs as much as reading a small body.
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return _Part(message.get("body", b""), message.get("more_body", False))


def _values_in(part: bytes, values: int | None) -> int:
    return 0 if values is None else part.count(b",") + part.count(b"[") + part.count(b"{")


async def _check_values(request: Request, counted: int, values: int | None, field: str | None, part: _Part) -> None:
    if values is None or counted <= values:
        return
    # What is left of a body of a known length is read, and not kept: closing at once often loses the response.
    is_bounded = "content-length" in request.headers
    while is_bounded and part.more:
        part = await _receive_part(request)
    remedy = f"; send fewer {field}" if field else ""
    detail = f"the body has more than {values} values{remedy}"
    raise ProblemError(413, "body_too_large", detail, field, hang_up=part.more)


def _body_too_large(limit: int, field: str | None, hang_up: bool) -> ProblemError:
    remedy = f"; send fewer or shorter {field}" if field else ""
    return ProblemError(413, "body_too_large", f"the body exceeds {limit} bytes{remedy}", field, hang_up=hang_up)
