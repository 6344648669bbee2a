"""Security headers of every response."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = b"content-security-policy"

_FOR_ALL: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # No foreign page may embed a response, or keep a reference to the window that shows it.
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    # The page may open a glove's port (Web Serial), but no frame within it.
    (b"permissions-policy", b"serial=(self)"),
]
_FOR_DATA: Final = [
    (_POLICY, b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),  # a response to one token must not be cached for another
]


class SecurityHeaders:
    """ASGI middleware that adds the headers to every response, including those of refused WebSockets. A response with
    its own policy (the page) keeps it; all others are data and run nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = message["headers"] = [*message["headers"], *_FOR_ALL]
                if all(name != _POLICY for name, _ in headers):
                    headers += _FOR_DATA
            await send(message)

        await self._app(scope, receive, with_headers)
