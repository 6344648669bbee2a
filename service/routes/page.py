"""The live page and its files, as they lie in the package `clients`, and the JavaScript client, which it uses."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

_HEADERS: Final = {  # beside those of service.headers
    # Everything comes from here; nothing inline, so that nothing injected runs. `'self'` covers ws: of the same host
    # only in newer browsers, so it is said.
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}


_CLIENT: Final = "client/"

_CLIENTS: Final = Path(__file__).parents[2] / "clients"
"""Folder of the page's and the client's files: by path, so that a folder `clients` of the user's own does not hide
it."""


class Page(StaticFiles):
    """The page at `/`, the JavaScript client at `/client/`. Both are asked for again each time (with an ETag), so that
    a new version shows at once."""

    def __init__(self) -> None:
        super().__init__(directory=_CLIENTS / "page", html=True)
        self._client = StaticFiles(directory=_CLIENTS / "javascript")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a WebSocket at no known path
            await WebSocketClose()(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            await super().get_response(path, {**scope, "method": "GET"})  # raises 404 where there is no file
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if path.startswith(_CLIENT):
            response = await self._client.get_response(path.removeprefix(_CLIENT), scope)
        else:
            response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response
