"""uvicorn's HTTP protocol with the bounds it lacks: how large a request's head may be, how long a request may take."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.problems import ProblemError, respond

MAX_HEAD_BYTES: Final = 64 * 1024
"""For address and headers; four times what common proxies let through. The last read may go beyond it."""

REQUEST_S: Final = 60.0
"""For a whole request to come in: the largest body at one megabit a second. The wait for the next one is uvicorn's."""


class BoundedHttp(HttpToolsProtocol):
    """Hangs up on a request whose head, or what follows its body, has no end, and on one that never becomes whole."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._bytes_of_no_body = 0
        self._whole = True
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._bytes_of_no_body += len(data)
        super().data_received(data)
        if self._bytes_of_no_body > MAX_HEAD_BYTES:
            detail = f"address and headers are larger than {MAX_HEAD_BYTES} bytes"
            self._refuse(ProblemError(431, "head_too_large", detail))
        elif not self._whole and self._deadline is None:
            self._await_request()

    def on_message_begin(self) -> None:
        self._bytes_of_no_body = 0
        self._whole = False
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._bytes_of_no_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._bytes_of_no_body = 0
        self._whole = True
        self._stop_waiting()
        super().on_message_complete()

    def _await_request(self) -> None:
        loop = asyncio.get_running_loop()
        late = ProblemError(408, "request_timeout", f"the request was not whole after {REQUEST_S:g} s")
        self._deadline = loop.call_later(REQUEST_S, self._refuse, late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, problem: ProblemError) -> None:
        if self.transport.is_closing():
            return
        if (
            self.cycle is None or self.cycle.response_complete
        ):  # else the answer to this request or the last is on its way
            answer = respond(problem)
            head = [b"HTTP/1.1 %d \r\nconnection: close" % problem.status]
            head += [name + b": " + value for name, value in answer.raw_headers]
            self.transport.write(b"\r\n".join([*head, b"", bytes(answer.body)]))
        self.transport.close()
