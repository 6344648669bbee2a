"""The Python client of `/v1/stream`: frames go out, predictions and gestures come in.

import asyncio
from scaleglove.client.connection import Gesture, StreamConnection

async def main(readings):  # yields (t_ms, [flex1..flex5, pitch, roll, yaw])
    async with StreamConnection("http://127.0.0.1:8000") as stream:
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
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self, TypedDict

import numpy as np
from numpy.typing import ArrayLike
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from scaleglove.channels import CHANNELS, MAX_TIME_MS
from scaleglove.client.receive_queue import ReceiveQueue
from scaleglove.client.timestamps import WholeMilliseconds
from scaleglove.client.viewer import watch
from scaleglove.client.websocket import (
    StreamError,
    accepted_by,
    connect,
    decode,
    endpoint,
    not_open,
)
from scaleglove.protocol import (
    MAX_FRAMES_PER_MESSAGE,
    Command,
    Commanded,
    CommandName,
    DeviceRemark,
    Edit,
    EditAction,
    Error,
    Frames,
    Gap,
    Gesture,
    GloveLetter,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Reset,
    Sensors,
    ServerMessage,
    Stale,
    Start,
    Started,
    Stop,
    Stopped,
    Text,
    TextOptions,
    ViewedFrames,
    encode,
    encode_frames,
)

__all__ = [
    "Command",
    "CommandName",
    "Commanded",
    "DeviceRemark",
    "EditAction",
    "Error",
    "Gap",
    "Gesture",
    "GloveLetter",
    "LinkReport",
    "ModelChanged",
    "Prediction",
    "ProfileChanged",
    "Sensors",
    "ServerMessage",
    "Stale",
    "Started",
    "Stopped",
    "StreamConnection",
    "StreamError",
    "StreamOptions",
    "Text",
    "TextOptions",
    "ViewedFrames",
    "watch",
]


class StreamOptions(TypedDict, total=False):
    """What StreamConnection takes beside the address of the service."""

    channels: Sequence[str]
    sample_rate_hz: float | None
    model: str | None
    wearer: str | None
    hop_ms: float
    top_k: int
    commands: Sequence[CommandName]
    text: TextOptions | None
    token: str | None


class StreamConnection:
    """One glove's stream to the service at `url` (http, https, ws or wss; `/v1/stream` is added to its path), with
    `token`, or the one in the environment's SCALEGLOVE_TOKEN.

    Sending and iterating may run in different tasks. Iterating gives the messages of `scaleglove.protocol` in order,
    ends
    after `Stopped`, and raises StreamError when the service refuses the stream or the connection is lost.

    Messages are received in the background, so a client that only sends stays connected. What it does not read is
    kept up to `scaleglove.client.receive_queue.MAX_UNREAD` messages; from then on predictions are dropped, oldest
    first, and counted in
    `unread`. Messages of a newer service, of a type or with a value that this client does not know, are passed over
    and counted in `passed_over`.

    `commands` are those that the glove obeys. Each then comes as a Command: tell the glove, and `tell` the service
    Commanded. A service that does not list `commands` in its handshake (`Scaleglove-Accepts`) never has one.
    """

    def __init__(  # noqa: PLR0913 - the fields of the start message, by name
        self,
        url: str,
        *,
        channels: Sequence[str] = CHANNELS,
        sample_rate_hz: float | None = None,
        model: str | None = None,
        wearer: str | None = None,
        hop_ms: float = 100.0,
        top_k: int = 3,
        commands: Sequence[CommandName] = (),
        text: TextOptions | None = None,
        token: str | None = None,
    ) -> None:
        self.started: Started
        self.stopped: Stopped | None = None
        self._url = endpoint(url, "/v1/stream")
        self._token = token
        self._start = Start(
            channels=list(channels),
            sample_rate_hz=sample_rate_hz,
            model=model,
            wearer=wearer,
            hop_ms=hop_ms,
            top_k=top_k,
            commands=tuple(commands),
            text=text,
        )
        self.frames_sent = 0
        """Frames handed to the connection so far; a connection that is lost may have lost the last of them."""
        self.passed_over = 0
        self._connected: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._seq = 0
        self._whole_ms = WholeMilliseconds()
        self._received = ReceiveQueue()
        self._news = asyncio.Event()
        self._refusal: Error | None = None
        self._failure: StreamError | None = not_open(self._url)

    @property
    def unread(self) -> int:
        """Messages dropped because nobody read them in time."""
        return self._received.dropped

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
        self.started = await self._open()
        self._failure = None
        self._reading = asyncio.create_task(self._read_on())

    async def _open(self) -> Started:
        self._connected = await connect(self._url, self._token)
        start = self._start
        if "commands" not in accepted_by(self._connected):  # an older service would refuse the field
            start = replace(start, commands=())
        try:
            await self._send(encode(start))
            first = await self._receive()
            if isinstance(first, Error):
                raise StreamError(first.code, first.detail, first.field)
            if not isinstance(first, Started):
                raise StreamError("bad_message", f"{self._url} answered {first.type} where started was due")
        except BaseException:
            await self.close()
            raise
        return first

    async def close(self) -> None:
        """Leave; the service forgets the stream at once.

        Raises:
            StreamError: the stream was never opened.
        """
        await self._connection.close()
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def send(self, t_ms: ArrayLike, values: ArrayLike, *, seq: int | None = None) -> None:
        """Send frames as one binary message: device times float[n] in ms, values float[n, 8] in channel order.

        `seq` is the number of the first; without it they are numbered on. A number that is passed over tells the
        service that its frame was lost. Numbers travel modulo 2**32.
        Times travel as whole milliseconds, rounded, that wrap around at 2**32, as a board's own clock does.

        Raises:
            ValueError: not 1 to 1024 frames of 8 values with a time each, from 0 to below 2**53 ms.
            StreamError: the stream has failed, or was never opened.
        """
        times = np.asarray(t_ms, np.float64)
        frames = np.asarray(values, np.float32)
        count = times.size
        shaped = times.shape == (count,) and frames.shape == (count, len(CHANNELS))
        if not shaped or not 1 <= count <= MAX_FRAMES_PER_MESSAGE:
            due = f"(n,) and (n, {len(CHANNELS)}) with n from 1 to {MAX_FRAMES_PER_MESSAGE}"
            raise ValueError(f"t_ms {times.shape} and values {frames.shape} are not {due}")
        possible = (times >= 0) & (times < MAX_TIME_MS)  # false for NaN too
        if not possible.all():
            raise ValueError(f"t_ms has {times[~possible][0]:g}, which is not a time from 0 to below 2**53 ms")
        if self._failure is not None:
            raise self._failure
        if seq is not None:
            self._seq = seq
        await self._send(encode_frames(Frames(self._seq, self._whole_ms.round(times.tolist()), frames)))
        self._seq += count
        self.frames_sent += count

    async def tell(self, message: LinkReport | DeviceRemark | GloveLetter | Commanded) -> None:
        """Tell what the link does, what the device remarks or recognises itself, or answer a `command`. A service that
        does not accept messages of this type (`started.accepts`), or the code of an answer, is not sent it.

        Raises:
            StreamError: the stream has failed, or was never opened.
        """
        if self._failure is not None:
            raise self._failure
        if isinstance(message, Commanded) and "commanded.code" not in self.started.accepts:
            message = replace(message, code=None)
        if message.type in self.started.accepts:
            await self._send(encode(message))

    async def edit(self, action: EditAction) -> None:
        """Change the line being written; a `text` message says how it stands then.

        Raises:
            StreamError: `no_edits` from a service that has no line to be edited; or the stream has failed, or was never
                opened.
        """
        if self._failure is not None:
            raise self._failure
        if "edit" not in self.started.accepts:
            raise StreamError("no_edits", f"{self._url} is of a version that writes no text: update the service")
        await self._send(encode(Edit(action)))

    async def reset(self) -> None:
        """Make the service forget the window.

        Raises:
            StreamError: the connection is lost, or was never opened.
        """
        await self._send(encode(Reset()))

    async def stop(self) -> Stopped:
        """End the stream. Messages that come before the end are kept for whoever iterates.

        Raises:
            StreamError: the connection was lost before the service could answer, or was never opened.
        """
        await self._send(encode(Stop()))
        while self.stopped is None:
            await self._next_news()
        return self.stopped

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerMessage:
        while (message := self._received.take()) is None:
            if self.stopped is not None:
                raise StopAsyncIteration
            await self._next_news()
        return message

    async def predictions(self) -> AsyncIterator[Prediction]:
        """As iterating, but the predictions alone; other messages are passed over."""
        async for message in self:
            if isinstance(message, Prediction):
                yield message

    async def texts(self) -> AsyncIterator[Text]:
        """As iterating, but the line being written alone, whenever it changes."""
        async for message in self:
            if isinstance(message, Text):
                yield message

    @property
    def _connection(self) -> ClientConnection:
        if self._connected is None:
            raise not_open(self._url)
        return self._connected

    async def _next_news(self) -> None:
        """Wait until something has come; raises what ended the stream when nothing more can come."""
        if self._failure is not None:
            raise self._failure
        await self._news.wait()

    async def _read_on(self) -> None:
        try:
            while self.stopped is None:
                self._received.put(await self._receive())
                self._tell()
        except StreamError as error:
            self._failure = error
            self._tell()

    def _tell(self) -> None:
        """Wake all who wait now; whoever comes later looks before waiting."""
        self._news.set()
        self._news.clear()

    async def _send(self, message: str | bytes) -> None:
        try:
            await self._connection.send(message)
        except ConnectionClosed as error:
            raise self._lost(error) from None

    async def _receive(self) -> ServerMessage:
        try:
            while (message := decode(await self._connection.recv())) is None:
                self.passed_over += 1
        except ConnectionClosed as error:
            raise self._lost(error) from None
        if isinstance(message, Stopped):
            self.stopped = message
        if isinstance(message, Error):
            self._refusal = message
        return message

    def _lost(self, error: ConnectionClosed) -> StreamError:
        if self._refusal is not None:
            return StreamError(self._refusal.code, self._refusal.detail, self._refusal.field)
        return StreamError("connection_lost", f"the connection to {self._url} was lost: {error}")
