"""The bridge's way to the service: one stream after another, and no frame lost in between while there is room."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from firmware_bridge.codec.events import Event, FrameRead, FramesMissing, LetterRead, Remark
from firmware_bridge.uplink.device_predictions import DevicePredictions
from firmware_bridge.uplink.retransmit_buffer import RetransmitBuffer
from firmware_bridge.uplink.send_throttle import SendThrottle
from scaleglove.client import (
    Command,
    Commanded,
    DeviceRemark,
    GloveLetter,
    LinkReport,
    Prediction,
    ServerMessage,
    Started,
    StreamConnection,
    StreamError,
)
from scaleglove.client.backoff import Backoff
from scaleglove.client.websocket import REFUSALS

_STOP_S: Final = 1.0
"""How long a service may take to say how many frames it took; after that they count as lost."""

_MAX_REMARKS: Final = 32
"""Remarks kept while the service is away: what a glove says when it starts, several times over."""

_MAX_REMARK: Final = 200
"""Characters that the service takes; firmware of ours says less."""


class ServiceObserver(Protocol):
    """Whom the uplink tells what the service does; every call must return at once."""

    def started(self, started: Started) -> None:
        """The service has begun a stream (a new one after each reconnect)."""
        ...

    def message(self, message: ServerMessage) -> None:
        """The service said something."""
        ...

    def glove_letter(self, letter: GloveLetter) -> None:
        """The glove itself has recognised a letter; the service is told too, if there is one that wants to know."""
        ...

    def service_lost(self, why: str, retry_s: float) -> None:
        """There is no stream, for the reason `why`; the next try is in `retry_s` seconds."""
        ...


class Uplink:
    """Sends what `put` and `report` give through the streams that `new_stream` makes.

    `obey` tells the glove a command of the service, and gives the answer for the service.
    """

    def __init__(
        self,
        new_stream: Callable[[], StreamConnection],
        observer: ServiceObserver,
        obey: Callable[[Command], Awaitable[Commanded]],
        unsent: RetransmitBuffer,
    ) -> None:
        self._new_stream = new_stream
        self._observer = observer
        self._obey = obey
        self._unsent = unsent
        self._coalescing = SendThrottle()
        self._letters = DevicePredictions()
        self._remarks: deque[str] = deque(maxlen=_MAX_REMARKS)
        self._report: LinkReport | None = None
        self._reported: LinkReport | None = None
        self._news = asyncio.Event()
        self._has_started = False

    def put(self, events: Iterable[Event]) -> None:
        """Send these on when there is a stream: frames, what is known to be lost between them, letters and remarks."""
        for event in events:
            if isinstance(event, FrameRead):
                self._unsent.put(event.t_ms, event.values)
            elif isinstance(event, FramesMissing) and event.reason == "sequence":
                self._unsent.skip(event.count)  # where only the time tells, the service sees it too
            elif isinstance(event, LetterRead):
                self._observer.glove_letter(self._letters.put(event, self._unsent.number_at(event.t_ms)))
            elif isinstance(event, Remark):
                self._remarks.append(event.text[:_MAX_REMARK])
        self._news.set()

    def report(self, report: LinkReport) -> None:
        """Tell the service how the link to the glove is now."""
        self._report = report
        self._news.set()

    async def run(self) -> None:
        """Keep a stream open until cancelled; then the frames that no stream has answered are counted as lost.

        Raises:
            StreamError: the service's address is none; or before the first stream began, the service refuses the token
                or what the stream asks for.
        """
        backoff = Backoff()
        try:
            while True:
                stream = self._new_stream()
                trouble = await self._use(stream, backoff)
                if trouble.code in REFUSALS and not self._has_started:
                    raise trouble
                retry_s = backoff.next_s()
                self._observer.service_lost(str(trouble), retry_s)
                await asyncio.sleep(retry_s)
        finally:
            self._unsent.close()

    async def _use(self, stream: StreamConnection, backoff: Backoff) -> StreamError:
        """Converse as long as the service does; gives the reason when it stops."""
        try:
            await stream.open()
        except StreamError as error:
            return error
        self._has_started = True
        try:
            return await self._converse(stream, backoff)
        finally:
            await self._leave(stream)

    async def _converse(self, stream: StreamConnection, backoff: Backoff) -> StreamError:
        self._observer.started(stream.started)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self._send_on(stream))
            trouble = await self._listen(stream, backoff)
            sending.cancel()
        if trouble.code == "bad_message":
            self._unsent.give_up()  # what a service refuses once it refuses again
        return trouble

    async def _listen(self, stream: StreamConnection, backoff: Backoff) -> StreamError:
        try:
            async for message in stream:
                if isinstance(message, Command):
                    await stream.tell(await self._obey(message))
                elif isinstance(message, Prediction):
                    self._unsent.answered(message.seq)
                    backoff.reset()
                self._observer.message(message)
        except StreamError as error:
            return error
        return StreamError("stopped", "the service has ended the stream")

    async def _send_on(self, stream: StreamConnection) -> None:
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(StreamError):  # whoever listens to the stream learns the same
            if self._reported is not None:
                await stream.tell(self._reported)  # the service counts from the first report of a stream on
            while True:
                self._news.clear()
                await self._send(stream)
                await self._news.wait()
                await asyncio.sleep(self._coalescing.wait_s(clock()))

    async def _send(self, stream: StreamConnection) -> None:
        """Send what is there to be sent."""
        while (batch := self._unsent.take()) is not None:
            await stream.send(batch.t_ms, batch.values, seq=batch.seq)
            self._coalescing.sent(asyncio.get_running_loop().time())
            await self._tell_letters(stream, batch.t_ms[-1])
        await self._tell_letters(stream, math.inf)
        while self._remarks:
            await stream.tell(DeviceRemark(self._remarks.popleft()))
        if self._report is not None and self._report is not self._reported:
            self._reported = self._report
            await stream.tell(self._report)

    async def _tell_letters(self, stream: StreamConnection, sent_ms: float) -> None:
        while (letter := self._letters.take(sent_ms)) is not None:
            await stream.tell(letter)

    async def _leave(self, stream: StreamConnection) -> None:
        """Send what still waits, and let the service say how many frames it took, if it still can."""
        with contextlib.suppress(StreamError, TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await self._send(stream)
                stopped = await stream.stop()
                self._unsent.taken(stopped.frames + stopped.late_frames + stopped.duplicate_frames)
        await stream.close()
        self._unsent.reopened()
