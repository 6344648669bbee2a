"""The Python client of `/v1/stream`: frames go out, predictions and gestures come in.

import asyncio
from clients.stream import GloveStream
from service.wire import Gesture

async def main(readings):  # yields (t_ms, [flex1..flex5, pitch, roll, yaw])
    async with GloveStream("http://127.0.0.1:8000") as stream:
        print(f"{stream.started.model} looks at {stream.started.window_frames} frames")

        async def listen():
            async for message in stream:
                if isinstance(message, Gesture) and message.phase == "begin":
                    print(message.label, message.confidence)

        listening = asyncio.create_task(listen())
        async for t_ms, values in readings:
            await stream.send([t_ms], [values])
        print(await stream.stop())
        await listening
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Annotated, Final, Self
from urllib.parse import urlsplit, urlunsplit

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, TypeAdapter, ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from models.contract import CHANNELS, ScaleGloveError
from service.wire import (
    MAX_FRAMES_PER_MESSAGE,
    SUBPROTOCOL,
    Error,
    Frames,
    Gap,
    Gesture,
    Prediction,
    Reset,
    ServerMessage,
    Stale,
    Start,
    Started,
    Stop,
    Stopped,
    ViewedFrames,
    encode,
    encode_frames,
)

__all__ = [
    "Error",
    "Gap",
    "Gesture",
    "GloveStream",
    "Prediction",
    "ServerMessage",
    "Stale",
    "Started",
    "Stopped",
    "StreamError",
    "ViewedFrames",
    "watch",
]

_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_MAX_MESSAGE_BYTES: Final = 2**20
"""Four times what the service takes itself: a viewer's frames with their 17-digit numbers fit."""

_OPEN_S: Final = 10.0

_SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(Annotated[ServerMessage, Field(discriminator="type")])


class StreamError(ScaleGloveError):
    """The stream cannot go on. `code` is the service's, or `cannot_connect`, `connection_lost`, `bad_message`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class GloveStream:
    """One glove's stream to the service at `url` (http, https, ws or wss; `/v1/stream` is added to its path).

    Sending and iterating may run in different tasks. Iterating gives the messages of `service.wire` in order, ends
    after `Stopped`, and raises StreamError when the service refuses the stream or the connection is lost. Messages of
    a type that this client does not know are passed over, so that a newer service can be talked to.
    """

    def __init__(  # noqa: PLR0913 - the start message's fields, by name
        self,
        url: str,
        *,
        channels: Sequence[str] = CHANNELS,
        sample_rate_hz: float | None = None,
        model: str | None = None,
        wearer: str | None = None,
        hop_ms: float = 100.0,
        top_k: int = 3,
    ) -> None:
        self.started: Started
        self.stopped: Stopped | None = None
        self._url = _endpoint(url, "/v1/stream")
        self._start = Start(
            channels=list(channels),
            sample_rate_hz=sample_rate_hz,
            model=model,
            wearer=wearer,
            hop_ms=hop_ms,
            top_k=top_k,
        )
        self._connection: ClientConnection
        self._seq = 0
        self._waiting: deque[ServerMessage] = deque()
        self._refusal: Error | None = None
        # stop() receives too, and a connection takes one receiver at a time.
        self._receiving = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect and start; `started` is the service's answer.

        Raises:
            StreamError: the service cannot be reached or refuses.
        """
        self._connection = await _connect(self._url)
        try:
            await self._send(encode(self._start))
            first = await self._receive()
            if isinstance(first, Error):
                raise StreamError(first.code, first.detail)
            if not isinstance(first, Started):
                raise StreamError("bad_message", f"{self._url} answered {first.type} where started was due")
        except BaseException:
            await self.close()
            raise
        self.started = first

    async def close(self) -> None:
        """Leave; the service forgets the stream at once."""
        await self._connection.close()

    async def send(self, t_ms: ArrayLike, values: ArrayLike) -> None:
        """Send frames as one binary message: device times float[n] in ms, values float[n, 8] in channel order.

        Raises:
            ValueError: not 1 to 1024 frames of 8 values with a time each.
            StreamError: the connection is lost.
        """
        times = np.asarray(t_ms, np.float64)
        frames = np.asarray(values, np.float32)
        if not 1 <= len(times) <= MAX_FRAMES_PER_MESSAGE or frames.shape != (len(times), len(CHANNELS)):
            raise ValueError(
                f"t_ms {times.shape} and values {frames.shape} are not (n,) and (n, {len(CHANNELS)}) "
                f"with n from 1 to {MAX_FRAMES_PER_MESSAGE}"
            )
        await self._send(encode_frames(Frames(self._seq, times, frames)))
        self._seq += len(times)

    async def reset(self) -> None:
        """Make the service forget the window.

        Raises:
            StreamError: the connection is lost.
        """
        await self._send(encode(Reset()))

    async def stop(self) -> Stopped:
        """End the stream. Messages that come before the end are kept for whoever iterates.

        Raises:
            StreamError: the connection was lost before the service could answer.
        """
        await self._send(encode(Stop()))
        while self.stopped is None:
            async with self._receiving:
                if self.stopped is None:
                    self._waiting.append(await self._receive())
        return self.stopped

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerMessage:
        async with self._receiving:
            if self._waiting:
                return self._waiting.popleft()
            if self.stopped is not None:
                raise StopAsyncIteration
            return await self._receive()

    async def _send(self, message: str | bytes) -> None:
        try:
            await self._connection.send(message)
        except ConnectionClosed as error:
            raise self._lost(error) from None

    async def _receive(self) -> ServerMessage:
        try:
            message = await _next_message(self._connection)
        except ConnectionClosed as error:
            raise self._lost(error) from None
        if isinstance(message, Stopped):
            self.stopped = message
        if isinstance(message, Error):
            self._refusal = message
        return message

    def _lost(self, error: ConnectionClosed) -> StreamError:
        if self._refusal is not None:
            return StreamError(self._refusal.code, self._refusal.detail)
        return StreamError("connection_lost", f"the connection to {self._url} was lost: {error}")


@asynccontextmanager
async def watch(url: str, stream: str) -> AsyncIterator[AsyncIterator[ServerMessage]]:
    """Follow another glove's stream of the service at `url`: its frames, predictions and gestures, until it ends.

    async with watch(url, "5c396fb48b8e") as messages:
        async for message in messages:
            ...

    Raises:
        StreamError: the service cannot be reached, does not know the stream, or the connection is lost.
    """
    endpoint = _endpoint(url, f"/v1/streams/{stream}/watch")
    connection = await _connect(endpoint)
    try:
        yield _watched(connection, endpoint)
    finally:
        await connection.close()


async def _watched(connection: ClientConnection, endpoint: str) -> AsyncIterator[ServerMessage]:
    try:
        while True:
            message = await _next_message(connection)
            if isinstance(message, Error):
                raise StreamError(message.code, message.detail)
            yield message
    except ConnectionClosedOK:
        return
    except ConnectionClosed as error:
        raise StreamError("connection_lost", f"the connection to {endpoint} was lost: {error}") from None


def _endpoint(url: str, path: str) -> str:
    """The WebSocket address of `path` under the service's base address."""
    parts = urlsplit(url)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise StreamError("cannot_connect", f"{url!r} is not the address of a service, such as http://127.0.0.1:8000")
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + path, "", ""))


async def _connect(endpoint: str) -> ClientConnection:
    try:
        connection = await connect(
            endpoint,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,  # costs 13-15 % and gains nothing on binary frames
            open_timeout=_OPEN_S,
            max_size=_MAX_MESSAGE_BYTES,
        )
    except InvalidStatus as error:
        raise StreamError(
            "cannot_connect", f"{endpoint} answered HTTP {error.response.status_code}: not a stream of scaleglove"
        ) from None
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
        raise StreamError("cannot_connect", f"cannot reach the service at {endpoint}: {error}") from None
    if connection.subprotocol != SUBPROTOCOL:
        await connection.close()
        raise StreamError("cannot_connect", f"{endpoint} does not speak {SUBPROTOCOL}")
    return connection


async def _next_message(connection: ClientConnection) -> ServerMessage:
    while True:
        text = await connection.recv()
        try:
            return _SERVER_MESSAGE.validate_json(text)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            if fault["type"] != "union_tag_invalid":
                raise StreamError("bad_message", f"unreadable message from the service: {fault['msg']}") from None
