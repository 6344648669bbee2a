"""One WebSocket to the service: its address, its opening, and what a text message of the service says."""

from __future__ import annotations

import os
from typing import Annotated, Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from scaleglove.errors import ScaleGloveError
from scaleglove.protocol import ACCEPTS_HEADER, SUBPROTOCOL, ServerMessage

_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_MAX_MESSAGE_BYTES: Final = 2**20
"""The largest message, 1024 frames with 3 decimals for a viewer, takes an eighth of this."""

TOKEN_VARIABLE: Final = "SCALEGLOVE_TOKEN"
"""The environment variable that holds the token, where a client is not given one."""

_OPEN_S: Final = 10.0
_CLOSE_S: Final = 2.0
"""A service that has gone without a word holds up whoever leaves it no longer than this."""

REFUSALS: Final = frozenset(
    {
        "unauthorized",
        "forbidden",
        "unknown_model",
        "unknown_wearer",
        "no_profile",
        "profile_mismatch",
        "bad_channels",
    }
)
"""Codes of a StreamError that asking again does not change."""

_FROM_THE_FUTURE: Final = {"union_tag_invalid", "literal_error"}

_SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(Annotated[ServerMessage, Field(discriminator="type")])


class StreamError(ScaleGloveError):
    """The stream cannot go on. `code` is the service's (`unauthorized` and `forbidden` are about the token), or one
    of the client: docs/reference/codes.md. `field` is what is wrong in the message or request, where it is one
    field."""

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class _Problem(BaseModel):
    """What a client needs of the service's refusal (RFC 9457)."""

    code: str
    detail: str
    field: str | None = None


def not_open(url: str) -> StreamError:
    """The error of using the stream to `url` before it is opened."""
    return StreamError("not_open", f"the stream to {url} is not open: open() comes first")


def endpoint(url: str, path: str) -> str:
    """The WebSocket address of `path` under the service's base address.

    Raises:
        StreamError: `url` is no address of a service.
    """
    refusal = f"{url!r} is not the address of a service, such as http://127.0.0.1:8000"
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna")  # as the resolver does, where it would end in a traceback
    except ValueError as error:
        raise StreamError("cannot_connect", f"{refusal}: {error}") from None
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not host or port == 0:
        raise StreamError("cannot_connect", refusal)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + path, "", ""))


def authorization(token: str | None) -> dict[str, str]:
    """The header that brings `token`, or the one in TOKEN_VARIABLE; none where there is no token.

    Raises:
        StreamError: `unauthorized`: it is no token of any service.
    """
    token = (token or os.environ.get(TOKEN_VARIABLE, "")).strip()
    if not (token.isascii() and token.isprintable()):
        raise StreamError("unauthorized", "the token holds a character that no token has")
    return {"Authorization": f"Bearer {token}"} if token else {}


async def connect(address: str, token: str | None = None) -> ClientConnection:
    """An open connection to `address`, of `endpoint`, with `token` or the one in TOKEN_VARIABLE, if there is one.

    Raises:
        StreamError: nothing answers there, or not a stream of scaleglove, or it does not let this token in.
    """
    headers = authorization(token)
    try:
        connection = await open_websocket(
            address,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=headers,
            compression=None,  # costs 13-15 % and gains nothing on binary frames
            open_timeout=_OPEN_S,
            close_timeout=_CLOSE_S,
            max_size=_MAX_MESSAGE_BYTES,
        )
    except InvalidStatus as error:
        raise refused(address, error.response.status_code, bytes(error.response.body or b"")) from None
    except (OSError, TimeoutError, ValueError, InvalidHandshake, InvalidURI) as error:
        raise StreamError("cannot_connect", f"cannot reach the service at {address}: {error}") from None
    if connection.subprotocol != SUBPROTOCOL:
        await connection.close()
        raise StreamError("cannot_connect", f"{address} does not speak {SUBPROTOCOL}")
    return connection


def accepted_by(connection: ClientConnection) -> frozenset[str]:
    """What the service accepts beyond the first one, as its handshake says; empty for one that does not say."""
    if connection.response is None:
        return frozenset()
    lines = connection.response.headers.get_all(ACCEPTS_HEADER)
    return frozenset(name.strip() for line in lines for name in line.split(","))


def refused(address: str, status: int, body: bytes) -> StreamError:
    """What the service says in a refusal (RFC 9457); or that whatever is at `address` is not one."""
    try:
        problem = _Problem.model_validate_json(body)
    except ValidationError:
        return StreamError("cannot_connect", f"{address} answered HTTP {status}: not a stream of scaleglove")
    return StreamError(problem.code, problem.detail, problem.field)


def decode(text: str | bytes) -> ServerMessage | None:
    """A message of the service; None for one of a newer service: a type, or a value such as a state, not known here.

    Raises:
        StreamError: `bad_message`: it cannot be read.
    """
    try:
        return _SERVER_MESSAGE.validate_json(text)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        if all(fault["type"] in _FROM_THE_FUTURE for fault in faults):
            return None
        raise StreamError("bad_message", f"unreadable message from the service: {faults[0]['msg']}") from None
