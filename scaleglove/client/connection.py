"""One connection to `/v1/stream`: frames go out, predictions and gestures come in.

import asyncio
from scaleglove.client import Gesture, StreamConnection

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
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Final, Self, TypedDict

import numpy as np
from numpy.typing import ArrayLike
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from scaleglove.channels import CHANNELS, MAX_TIME_MS
from scaleglove.client.receive_queue import ReceiveQueue
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
    Commanded,
    CommandName,
    DeviceRemark,
    Edit,
    EditAction,
    Error,
    Frames,
    GloveLetter,
    GloveNotice,
    LinkReport,
    Prediction,
    Reset,
    ServerMessage,
    Start,
    Started,
    Stop,
    Stopped,
    Text,
    TextOptions,
    encode,
    encode_frames,
)

_LOG: Final = logging.getLogger("scaleglove.client")
_LOG.addHandler(logging.NullHandler())

_MAX_AHEAD_MS: Final = 1.5
"""How far a time may be moved: half a millisecond by rounding, and twice as much again. A rate at which this does not
suffice has more than one frame a millisecond."""


class StreamOptions(TypedDict, total=False):
    """Keyword arguments of StreamConnection."""

    channels: Sequence[str]
    sample_rate_hz: float | None
    model: str | None
    wearer: str | None
    glove: str | None
    usb: str | None
    hop_ms: float
    top_k: int
    commands: Sequence[CommandName]
    text: TextOptions | None
    token: str | None


class StreamConnection:
    """One glove's stream to the service at `url` (http, https, ws or wss; `/v1/stream` is appended to its path).

    `token` None: the one in the environment's SCALEGLOVE_TOKEN, if it is set.

    Sending and iterating may run in different tasks. Iterating gives the messages of `scaleglove.protocol` in order,
    ends after `Stopped`, and raises StreamError when the service refuses the stream or the connection is lost.

    Messages are received in the background, so a client that only sends stays connected. Unread messages are kept up
    to `scaleglove.client.receive_queue.MAX_UNREAD`; beyond that predictions are dropped, oldest first, and counted in
    `unread`. Messages with a type or a value that only a newer service has are ignored and counted in `passed_over`.

    `commands` are those that the glove obeys. Each arrives as a Command: pass it to the glove, and answer with `tell`
    and a Commanded. A service that does not list `commands` in its handshake (`Scaleglove-Accepts`) sends none.

    `text` says how the line is written; `TextOptions(words=False)` keeps its language from changing words.

    `usb` is the identity of the glove's board (`scaleglove.usb_identity`): a service that knows the glove of its serial
    number uses its profile, unless `glove` names one.
    """

    def __init__(  # noqa: PLR0913 - the fields of the start message, by name
        self,
        url: str,
        *,
        channels: Sequence[str] = CHANNELS,
        sample_rate_hz: float | None = None,
        model: str | None = None,
        wearer: str | None = None,
        glove: str | None = None,
        usb: str | None = None,
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
            glove=glove,
            usb=usb,
            hop_ms=hop_ms,
            top_k=top_k,
            commands=tuple(commands),
            text=text,
        )
        self.frames_sent = 0
        """Frames written to the connection so far; a lost connection may have lost the last of them."""
        self.passed_over = 0
        self._connected: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._seq = 0
        self._whole_ms = WholeMilliseconds()
        self._received = ReceiveQueue()
        self._arrived = asyncio.Event()
        self._refusal: Error | None = None
        self._failure: StreamError | None = not_open(self._url)

    @property
    def unread(self) -> int:
        """Number of messages dropped because they were not read in time."""
        return self._received.dropped

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self, usb: str | None = None) -> None:
        """Connect and start; `started` is the service's answer. `usb` is for a client that knows its glove's board only
        now.

        Raises:
            StreamError: the service cannot be reached or refuses.
        """
        self.started = await self._open(self._start if usb is None else replace(self._start, usb=usb))
        self._failure = None
        self._reading = asyncio.create_task(self._receive_all())

    async def _open(self, start: Start) -> Started:
        self._connected = await connect(self._url, self._token)
        accepted = accepted_by(self._connected)
        if "commands" not in accepted:  # an older service would refuse the field
            start = replace(start, commands=())
        if "usb" not in accepted:
            start = replace(start, usb=None)
        if start.text is not None and "text.words" not in accepted:  # such a service changes no words
            start = replace(start, text=replace(start.text, words=None))
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
        if first.ignored:
            _LOG.warning("the service at %s has ignored %s of start", self._url, ", ".join(first.ignored))
        return first

    async def close(self) -> None:
        """Close the connection; the service forgets the stream at once.

        Raises:
            StreamError: the stream was never opened.
        """
        await self._connection.close()
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def send(self, t_ms: ArrayLike, values: ArrayLike, *, seq: int | None = None) -> None:
        """Send frames as one binary message: device times float[n] in ms, values float[n, 8] in channel order.

        `seq` is the number of the first frame; by default numbering continues. A skipped number means a lost frame.
        Numbers are sent modulo 2**32; times rounded to whole milliseconds, modulo 2**32 as on a board's own clock.

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

    async def tell(self, message: LinkReport | DeviceRemark | GloveNotice | GloveLetter | Commanded) -> None:
        """Send a report of the link, a remark or a letter of the device, or the answer to a `command`.

        Messages of a type that the service does not accept (`started.accepts`), or the code of an answer that it does
        not accept, are not sent.

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
        """Edit the line of text; a `text` message with the result follows.

        `action` is `space`, `delete` (a letter), `commit` (end the word), `clear`, or `as_signed`: write the last word
        as it was signed, where its language changed it (message `word`).

        Raises:
            StreamError: `no_edits`: the service has no line of text to edit, or changes no words; or the stream has
                failed, or was never opened.
        """
        if self._failure is not None:
            raise self._failure
        if "edit" not in self.started.accepts:
            raise StreamError("no_edits", f"the service at {self._url} is of a version that writes no text: update it")
        if action == "as_signed" and "edit.as_signed" not in self.started.accepts:
            raise StreamError("no_edits", f"the service at {self._url} is of a version that changes no words")
        await self._send(encode(Edit(action)))

    async def reset(self) -> None:
        """Empty the service's window.

        Raises:
            StreamError: the connection is lost, or was never opened.
        """
        await self._send(encode(Reset()))

    async def stop(self) -> Stopped:
        """End the stream and return the service's summary. Messages that arrive before it can still be read.

        Raises:
            StreamError: the connection was lost before the service could answer, or was never opened.
        """
        await self._send(encode(Stop()))
        while self.stopped is None:
            await self._next_arrival()
        return self.stopped

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerMessage:
        while (message := self._received.take()) is None:
            if self.stopped is not None:
                raise StopAsyncIteration
            await self._next_arrival()
        return message

    async def predictions(self) -> AsyncIterator[Prediction]:
        """Iterate over the predictions; other messages are discarded."""
        async for message in self:
            if isinstance(message, Prediction):
                yield message

    async def texts(self) -> AsyncIterator[Text]:
        """Iterate over the states of the line of text; other messages are discarded."""
        async for message in self:
            if isinstance(message, Text):
                yield message

    @property
    def _connection(self) -> ClientConnection:
        if self._connected is None:
            raise not_open(self._url)
        return self._connected

    async def _next_arrival(self) -> None:
        """Wait for the next message; raise the error that ended the stream when none can come."""
        if self._failure is not None:
            raise self._failure
        await self._arrived.wait()

    async def _receive_all(self) -> None:
        try:
            while self.stopped is None:
                self._received.put(await self._receive())
                self._wake()
        except StreamError as error:
            self._failure = error
            self._wake()

    def _wake(self) -> None:
        """Wake the tasks that wait now; later ones check the state before they wait."""
        self._arrived.set()
        self._arrived.clear()

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


class WholeMilliseconds:
    """Rounds the times of one stream to whole milliseconds, so that the results rise wherever the times do.

    Otherwise two frames of a glove at 1,000 Hz within one millisecond would get the same time, and the service would
    count the second as late.
    """

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None

    def round(self, times_ms: Iterable[float]) -> list[float]:
        """Round the next times."""
        return [float(self._round(t_ms)) for t_ms in times_ms]

    def _round(self, t_ms: float) -> int:
        whole = round(t_ms)
        if self._last is not None:
            last_ms, following = self._last[0], self._last[1] + 1
            if t_ms > last_ms and whole < following <= t_ms + _MAX_AHEAD_MS:
                whole = following
        self._last = t_ms, whole
        return whole
