"""The stream for programs without asyncio: the same messages, from an event loop in a thread of its own.

from scaleglove.client.sync_stream import SyncGloveStream

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
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from numpy.typing import ArrayLike

from scaleglove.client.connection import (
    Prediction,
    ServerMessage,
    Stopped,
    StreamOptions,
    Text,
)
from scaleglove.client.stream import GloveStream

_Result = TypeVar("_Result")


class SyncGloveStream:
    """A GloveStream whose every method waits. One thread may send while another iterates."""

    def __init__(self, url: str, **options: Unpack[StreamOptions]) -> None:
        self._stream = GloveStream(url, **options)
        self._loop: asyncio.AbstractEventLoop
        self._runs = threading.Event()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="scaleglove-stream", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._runs.wait()
        try:
            self._wait(self._stream.open())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave; the thread ends. Once more does nothing."""
        if not self._thread.is_alive():
            return
        try:
            self._wait(self._stream.close())
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()

    def send(self, t_ms: ArrayLike, values: ArrayLike) -> bool:
        """As `GloveStream.send`."""
        return self._wait(self._stream.send(t_ms, values))

    def stop(self) -> Stopped:
        """As `GloveStream.stop`."""
        return self._wait(self._stream.stop())

    def __iter__(self) -> Iterator[ServerMessage]:
        return self._each(aiter(self._stream))

    def predictions(self) -> Iterator[Prediction]:
        """The predictions alone."""
        return self._each(self._stream.predictions())

    def texts(self) -> Iterator[Text]:
        """The line being written alone, whenever it changes."""
        return self._each(self._stream.texts())

    async def _live(self) -> None:
        """What ends with this is ended properly: `asyncio.run` sees to it."""
        self._loop = asyncio.get_running_loop()
        self._runs.set()
        await self._over.wait()

    def _each(self, messages: AsyncIterator[_Result]) -> Iterator[_Result]:
        async def following() -> _Result | None:
            return await anext(messages, None)

        while (message := self._wait(following())) is not None:
            yield message

    def _wait(self, doing: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result()
