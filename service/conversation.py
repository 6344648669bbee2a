"""One WebSocket conversation: what comes in is read by one task, what goes out is sent by another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from service.hub import Outbox
from service.session import ClientMessage
from service.wire import SUBPROTOCOL, Error, WireError, decode_binary, decode_text

SEND_TIMEOUT_S: Final = 30.0
"""A reader that takes nothing at all for this long is gone; what it did not read until then is dropped and counted."""

_FAREWELL_S: Final = 1.0

_CLOSE_CODES: Final = {"bad_message": 1007, "unsupported_version": 1002, "too_many_streams": 1013}
_VIOLATION: Final = 1008
_TOO_SLOW: Final = 1013


class _EndedError(Exception):
    """The conversation is over."""


class _TooSlowError(Exception):
    """The other side does not read."""


async def hold(
    socket: WebSocket,
    outbox: Outbox,
    listen: Callable[[], Awaitable[None]],
    clock: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Run a conversation until it is closed or the other side has left.

    `listen` reads with `receive` and puts its answers into `outbox`; when it returns the conversation closes with 1000,
    when it raises a WireError with that error. `clock` runs beside it.
    """
    offered = socket.scope["subprotocols"]
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_guard(outbox))
            sender = tasks.create_task(_send(socket, outbox))
            if clock is not None:
                tasks.create_task(clock())
            await _answer_faults(outbox, offered, listen)
            await sender
            raise _EndedError
    except* _EndedError:
        pass
    except* _TooSlowError:
        await _dismiss(socket)


async def receive(socket: WebSocket) -> ClientMessage:
    """The next message of the other side.

    Raises:
        WireError: it breaks the protocol.
    """
    packet = await socket.receive()
    if packet["type"] == "websocket.disconnect":
        raise _EndedError
    text = packet.get("text")
    return decode_binary(packet["bytes"]) if text is None else decode_text(text)


async def _answer_faults(outbox: Outbox, offered: list[str], listen: Callable[[], Awaitable[None]]) -> None:
    try:
        if offered and SUBPROTOCOL not in offered:
            raise WireError("unsupported_version", f"only subprotocol {SUBPROTOCOL} is spoken here")
        await listen()
    except WireError as fault:
        outbox.put(Error(fault.code, fault.detail))
        outbox.close(_CLOSE_CODES.get(fault.code, _VIOLATION))
    else:
        outbox.close(1000)


async def _send(socket: WebSocket, outbox: Outbox) -> None:
    try:
        while (text := await outbox.get()) is not None:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await socket.send_text(text)
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await socket.close(outbox.close_code or 1000)
    except TimeoutError:
        raise _TooSlowError from None
    except (WebSocketDisconnect, RuntimeError):
        # uvicorn answers with a RuntimeError when it has itself closed the socket (a message too big, a missed ping)
        # and the application has not heard of it yet.
        raise _EndedError from None


async def _guard(outbox: Outbox) -> None:
    await outbox.overflowed.wait()
    raise _TooSlowError


async def _dismiss(socket: WebSocket) -> None:
    try:
        async with asyncio.timeout(_FAREWELL_S):
            await socket.close(_TOO_SLOW, "too slow")
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        pass  # it does not even read this
