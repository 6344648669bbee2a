"""One WebSocket connection, from its handshake to its end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from functools import partial
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from scaleglove.protocol import (
    ACCEPTS,
    ACCEPTS_HEADER,
    SUBPROTOCOL,
    Error,
    WireError,
)
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from service.streams.websocket.send_queue import SendQueue
from service.telemetry.metrics import Metrics

READ_TIMEOUT_S: Final = 30.0
"""A reader that reads nothing for so long is disconnected; what it has not read is dropped and counted."""

_ACCEPTS: Final = (ACCEPTS_HEADER.lower().encode(), ", ".join(ACCEPTS).encode())
"""Part of the handshake: a client must know it before its first message, which is `start`."""

_CLOSE_S: Final = 1.0

_CLOSE_CODES: Final = {
    "bad_message": 1007,
    "unsupported_version": 1002,
    "too_many_streams": 1013,
    "too_many_viewers": 1013,
    "internal_error": 1011,
    "going_away": 1012,  # the service restarts: the client should reconnect
}
_VIOLATION: Final = 1008
_TOO_SLOW: Final = 1013

GOING_AWAY: Final = WireError("going_away", "the service is stopping; connect again in a moment")


class Connection(ABC):
    """The service's end of a socket: messages are sent through `send_queue` and arrive in `take`.

    Everything happens in callbacks of the event loop that do not wait.
    """

    def __init__(self, outbox_messages: int, metrics: Metrics) -> None:
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finish = partial(_resolve, self._over)
        # Nothing here refers back to the connection: it is freed with its socket, without the garbage collector.
        self.send_queue = SendQueue(outbox_messages, metrics, self._finish)
        self._errors = metrics.errors
        self._is_gone = False
        self._timeout: asyncio.TimerHandle | None = None

    async def run(self, socket: WebSocket) -> None:
        """Exchange messages until one side closes."""
        offered = socket.scope["subprotocols"]
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None, [_ACCEPTS])
        channel = FastWebSocketProtocol.of(socket)
        self.send_queue.open(channel)
        try:
            if offered and SUBPROTOCOL not in offered:
                raise WireError("unsupported_version", f"offer the subprotocol {SUBPROTOCOL}; no other is supported")
            self._begin(channel)
        except WireError as fault:
            self.refuse(fault)
        try:
            channel.attach(self)
            await self._over
        finally:
            channel.detach()
            self._cancel_timeout()
            self._end()
        if not self._is_gone:
            await self._close(socket, channel)

    @abstractmethod
    def take(self, data: bytes, is_text: bool) -> None:
        """Take a message of the other side."""

    def refuse(self, fault: WireError) -> None:
        """Send an error, and close."""
        self._errors.labels("stream", fault.code).inc()
        self.send_queue.put(Error(fault.code, fault.detail, fault.field))
        self.send_queue.close(close_code(fault.code))

    def go_away(self) -> None:
        """Send an error that the service stops, and close."""
        self.refuse(GOING_AWAY)

    def pause_sending(self) -> None:
        self._cancel_timeout()
        self._timeout = asyncio.get_running_loop().call_later(READ_TIMEOUT_S, self._finish)

    def resume_sending(self) -> None:
        self._cancel_timeout()
        self.send_queue.flush()

    def disconnected(self) -> None:
        self._is_gone = True
        self._finish()

    @abstractmethod
    def _begin(self, channel: FastWebSocketProtocol) -> None:
        """Begin, since the socket is open.

        Raises:
            WireError: the connection is refused.
        """

    @abstractmethod
    def _end(self) -> None:
        """Free what the connection holds, since it is over."""

    def _cancel_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    async def _close(self, socket: WebSocket, channel: FastWebSocketProtocol) -> None:
        code = self.send_queue.close_code
        if code is None:
            self._errors.labels("stream", "too_slow").inc()
        try:
            async with asyncio.timeout(_CLOSE_S):
                await (socket.close(_TOO_SLOW, "too slow") if code is None else socket.close(code))
        except (TimeoutError, WebSocketDisconnect):
            channel.abort()  # the reader does not even read the close frame


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def close_code(error: str) -> int:
    """Return the WebSocket close code for an error of this code."""
    return _CLOSE_CODES.get(error, _VIOLATION)
