"""Static files: the live page at `/`, the JavaScript client at `/client/`, and the package's vocabularies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

import scaleglove

_HEADERS: Final = {  # in addition to those of service.http.security_headers
    # All sources are this service, nothing inline, so that injected code does not run. `'self'` includes ws: of the
    # same host only in newer browsers, so it is listed.
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}

_CLIENT: Final = "client/"
_VOCABULARIES: Final = "vocabularies/"

_CLIENTS: Final = Path(__file__).parents[2] / "clients"
"""Folder of the files, by path, so that a folder `clients` of the user does not hide it."""


def page_entries() -> set[str]:
    """Return the names of all files and folders directly below the page's address."""
    return {entry.name for entry in (_CLIENTS / "page").iterdir()} | {_CLIENT.rstrip("/"), _VOCABULARIES.rstrip("/")}


class Page(StaticFiles):
    """ASGI app of the page and the JavaScript client. Browsers revalidate both each time (with an ETag), so that a new
    version is used at once."""

    def __init__(self) -> None:
        super().__init__(directory=_CLIENTS / "page", html=True)
        self._client = StaticFiles(directory=_CLIENTS / "javascript")
        self._vocabularies = StaticFiles(directory=Path(scaleglove.__file__).with_name("vocabularies"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a WebSocket at an unknown path
            await WebSocketClose()(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            await super().get_response(path, {**scope, "method": "GET"})  # raises 404 if there is no file
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if path.startswith(_CLIENT):
            response = await self._client.get_response(path.removeprefix(_CLIENT), scope)
        elif path.startswith(_VOCABULARIES):
            response = await self._vocabularies.get_response(path.removeprefix(_VOCABULARIES), scope)
        else:
            response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response
