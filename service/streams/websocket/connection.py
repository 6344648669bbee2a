"""One WebSocket conversation, from its handshake to its end."""

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
"""A reader that takes nothing at all for this long is gone; what it did not read until then is dropped and counted."""

_ACCEPTS: Final = (ACCEPTS_HEADER.lower().encode(), ", ".join(ACCEPTS).encode())
"""Said in the handshake already: a client must know it before its first message, which is `start`."""

_FAREWELL_S: Final = 1.0

_CLOSE_CODES: Final = {
    "bad_message": 1007,
    "unsupported_version": 1002,
    "too_many_streams": 1013,
    "internal_error": 1011,
    "going_away": 1012,  # service restart: the client should come back
}
_VIOLATION: Final = 1008
_TOO_SLOW: Final = 1013

GOING_AWAY: Final = WireError("going_away", "the service is stopping; connect again in a moment")


class Connection(ABC):
    """The service's end of a socket: `send_queue` is what the other side is told, `take` what it says.

    Everything happens in calls of the event loop that do not wait.
    """

    def __init__(self, outbox_messages: int, metrics: Metrics) -> None:
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finish = partial(_resolve, self._over)
        # Nothing here points back at the conversation: it goes when its socket goes, not when garbage is collected.
        self.send_queue = SendQueue(outbox_messages, metrics, self._finish)
        self._errors = metrics.errors
        self._is_gone = False
        self._giving_up: asyncio.TimerHandle | None = None

    async def hold(self, socket: WebSocket) -> None:
        """Converse until one side closes."""
        offered = socket.scope["subprotocols"]
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None, [_ACCEPTS])
        channel = FastWebSocketProtocol.of(socket)
        self.send_queue.open(channel)
        try:
            if offered and SUBPROTOCOL not in offered:
                raise WireError("unsupported_version", f"only subprotocol {SUBPROTOCOL} is spoken here")
            self._begin(channel)
        except WireError as fault:
            self.refuse(fault)
        try:
            channel.attach(self)
            await self._over
        finally:
            channel.detach()
            self._hold_nothing()
            self._end()
        if not self._is_gone:
            await self._close(socket, channel)

    @abstractmethod
    def take(self, data: bytes, is_text: bool) -> None:
        """A message of the other side."""

    def refuse(self, fault: WireError) -> None:
        """Tell the other side an error, and close."""
        self._errors.labels("stream", fault.code).inc()
        self.send_queue.put(Error(fault.code, fault.detail, fault.field))
        self.send_queue.close(close_code(fault.code))

    def go_away(self) -> None:
        """The service stops."""
        self.refuse(GOING_AWAY)

    def hold_on(self) -> None:
        self._hold_nothing()
        self._giving_up = asyncio.get_running_loop().call_later(READ_TIMEOUT_S, self._finish)

    def go_on(self) -> None:
        self._hold_nothing()
        self.send_queue.flush()

    def left(self) -> None:
        self._is_gone = True
        self._finish()

    @abstractmethod
    def _begin(self, channel: FastWebSocketProtocol) -> None:
        """The socket is open.

        Raises:
            WireError: it is not welcome.
        """

    @abstractmethod
    def _end(self) -> None:
        """The conversation is over, whoever ended it."""

    def _hold_nothing(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None

    async def _close(self, socket: WebSocket, channel: FastWebSocketProtocol) -> None:
        code = self.send_queue.close_code
        if code is None:
            self._errors.labels("stream", "too_slow").inc()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await (socket.close(_TOO_SLOW, "too slow") if code is None else socket.close(code))
        except (TimeoutError, WebSocketDisconnect):
            channel.abort()  # it does not even read this


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def close_code(error: str) -> int:
    """With what a socket is closed after an error of this code."""
    return _CLOSE_CODES.get(error, _VIOLATION)
