"""Security headers of every response."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.path_prefix import route_path

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
_FOR_VIEWER: Final = [
    (
        _POLICY,
        # FastAPI's viewer of the OpenAPI document: an inline script, and the rest from the web.
        b"default-src 'none'; script-src 'unsafe-inline' https://cdn.jsdelivr.net; "
        b"style-src 'unsafe-inline' https://cdn.jsdelivr.net; img-src data: https://fastapi.tiangolo.com; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
]


class SecurityHeaders:
    """ASGI middleware that adds the headers to every response, including those of refused WebSockets. A response with
    its own policy (the page) keeps it; `viewer_path` may run its viewer; all others are data and run nothing."""

    def __init__(self, app: ASGIApp, viewer_path: str) -> None:
        self._app = app
        self._viewer_path = viewer_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = message["headers"] = [*message["headers"], *_FOR_ALL]
                if all(name != _POLICY for name, _ in headers):
                    headers += _FOR_VIEWER if route_path(scope) == self._viewer_path else _FOR_DATA
            await send(message)

        await self._app(scope, receive, with_headers)
