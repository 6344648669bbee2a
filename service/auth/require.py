"""Dependencies of routes that require a role, for HTTP and for WebSockets: `dependencies=[require.viewer]`."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, Protocol

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from service.auth.origin import Origins
from service.auth.principals import Authenticator, Principal
from service.auth.tokens import Role
from service.problems import ProblemError

TOKEN_SUBPROTOCOL: Final = "scaleglove.token."
"""Browsers cannot set headers on a WebSocket: they offer the token as a second subprotocol, this prefix and the token
as base64url without padding. Never in the query string, which proxies log."""


PRINCIPAL: Final = "scaleglove.principal"
"""Key of the ASGI scope with the `Principal` of the request, whom its body is charged to."""


class AuthState(Protocol):
    """Part of `app.state.service` that authenticates requests."""

    @property
    def authenticator(self) -> Authenticator: ...

    @property
    def origins(self) -> Origins: ...


class Require(SecurityBase):
    """Dependency that returns the principal, or refuses with 401 or 403 (a WebSocket before its handshake). As a
    security scheme of FastAPI it is part of the OpenAPI document."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.scheme_name = "token"
        self.model = HTTPBearer(description="One of SCALEGLOVE_TOKENS; not required if the service has none.")

    async def __call__(self, connection: HTTPConnection) -> Principal:
        state: AuthState = connection.app.state.service
        state.origins.refuse_foreign_origin(connection.headers)
        token = offered_token(connection)
        principal = state.authenticator.authenticate(token)
        if principal is None:
            raise _unauthorized(token)
        if not principal.role.covers(self.role):
            detail = f"the token {principal.name!r} has the role {principal.role}; this requires the role {self.role}"
            raise ProblemError(403, "forbidden", detail)
        connection.scope[PRINCIPAL] = principal
        return principal


viewer: Final = Depends(Require(Role.VIEWER))
sender: Final = Depends(Require(Role.SENDER))
admin: Final = Depends(Require(Role.ADMIN))

Sender = Annotated[Principal, sender]
"""The principal as an argument of a route that requires the role `sender`."""


def offered_token(connection: HTTPConnection) -> str | None:
    """Return the token in `Authorization: Bearer` or among the subprotocols; None if there is none."""
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
        return ""  # no valid token is empty


def _unauthorized(token: str | None) -> ProblemError:
    challenge = 'Bearer realm="scaleglove"'
    if token is None:
        detail = "a token is required: send the header Authorization: Bearer TOKEN"
    else:
        detail, challenge = "the token is unknown to this service", challenge + ', error="invalid_token"'
    return ProblemError(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})
