"""WebSockets to the service: address, opening handshake, decoding of its messages, and `watch` for viewers."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)
from websockets.typing import Subprotocol

from scaleglove.client.proxies import proxy_for
from scaleglove.errors import ScaleGloveError
from scaleglove.protocol import ACCEPTS_HEADER, SUBPROTOCOL, Error, ServerMessage
from scaleglove.validation_faults import describe_fault

_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_MAX_MESSAGE_BYTES: Final = 2**20
"""The largest message, 1024 frames with 3 decimals for a viewer, is an eighth of this."""

TOKEN_VARIABLE: Final = "SCALEGLOVE_TOKEN"
"""Environment variable of the token, for a client that is not given one."""

_OPEN_S: Final = 10.0
_CLOSE_S: Final = 2.0
"""Longest wait for the closing handshake of a service that no longer answers."""

REFUSALS: Final = frozenset(
    {
        "unauthorized",
        "forbidden",
        "foreign_host",
        "foreign_origin",
        "unknown_model",
        "unknown_wearer",
        "no_profile",
        "profile_mismatch",
        "unknown_glove",
        "no_glove_profile",
        "no_readings",
        "bad_channels",
    }
)
"""Codes of a StreamError after which trying again is of no use."""

_PROXY_FAILURES: Final = frozenset({502, 503, 504})
"""What proxies answer in place of a service that is down or silent; the service's own 503 has problem details."""

_UNKNOWN: Final = {"union_tag_invalid", "literal_error"}
"""Validation errors of a message or a value that a newer service has introduced."""

_SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(Annotated[ServerMessage, Field(discriminator="type")])


class StreamError(ScaleGloveError):
    """The stream or the request failed.

    `code` is the service's or the client's own (docs/reference/codes.md). `field` names the field of the message or
    request at fault, where it is one.
    """

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class _Problem(BaseModel):
    """Fields of the service's problem details (RFC 9457) that a client needs."""

    code: str
    detail: str
    field: str | None = None


def not_open(url: str) -> StreamError:
    """Return the error for using the stream to `url` before it is opened."""
    return StreamError("not_open", f"the stream to {url} is not open: call open() first")


def endpoint(url: str, path: str) -> str:
    """Return the WebSocket address of `path` under the service's base address.

    Raises:
        StreamError: `url` is not the address of a service.
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
    """Return the header that carries `token`, or the one in TOKEN_VARIABLE; empty without a token.

    Raises:
        StreamError: `unauthorized`: the token has a character that no token has.
    """
    token = (token or os.environ.get(TOKEN_VARIABLE, "")).strip()
    if not (token.isascii() and token.isprintable()):
        raise StreamError("unauthorized", "the token holds a character that no token has")
    return {"Authorization": f"Bearer {token}"} if token else {}


async def connect(address: str, token: str | None = None) -> ClientConnection:
    """Open a connection to `address`, from `endpoint`, with `token` or the one in TOKEN_VARIABLE, if there is one.

    Raises:
        StreamError: nothing answers there, or something else than scaleglove, or the token is refused.
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
            proxy=proxy_for(address),
        )
    except InvalidStatus as error:
        raise refused(address, error.response.status_code, bytes(error.response.body or b"")) from None
    except ImportError as error:  # of a SOCKS proxy, which websockets reaches by another package
        advice = "pip install python-socks, or add the host to no_proxy"
        raise StreamError("cannot_connect", f"cannot reach the service at {address}: {error}; {advice}") from None
    except (OSError, TimeoutError, ValueError, InvalidHandshake, InvalidURI) as error:
        raise unreachable(address, error) from None
    if connection.subprotocol != SUBPROTOCOL:
        await connection.close()
        raise StreamError("cannot_connect", f"{address} does not support the subprotocol {SUBPROTOCOL}")
    return connection


def accepted_by(connection: ClientConnection) -> frozenset[str]:
    """Return what the service accepts beyond version 1, as its handshake lists it; empty where it lists nothing."""
    if connection.response is None:
        return frozenset()
    lines = connection.response.headers.get_all(ACCEPTS_HEADER)
    return frozenset(name.strip() for line in lines for name in line.split(","))


def unreachable(address: str, error: object) -> StreamError:
    """Return the error of an address at which nothing can be asked, and what to do about a certificate."""
    advice = ""
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = "; if you trust it, name the file of its certificate, or of who signed it, in SSL_CERT_FILE"
    return StreamError("cannot_connect", f"cannot reach the service at {address}: {error}{advice}")


def refused(address: str, status: int, body: bytes) -> StreamError:
    """Return the error of a refusal: the service's own problem details, or that `address` is not the service."""
    try:
        problem = _Problem.model_validate_json(body)
    except ValidationError:
        if status in _PROXY_FAILURES:
            reason = "a proxy is there, and cannot reach the service behind it"
            return StreamError("cannot_connect", f"{address} answered HTTP {status}: {reason}")
        return StreamError("cannot_connect", f"{address} answered HTTP {status}: not a stream of scaleglove")
    return StreamError(problem.code, problem.detail, problem.field)


def decode(text: str | bytes) -> ServerMessage | None:
    """Decode a message of the service; None for one with a type or a value that only a newer service has.

    Raises:
        StreamError: `bad_message`: the message is malformed.
    """
    try:
        return _SERVER_MESSAGE.validate_json(text)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        if all(fault["type"] in _UNKNOWN for fault in faults):
            return None
        described = f"{'.'.join(map(str, faults[0]['loc'][1:]))} {describe_fault(faults[0])}".strip()
        raise StreamError("bad_message", f"unreadable message from the service: {described}") from None


@asynccontextmanager
async def watch(url: str, stream: str, *, token: str | None = None) -> AsyncIterator[AsyncIterator[ServerMessage]]:
    """Follow a stream of the service at `url` as a viewer: its frames, predictions and gestures, until it ends.

    `token` is as for StreamConnection.

    async with watch(url, "5c396fb48b8e") as messages:
        async for message in messages:
            ...

    Raises:
        StreamError: the service cannot be reached, has no such stream, or the connection is lost.
    """
    address = endpoint(url, f"/v1/streams/{stream}/watch")
    connection = await connect(address, token)
    try:
        yield _messages(connection, address)
    finally:
        await connection.close()


async def _messages(connection: ClientConnection, address: str) -> AsyncIterator[ServerMessage]:
    try:
        while True:
            message = decode(await connection.recv())
            if isinstance(message, Error):
                raise StreamError(message.code, message.detail, message.field)
            if message is not None:
                yield message
    except ConnectionClosedOK:
        return
    except ConnectionClosed as error:
        raise StreamError("connection_lost", f"the connection to {address} was lost: {error}") from None
