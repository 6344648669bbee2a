"""GloveStream for programs without asyncio: the same methods, from an event loop in a background thread.

from scaleglove.client import SyncGloveStream

with SyncGloveStream("http://127.0.0.1:8000") as stream:
    for t_ms, values in readings:
        stream.send([t_ms], [values])
    print(stream.stop())
    for prediction in stream.predictions():
        print(prediction.label)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from numpy.typing import ArrayLike

from scaleglove.client.connection import StreamOptions
from scaleglove.client.stream import GloveStream
from scaleglove.client.wearers import Doubts, KeptWords, Shown
from scaleglove.client.websocket import StreamError
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

_Result = TypeVar("_Result")


class SyncGloveStream:
    """GloveStream whose methods block. One thread may send while another iterates.

    Every method raises what its counterpart in GloveStream raises, and a StreamError of the code `not_open` before
    `open` and after `close`.
    """

    def __init__(self, url: str, **options: Unpack[StreamOptions]) -> None:
        self._stream = GloveStream(url, **options)
        self._loop: asyncio.AbstractEventLoop
        self._state = threading.Lock()
        self._is_open = False
        self._ready = threading.Event()
        self._closed = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="scaleglove-stream", daemon=True)

    @property
    def started(self) -> Started | None:
        """The service's answer to the start of the present connection; None while there is none."""
        return self._stream.started

    @property
    def stopped(self) -> Stopped | None:
        """The service's summary; None until the stream has ended by `stop`."""
        return self._stream.stopped

    @property
    def frames_sent(self) -> int:
        """Number of frames written to a connection; one that was lost may have lost the last of them."""
        return self._stream.frames_sent

    @property
    def frames_lost(self) -> int:
        """Number of frames passed to `send` while there was no connection."""
        return self._stream.frames_lost

    @property
    def unread(self) -> int:
        """Number of messages dropped because they were not read in time."""
        return self._stream.unread

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> Started:
        """Connect, trying until the service is there, and return its answer. Calling it again waits for the same."""
        with self._state:
            if not self._ready.is_set():
                self._thread.start()
                self._ready.wait()
                self._is_open = True
        try:
            return self._wait(self._stream.open())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the stream for good and end the thread. Closing again does nothing."""
        with self._state:
            if not self._is_open:
                return
            self._is_open = False  # from here on nothing is submitted to the loop, which ends
        try:
            asyncio.run_coroutine_threadsafe(self._stream.close(), self._loop).result()
        finally:
            self._loop.call_soon_threadsafe(self._closed.set)
            self._thread.join()

    def send(self, t_ms: ArrayLike, values: ArrayLike) -> bool:
        """Send frames; False if there is no connection now and they are lost."""
        return self._wait(self._stream.send(t_ms, values))

    def tell(self, message: LinkReport | DeviceRemark | GloveNotice | GloveLetter | Commanded) -> None:
        """Send a message about the glove, or the answer to a command."""
        self._wait(self._stream.tell(message))

    def edit(self, action: EditAction) -> None:
        """Edit the line of text: `space`, `delete`, `commit`, `clear` or `as_signed`. A `text` message with the result
        follows."""
        self._wait(self._stream.edit(action))

    def doubts(self, count: int | None = None, wearer: str | None = None) -> Doubts:
        """Return the shapes that this stream has held and of which an answer would help a wearer most."""
        return self._wait(self._stream.doubts(count, wearer))

    def answer(self, shape: int, label: str, wearer: str | None = None) -> Shown:
        """Store a shape that this stream has held as an example of what it was."""
        return self._wait(self._stream.answer(shape, label, wearer))

    def keep_words(self, wearer: str | None = None) -> KeptWords:
        """Keep what the words of this stream have shown of the hand as examples."""
        return self._wait(self._stream.keep_words(wearer))

    def reset(self) -> None:
        """Empty the service's window."""
        self._wait(self._stream.reset())

    def use_glove(self, glove: str | None = None) -> None:
        """Use the profile of another glove, or none without a name, in a new stream."""
        self._wait(self._stream.use_glove(glove))

    def use_wearer(self, wearer: str | None = None, model: str | None = None) -> None:
        """Use the profile of another wearer, or none without a name, in a new stream; `model`: that of the profile."""
        self._wait(self._stream.use_wearer(wearer, model))

    def stop(self) -> Stopped:
        """End the stream for good and return the service's summary; messages before it can still be read."""
        return self._wait(self._stream.stop())

    def __iter__(self) -> Iterator[ServerMessage]:
        return self._iterate(aiter(self._stream))

    def predictions(self) -> Iterator[Prediction]:
        """Iterate over the predictions; other messages are discarded."""
        return self._iterate(self._stream.predictions())

    def texts(self) -> Iterator[Text]:
        """Iterate over the states of the line of text; other messages are discarded."""
        return self._iterate(self._stream.texts())

    async def _run(self) -> None:
        """Keep the loop running until `close`; `asyncio.run` then cancels what is left."""
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._closed.wait()

    def _iterate(self, messages: AsyncIterator[_Result]) -> Iterator[_Result]:
        async def following() -> _Result | None:
            return await anext(messages, None)

        was_open = self._is_open
        while True:
            try:
                message = self._wait(following())
            except StreamError as error:
                if was_open and error.code == "not_open":  # another thread has closed the stream
                    return
                raise
            if message is None:
                return
            yield message

    def _wait(self, call: Coroutine[Any, Any, _Result]) -> _Result:
        with self._state:
            if not self._is_open:
                call.close()
                state = "closed: make a new one" if self._ready.is_set() else "not open: call open() first"
                raise StreamError("not_open", f"the stream is {state}")
            result = asyncio.run_coroutine_threadsafe(call, self._loop)
        try:
            return result.result()
        except CancelledError:
            raise StreamError("not_open", "the stream was closed by another thread") from None
