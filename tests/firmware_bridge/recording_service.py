"""Service that records the messages of each of its streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.server import ServerConnection

from scaleglove.protocol import (
    ACCEPTS,
    ClientMessage,
    Frames,
    Start,
    Started,
    Stop,
    Stopped,
    decode_binary,
    decode_text,
    encode,
)
from tests.scaleglove.client.scripted_service import STARTED

KNOWS_ALL: Final = encode(Started("s", "m", 87, 20, 50.0, ("a",), ("recal",), ACCEPTS))


@dataclass
class RecordingService:
    """For `service_that`. It begins with `first`; `then` says what it does when a message of a stream has come."""

    then: Callable[[ServerConnection, int, ClientMessage], Awaitable[None]] | None = None
    first: str = STARTED
    streams: list[list[ClientMessage]] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)

    async def __call__(self, connection: ServerConnection) -> None:
        start = decode_text(await connection.recv())
        assert isinstance(start, Start)
        self.starts.append(start)
        number = len(self.streams)
        self.streams.append([])
        await connection.send(self.first)
        async for text in connection:
            message = decode_binary(text) if isinstance(text, bytes) else decode_text(text)
            self.streams[number].append(message)
            if self.then is not None:
                await self.then(connection, number, message)
            if isinstance(message, Stop):
                await connection.send(encode(Stopped("s", len(self.numbers(number)), 0, 0, 0, 0)))
                return

    def numbers(self, stream: int) -> list[int]:
        """Return the numbers of the frames that a stream received."""
        messages = [message for message in self.streams[stream] if isinstance(message, Frames)]
        return [message.seq + place for message in messages for place in range(len(message.t_ms))]
