"""Who may open a stream from a browser: a page of another site could otherwise read the gloves of whoever visits it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import WebSocket

from service.problems import ProblemError
from service.settings import Settings, split_origins


def origin_check(settings: Settings) -> Callable[[WebSocket], Awaitable[None]]:
    """A dependency that refuses (HTTP 403) a socket opened by a page from elsewhere, unless `allowed_origins` names
    that origin. Programs that are no browsers send no Origin and pass."""
    allowed = split_origins(settings.allowed_origins)

    async def check_origin(socket: WebSocket) -> None:
        origin = socket.headers.get("origin", "").lower()
        own = origin.partition("://")[2] == socket.headers.get("host", "").lower()
        if origin and not own and origin not in allowed:
            detail = "a page from elsewhere may not open this; see SCALEGLOVE_ALLOWED_ORIGINS"
            raise ProblemError(403, "foreign_origin", detail)

    return check_origin
