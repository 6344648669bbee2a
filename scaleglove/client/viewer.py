"""Following another glove's stream: what the service tells a viewer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from scaleglove.client.websocket import (
    StreamError,
    connect,
    decode,
    endpoint,
)
from scaleglove.protocol import Error, ServerMessage


@asynccontextmanager
async def watch(url: str, stream: str, *, token: str | None = None) -> AsyncIterator[AsyncIterator[ServerMessage]]:
    """Follow another glove's stream of the service at `url`: its frames, predictions and gestures, until it ends.

    `token` is as for StreamConnection.

    async with watch(url, "5c396fb48b8e") as messages:
        async for message in messages:
            ...

    Raises:
        StreamError: the service cannot be reached, does not know the stream, or the connection is lost.
    """
    address = endpoint(url, f"/v1/streams/{stream}/watch")
    connection = await connect(address, token)
    try:
        yield _watched(connection, address)
    finally:
        await connection.close()


async def _watched(connection: ClientConnection, address: str) -> AsyncIterator[ServerMessage]:
    try:
        while True:
            message = decode(await connection.recv())
            if isinstance(message, Error):
                raise StreamError(message.code, message.detail, message.field)
            if message is not None:
                yield message
    except ConnectionClosedOK:
        return
    except ConnectionClosed as error:
        raise StreamError("connection_lost", f"the connection to {address} was lost: {error}") from None
