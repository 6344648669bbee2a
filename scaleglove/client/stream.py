"""A stream that comes back: one StreamConnection after another, for as long as a program wants it.

from scaleglove.client.stream import GloveStream

async with GloveStream("http://127.0.0.1:8000") as stream:
    await stream.send([t_ms], [values])
    async for text in stream.texts():
        print(text.committed + text.composing)

The bridge has a road of its own (`firmware_bridge/uplink/uplink.py`), which keeps frames while the service is away;
this one
counts them as lost, because who signs before a program wants what is signed now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from types import TracebackType
from typing import Self, Unpack

import numpy as np
from numpy.typing import ArrayLike

from scaleglove.backoff import Backoff
from scaleglove.client.connection import (
    Prediction,
    ServerMessage,
    Stopped,
    StreamConnection,
    StreamOptions,
    Text,
)
from scaleglove.client.receive_queue import ReceiveQueue
from scaleglove.client.websocket import REFUSALS, StreamError


class GloveStream:
    """Keeps one StreamConnection of these arguments open. Each begins with a `Started` and numbers its frames anew.

    Sending and iterating may run in different tasks; one task iterates. Iterating ends after `stop`, and raises
    StreamError where the service refuses what asking again does not change.
    """

    def __init__(self, url: str, **options: Unpack[StreamOptions]) -> None:
        self.frames_lost = 0
        """Frames that were to be sent while there was no stream."""
        self._new_stream = partial(StreamConnection, url, **options)
        self._stream: StreamConnection | None = None
        self._received = ReceiveQueue()
        self._news = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = False

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Returns when the first stream has begun, however long the service takes to be there.

        Raises:
            StreamError: the service refuses.
        """
        self._keeping = asyncio.create_task(self._keep())
        try:
            while self._stream is None:
                self._raise_if_failed()
                if self._keeping.done():
                    raise StreamError("not_open", "the stream was over before it could be used")
                await self._news.wait()
        except BaseException:  # whoever gives up waiting has nothing left that could be closed
            await self.close()
            raise

    async def close(self) -> None:
        """Leave, and do not come back."""
        if self._keeping is None:
            return
        if self._stream is not None:
            await self._stream.close()  # not to be cancelled half way
        self._keeping.cancel()
        await asyncio.wait([self._keeping])

    async def send(self, t_ms: ArrayLike, values: ArrayLike) -> bool:
        """Send frames, as `StreamConnection.send` does; False where there is no stream now, and they are lost.

        Raises:
            ValueError: they are no frames.
            StreamError: the service has refused to go on.
        """
        self._raise_if_failed()
        if self._stream is not None:
            try:
                await self._stream.send(t_ms, values)
            except StreamError:
                pass  # whoever keeps the stream learns the same, and opens the next
            else:
                return True
        self.frames_lost += np.size(t_ms)
        return False

    async def stop(self) -> Stopped:
        """End the stream for good.

        Raises:
            StreamError: there is none now, or it was lost before the service could answer.
        """
        if self._stream is None:
            raise StreamError("not_open", "there is no stream to be stopped now")
        self._stopping = True
        return await self._stream.stop()

    async def __aiter__(self) -> AsyncIterator[ServerMessage]:
        while True:
            while (message := self._received.take()) is not None:
                yield message
            if self._keeping is None or self._keeping.done():
                self._raise_if_failed()
                return
            await self._news.wait()

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

    def _raise_if_failed(self) -> None:
        if self._keeping is None:
            raise StreamError("not_open", "the stream is not open: open() comes first")
        if self._keeping.done() and not self._keeping.cancelled() and (failure := self._keeping.exception()):
            raise failure

    async def _keep(self) -> None:
        backoff = Backoff()
        try:
            while True:
                if await self._use(self._new_stream(), backoff) or self._stopping:
                    return
                await asyncio.sleep(backoff.next_s())
        finally:
            asyncio.get_running_loop().call_soon(self._tell)  # when this task is seen to be done

    async def _use(self, stream: StreamConnection, backoff: Backoff) -> bool:
        """Converse until the stream is over; whether it ended in good order, or was lost.

        Raises:
            StreamError: asking again would not help.
        """
        try:
            async with stream:
                self._stream = stream
                self._put(stream.started)
                async for message in stream:
                    if isinstance(message, Prediction):
                        backoff.reset()
                    self._put(message)
        except StreamError as error:
            if error.code in REFUSALS:
                raise
            return False
        finally:
            self._stream = None
        return True

    def _put(self, message: ServerMessage) -> None:
        self._received.put(message)
        self._tell()

    def _tell(self) -> None:
        """Wake all who wait now; whoever comes later looks before waiting."""
        self._news.set()
        self._news.clear()
