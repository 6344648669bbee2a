"""The check of every request and handshake by its host, before any route."""

from __future__ import annotations

from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.auth.origin import HeaderValues
from service.http.foreign_host_page import foreign_host_page
from service.http.problem_handlers import answer
from service.path_prefix import route_path
from service.problems import ProblemError


class RefuseForeignHost(Protocol):
    """`Origins.refuse_foreign_host`."""

    def __call__(self, headers: HeaderValues, path: str) -> None: ...


class CheckHost:
    """ASGI middleware that refuses foreign hosts, for REST, streams, the page and its files alike."""

    def __init__(self, app: ASGIApp, refuse_foreign_host: RefuseForeignHost) -> None:
        self._app = app
        self._refuse_foreign_host = refuse_foreign_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._refuse_foreign_host(headers, route_path(scope))
        except ProblemError as problem:
            response = answer(scope, problem)
            if scope["type"] == "http" and "text/html" in headers.get("accept", ""):
                response = foreign_host_page(problem, headers.get("host", ""))  # a person reads this, not a program
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)
