"""A stream that reconnects: one StreamConnection after another, for as long as a program wants it.

from scaleglove.client import GloveStream

async with GloveStream("http://127.0.0.1:8000") as stream:
    await stream.send([t_ms], [values])
    async for text in stream.texts():
        print(text.committed + text.composing)

The bridge has a transport of its own (`firmware_bridge/uplink/uplink.py`), which buffers frames while the service is
unreachable. GloveStream counts such frames as lost instead: an interactive program wants the letters signed now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self, Unpack

import numpy as np
from numpy.typing import ArrayLike

from scaleglove.backoff import Backoff
from scaleglove.client.connection import StreamConnection, StreamOptions
from scaleglove.client.receive_queue import ReceiveQueue
from scaleglove.client.wearers import Doubts, KeptWords, Shown, Wearer
from scaleglove.client.websocket import REFUSALS, StreamError
from scaleglove.protocol import (
    Commanded,
    DeviceRemark,
    EditAction,
    GloveLetter,
    GloveNotice,
    LinkReport,
    Prediction,
    ServerMessage,
    Started,
    Stopped,
    Text,
)


class GloveStream:
    """Stream of one glove that reconnects by itself, with the arguments of StreamConnection.

    Each connection begins with a `Started` and numbers its frames from 0. Sending and iterating may run in different
    tasks; one task iterates. Iterating ends after `stop` or `close`, and raises StreamError when the service refuses
    the stream for a reason that trying again does not change.
    """

    def __init__(self, url: str, **options: Unpack[StreamOptions]) -> None:
        self._stopped: Stopped | None = None
        self._frames_sent = 0
        self._frames_lost = 0
        self._url = url
        self._options = options
        self._connection: StreamConnection | None = None
        self._received = ReceiveQueue()
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._stopping = False
        self._is_replaced = False
        """Whether the present connection was closed for one with another glove or wearer."""

    @property
    def started(self) -> Started | None:
        """The service's answer to the start of the present connection; None while there is none."""
        return None if self._connection is None else self._connection.started

    @property
    def stopped(self) -> Stopped | None:
        """The service's summary; None until the stream has ended by `stop`."""
        return self._stopped

    @property
    def frames_sent(self) -> int:
        """Number of frames written to a connection; one that was lost may have lost the last of them."""
        return self._frames_sent

    @property
    def frames_lost(self) -> int:
        """Number of frames passed to `send` while there was no connection."""
        return self._frames_lost

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

    async def open(self) -> Started:
        """Connect, trying until the service is there, and return its answer. Calling it again waits for the same.

        Raises:
            StreamError: the service refuses the stream, or it was closed.
        """
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        try:
            while (started := self.started) is None:
                self._raise_if_failed()
                if self._running.done():
                    raise StreamError("not_open", "the stream is closed: make a new one")
                await self._changed.wait()
        except BaseException:  # without a result the caller has nothing to close
            await self.close()
            raise
        return started

    async def close(self) -> None:
        """Close the stream for good, without waiting for the service's summary. Closing again does nothing."""
        if self._running is None:
            return
        if self._connection is not None:
            await self._connection.close()  # before the task is cancelled, which would interrupt it
        self._running.cancel()
        await asyncio.wait([self._running])

    async def send(self, t_ms: ArrayLike, values: ArrayLike) -> bool:
        """Send frames, as `StreamConnection.send` does; False if there is no connection now and they are lost.

        Raises:
            ValueError: the frames have a wrong shape or an impossible time.
            StreamError: the service has refused the stream, or it was never opened.
        """
        self._raise_if_failed()
        count = np.size(t_ms)
        if self._connection is not None:
            try:
                await self._connection.send(t_ms, values)
            except StreamError:
                pass  # the running task gets the same error, and reconnects
            else:
                self._frames_sent += count
                return True
        self._frames_lost += count
        return False

    async def tell(self, message: LinkReport | DeviceRemark | GloveNotice | GloveLetter | Commanded) -> None:
        """Send a message about the glove, or the answer to a command, as `StreamConnection.tell` does.

        Raises:
            StreamError: there is no connection now.
        """
        await self._connected().tell(message)

    async def edit(self, action: EditAction) -> None:
        """Edit the line of text, as `StreamConnection.edit` does: `space`, `delete`, `commit`, `clear` or `as_signed`.
        A `text` message with the result follows.

        Raises:
            StreamError: there is no connection now, or the service is too old for the edit.
        """
        await self._connected().edit(action)

    async def doubts(self, count: int | None = None, wearer: str | None = None) -> Doubts:
        """Return the shapes that this stream has held and of which an answer would help a wearer most.

        `wearer` None: the one whose profile the stream uses. `count` at most; None: as many as are asked at once.

        Raises:
            StreamError: there is no connection now, `no_wearer`: the stream names none, or the service refuses.
        """
        return await asyncio.to_thread(self._wearer(wearer).doubts, self._connected().started.stream, count)

    async def answer(self, shape: int, label: str, wearer: str | None = None) -> Shown:
        """Store a shape that this stream has held as an example of what it was, of a wearer as in `doubts`. The next
        calibration uses it.

        Raises:
            StreamError: as `doubts`; also `unknown_shape` where the stream keeps it no longer.
        """
        return await asyncio.to_thread(self._wearer(wearer).answer, shape, label, self._connected().started.stream)

    async def keep_words(self, wearer: str | None = None) -> KeptWords:
        """Keep what the words of this stream have shown of the hand as examples, of a wearer as in `doubts`. The next
        calibration uses them.

        Raises:
            StreamError: as `doubts`; also `no_word_examples` where no word has shown a letter so far.
        """
        return await asyncio.to_thread(self._wearer(wearer).keep_words, self._connected().started.stream)

    async def reset(self) -> None:
        """Empty the service's window.

        Raises:
            StreamError: there is no connection now.
        """
        await self._connected().reset()

    async def use_glove(self, glove: str | None = None) -> None:
        """Use the profile of another glove, or none without a name: the service gets a new stream at once, as after a
        lost connection."""
        self._options["glove"] = glove
        await self._restart()

    async def use_wearer(self, wearer: str | None = None, model: str | None = None) -> None:
        """Use the profile of another wearer, or none without a name, in a new stream as `use_glove` does. A profile is
        for one model: name that model unless it is the one that the stream was opened with."""
        self._options["wearer"] = wearer
        if model is not None:
            self._options["model"] = model
        await self._restart()

    async def _restart(self) -> None:
        if self._connection is not None and not self._stopping:
            self._is_replaced = True
            await self._connection.close()

    async def stop(self) -> Stopped:
        """End the stream for good and return the service's summary. Messages that arrive before it can still be read.

        Raises:
            StreamError: there is no connection now, or it was lost before the service answered.
        """
        connection = self._connected()
        self._stopping = True
        self._stopped = await connection.stop()
        return self._stopped

    async def __aiter__(self) -> AsyncIterator[ServerMessage]:
        while True:
            while (message := self._received.take()) is not None:
                yield message
            if self._running is None or self._running.done():
                self._raise_if_failed()
                return
            await self._changed.wait()

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

    def _wearer(self, name: str | None) -> Wearer:
        started = self._connected().started
        if (named := name or started.wearer) is None:
            raise StreamError("no_wearer", "the stream names no wearer whose hand this is: pass one")
        return Wearer(self._url, named, self._options.get("token"), started.model)

    def _connected(self) -> StreamConnection:
        self._raise_if_failed()
        if self._connection is None:
            raise StreamError("not_open", "the stream is not connected now")
        return self._connection

    def _raise_if_failed(self) -> None:
        if self._running is None:
            raise StreamError("not_open", "the stream is not open: call open() first")
        if self._running.done() and not self._running.cancelled() and (failure := self._running.exception()):
            raise failure

    async def _run(self) -> None:
        backoff = Backoff()
        try:
            while True:
                has_ended = await self._use(backoff)
                if self._is_replaced:
                    self._is_replaced = False
                elif has_ended or self._stopping:
                    return
                else:
                    await asyncio.sleep(backoff.next_s())
        finally:
            asyncio.get_running_loop().call_soon(self._wake)  # once this task counts as done

    async def _use(self, backoff: Backoff) -> bool:
        """Connect and receive until the connection ends; return whether it was stopped, not lost.

        Raises:
            StreamError: the service refuses the stream, and would again.
        """
        options = self._options.copy()
        try:
            async with StreamConnection(self._url, **options) as connection:
                if options != self._options:  # others were named meanwhile
                    self._is_replaced = True
                    return False
                self._connection = connection
                self._put(connection.started)
                async for message in connection:
                    if isinstance(message, Prediction):
                        backoff.reset()
                    self._put(message)
        except StreamError as error:
            if error.code in REFUSALS:
                raise
            return False
        finally:
            self._connection = None
        return True

    def _put(self, message: ServerMessage) -> None:
        if isinstance(message, Stopped):
            self._stopped = message
        self._received.put(message)
        self._wake()

    def _wake(self) -> None:
        """Wake the tasks that wait now; later ones check the state before they wait."""
        self._changed.set()
        self._changed.clear()
