"""Who may open a stream from a browser: a page of another site could otherwise read the gloves of whoever visits it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import WebSocket, WebSocketException

from service.settings import Settings, split_origins

_VIOLATION = 1008


def origin_check(settings: Settings) -> Callable[[WebSocket], Awaitable[None]]:
    """A dependency that refuses (HTTP 403) a socket opened by a page from elsewhere, unless `allowed_origins` names
    that origin. Programs that are no browsers send no Origin and pass."""
    allowed = split_origins(settings.allowed_origins)

    async def check_origin(socket: WebSocket) -> None:
        origin = socket.headers.get("origin", "").lower()
        own = origin.partition("://")[2] == socket.headers.get("host", "").lower()
        if origin and not own and origin not in allowed:
            raise WebSocketException(_VIOLATION, "a page from elsewhere; see SCALEGLOVE_ALLOWED_ORIGINS")

    return check_origin
