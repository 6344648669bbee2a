"""What stands before a route: `Depends(Require(Role.SENDER))`, for HTTP and for WebSockets."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from service.auth.origin import Origins
from service.auth.principals import Access, Principal
from service.auth.tokens import Role
from service.problems import ProblemError

TOKEN_SUBPROTOCOL: Final = "scaleglove.token."
"""Browsers set no headers on a WebSocket: there the token is a second offered subprotocol, this and the token as
base64url without padding. Never the query string, which is logged on many a way."""


class Require(SecurityBase):
    """A dependency that gives the guest, or answers 401 or 403 (a WebSocket too, before its handshake).

    The tokens are those of `app.state.access`, the pages that may ask those of `app.state.origins`. Being a security
    scheme of FastAPI it shows in the OpenAPI document.
    """

    def __init__(self, role: Role) -> None:
        self.role = role
        self.scheme_name = "token"
        self.model = HTTPBearer(description="One of SCALEGLOVE_TOKENS; not needed where the service asks for none.")

    async def __call__(self, connection: HTTPConnection) -> Principal:
        access: Access = connection.app.state.access
        origins: Origins = connection.app.state.origins
        origins.refuse_foreign(connection.headers, access.open_to_all)
        token = offered_token(connection)
        guest = access.guest(token)
        if guest is None:
            raise _unauthorized(token)
        if not guest.role.covers(self.role):
            detail = f"the token {guest.name!r} has the role {guest.role}; this needs {self.role}"
            raise ProblemError(403, "forbidden", detail)
        return guest


Sender = Annotated[Principal, Depends(Require(Role.SENDER))]
"""The guest, as a route's argument, where a token is needed that may send windows and frames."""


def offered_token(connection: HTTPConnection) -> str | None:
    """The token that a request brings in `Authorization: Bearer` or as a subprotocol; None without one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    for subprotocol in connection.scope.get("subprotocols", ()):
        if subprotocol.startswith(TOKEN_SUBPROTOCOL):
            return _decode(subprotocol.removeprefix(TOKEN_SUBPROTOCOL))
    return None


def _decode(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""  # no token is empty


def _unauthorized(token: str | None) -> ProblemError:
    challenge = 'Bearer realm="scaleglove"'
    if token is None:
        detail = "this needs a token: Authorization: Bearer TOKEN"
    else:
        detail, challenge = "the token is not known here", challenge + ', error="invalid_token"'
    return ProblemError(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})
