"""What every answer tells a browser not to do with it."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = b"content-security-policy"

_FOR_ALL: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # No page from elsewhere embeds what is here, nor holds on to the window that shows it.
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_FOR_DATA: Final = [
    (_POLICY, b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),  # what one token may read stays in no cache for another
]
_FOR_VIEWER: Final = [
    (
        _POLICY,
        # FastAPI's viewer of the OpenAPI document: a line of script of its own, the rest from the web.
        b"default-src 'none'; script-src 'unsafe-inline' https://cdn.jsdelivr.net; "
        b"style-src 'unsafe-inline' https://cdn.jsdelivr.net; img-src data: https://fastapi.tiangolo.com; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
]


class SecureHeaders:
    """ASGI middleware: adds them to every answer, a refused WebSocket's too. An answer with a policy of its own (the
    page) keeps it; the one at `viewer_path` may run its viewer; all others are data, which runs nothing."""

    def __init__(self, app: ASGIApp, viewer_path: str) -> None:
        self._app = app
        self._viewer_path = viewer_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = message["headers"] = [*message["headers"], *_FOR_ALL]
                if all(name != _POLICY for name, _ in headers):
                    headers += _FOR_VIEWER if scope["path"] == self._viewer_path else _FOR_DATA
            await send(message)

        await self._app(scope, receive, with_headers)
