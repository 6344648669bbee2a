"""HTTP protocol of uvicorn with two limits that it lacks: the size of a request's head, and the time for a request."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.http.problem_handlers import respond
from service.problems import ProblemError

MAX_HEAD_BYTES: Final = 64 * 1024
"""Limit of request line and headers, four times that of common proxies. Of an incomplete head, the last read may exceed
it."""

_FIELD_BYTES: Final = 4
"""Of each header, beside its name and its value: the colon, a space and the end of the line."""

REQUEST_S: Final = 60.0
"""Limit for receiving a whole request: the largest body at one megabit per second. uvicorn limits idle connections."""


class BoundedHttp(HttpToolsProtocol):
    """Protocol that closes the connection of a request with an endless head or trailer, or of one that is never
    complete."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_bytes = 0  # received since the last part of a body, and perhaps not parsed yet
        self._fields_bytes = 0  # parsed of this request's head and trailer, however they arrived
        self._refused = False
        self._complete = True
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
        elif not self._complete and self._deadline is None:
            self._await_request()

    def on_message_begin(self) -> None:
        self._head_bytes = self._fields_bytes = 0
        self._complete = False
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count_field(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count_field(len(name) + len(value) + _FIELD_BYTES)

    def on_headers_complete(self) -> None:
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refused:
            return
        self._head_bytes = 0
        self._complete = True
        self._stop_waiting()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        if not self._refused:
            super().handle_websocket_upgrade()
            # It calls back into this protocol, which is over and has no more `connection_lost`: streams that come and
            # go would leave cycles that old collections alone find.
            self.parser = None  # type: ignore[assignment]

    def _count_field(self, size: int) -> None:
        self._fields_bytes += size
        if self._fields_bytes > MAX_HEAD_BYTES and not self._refused:
            self._refuse_head()

    def _refuse_head(self) -> None:
        detail = f"the request line and headers exceed {MAX_HEAD_BYTES} bytes"
        self._refuse(ProblemError(431, "head_too_large", detail))

    def _await_request(self) -> None:
        loop = asyncio.get_running_loop()
        late = ProblemError(408, "request_timeout", f"the request was not complete after {REQUEST_S:g} s")
        self._deadline = loop.call_later(REQUEST_S, self._refuse, late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, problem: ProblemError) -> None:
        self._refused = True
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:  # else a response is already being sent
            response = respond(problem)
            head = [b"HTTP/1.1 %d \r\nconnection: close" % problem.status]
            head += [name + b": " + value for name, value in response.raw_headers]
            self.transport.write(b"\r\n".join([*head, b"", bytes(response.body)]))
        self.transport.close()
