"""Receiving of request bodies within limits."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from scaleglove.protocol import describe
from service.problems import ProblemError

SMALL_BODY_BYTES: Final = 4096
"""Limit of a JSON body without arrays; the largest takes a few hundred bytes."""

_MAX_FIELD: Final = 100
"""Characters of a field's name that an error repeats; a client may send one of any length."""

_Model = TypeVar("_Model", bound=BaseModel)


async def receive_body(request: Request, limit: int, field: str | None = "windows") -> bytes:
    """Receive the whole body, at most `limit` bytes whatever its header says.

    Args:
        request: whose body it is.
        limit: bytes.
        field: that an error for a body beyond the limit names.

    Raises:
        ClientDisconnect: the client disconnected.
        ProblemError: 413 `body_too_large`.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise _body_too_large(limit, field, hang_up=False)  # closing at once often loses the response
    part = await _receive_part(request)
    if len(part.data) <= limit and not part.more:
        return part.data
    body = bytearray(part.data)
    while part.more and len(body) <= limit:
        part = await _receive_part(request)
        body += part.data
    if len(body) > limit:
        raise _body_too_large(limit, field, hang_up=True)  # a body without a length may be endless
    return bytes(body)


async def receive_json(request: Request, model: type[_Model], limit: int, field: str | None = None) -> _Model:
    """Receive and validate a JSON body of at most `limit` bytes; an empty body is an object without fields.

    Raises:
        ClientDisconnect: the client disconnected.
        ProblemError: 413 `body_too_large`, or 422 `invalid_request` naming the wrong field.
    """
    body = await receive_body(request, limit, field)
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(map(str, fault["loc"]))[:_MAX_FIELD]
        raise ProblemError(422, "invalid_request", describe(error), path or None) from None


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
    remedy = f"; send fewer or shorter {field}" if field else ""
    return ProblemError(413, "body_too_large", f"the body exceeds {limit} bytes{remedy}", field, hang_up=hang_up)
