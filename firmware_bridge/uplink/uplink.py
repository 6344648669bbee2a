"""Connection from the bridge to the service: a stream that is reopened when it is lost, without losing frames."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

import numpy as np

from firmware_bridge.codec.events import Event, FrameRead, FramesMissing, Notice, Remark
from firmware_bridge.uplink.glove_labels import NamedLetter
from firmware_bridge.uplink.pacing import DevicePredictions, SendThrottle
from firmware_bridge.uplink.retransmit_buffer import RetransmitBuffer
from scaleglove.backoff import Backoff
from scaleglove.client import (
    Command,
    Commanded,
    DeviceRemark,
    GloveLetter,
    GloveNotice,
    LinkReport,
    Prediction,
    ServerMessage,
    Started,
    StreamConnection,
    StreamError,
)
from scaleglove.client.websocket import REFUSALS

_STOP_S: Final = 5.0
"""Time for the service to report how many frames it took; after that they count as lost. A busy one needs more than a
second for it, and frames that it took must not be said to be lost."""

_FIND_S: Final = 2.0
"""Time that the first stream waits for the glove: a port is opened within it, and a glove that runs is found among
several. The page still shows soon that one is searched for."""

_MAX_REMARKS: Final = 32
"""Remarks kept while the service is away: those of a glove that starts, several times over."""

_MAX_REMARK_CHARACTERS: Final = 200
"""The service's limit; this project's firmware sends less."""

_MAX_NOTICE: Final = 300
"""The service's limit."""


class ServiceObserver(Protocol):
    """Callbacks for events of the service; every call must return immediately."""

    def started(self, started: Started) -> None:
        """Handle the start of a stream (a new one after each reconnect)."""
        ...

    def message(self, message: ServerMessage) -> None:
        """Handle a message of the service."""
        ...

    def glove_letter(self, letter: GloveLetter) -> None:
        """Handle a prediction of the glove itself; it is also sent to a service that accepts it."""
        ...

    def service_lost(self, why: str, retry_s: float) -> None:
        """Handle the loss of the stream, with its reason; the next attempt is in `retry_s` seconds."""
        ...


class Uplink:
    """Sender of what `put` and `report` are given, through the streams that `new_stream` makes.

    `run_command` runs a command of the service on the glove and returns the answer for the service.
    """

    def __init__(
        self,
        new_stream: Callable[[], StreamConnection],
        observer: ServiceObserver,
        run_command: Callable[[Command], Awaitable[Commanded]],
        buffer: RetransmitBuffer,
    ) -> None:
        self._new_stream = new_stream
        self._observer = observer
        self._run_command = run_command
        self._buffer = buffer
        self._throttle = SendThrottle()
        self._predictions = DevicePredictions()
        self._remarks: deque[DeviceRemark] = deque(maxlen=_MAX_REMARKS)
        self._notices: dict[str, GloveNotice] = {}
        """What was said about the glove, by code: it holds for every stream."""
        self._unsent_notices: deque[GloveNotice] = deque()
        self._report: LinkReport | None = None
        self._sent_report: LinkReport | None = None
        self._has_data = asyncio.Event()
        self._has_started = False
        self._board: str | None = None
        self._may_begin = asyncio.Event()
        self._is_replaced = asyncio.Event()
        """Another glove than the present stream's is at the port."""

    def put(self, events: Iterable[Event | NamedLetter]) -> None:
        """Queue events for the service: frames, known losses between them, device predictions and remarks."""
        for event in events:
            if isinstance(event, FrameRead):
                self._buffer.put(event.t_ms, event.values)
            elif isinstance(event, FramesMissing) and event.reason == "sequence":
                self._buffer.skip(event.count)  # losses that only the times show, the service detects itself
            elif isinstance(event, NamedLetter):
                number = self._buffer.number_at(event.letter.t_ms)
                self._observer.glove_letter(self._predictions.put(event, number))
            elif isinstance(event, Remark):
                self._remarks.append(DeviceRemark(event.text[:_MAX_REMARK_CHARACTERS], dict(event.values)))
            elif isinstance(event, Notice):
                notice = GloveNotice(event.code.value, event.text[:_MAX_NOTICE], event.channel, dict(event.values))
                self._notices[event.code] = notice
                self._unsent_notices.append(notice)
        self._has_data.set()

    def found(self, board: str | None) -> None:
        """Take the identity of the board that the next events are of (`scaleglove.usb_identity`; None: not on USB).

        A stream is of one glove: another board than before begins another stream, and what was not sent yet is dropped.
        """
        self.begin()
        if board == self._board:
            return
        self._board = board
        self._buffer.discard_pending()
        self._predictions = DevicePredictions()
        self._report = self._sent_report = None
        self._remarks.clear()
        self._notices.clear()
        self._unsent_notices.clear()
        self._is_replaced.set()

    def begin(self) -> None:
        """Wait no longer for the glove before the first stream."""
        self._may_begin.set()

    def report(self, report: LinkReport) -> None:
        """Queue the newest report of the link to the glove."""
        self._report = report
        self._has_data.set()

    async def run(self) -> None:
        """Keep a stream open until cancelled; then count the frames that no stream has acknowledged as lost.

        The first stream begins when the glove is found, so that it says which it is, or a moment later.

        Raises:
            StreamError: the service's address is invalid; or before the first stream began, the service refuses the
                token or the stream's options.
        """
        backoff = Backoff()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FIND_S):
                    await self._may_begin.wait()
            while True:
                stream = self._new_stream()
                error = await self._run_stream(stream, backoff)
                if error is None:
                    continue
                if error.code in REFUSALS and not self._has_started:
                    raise error
                retry_s = backoff.next_s()
                self._observer.service_lost(_advised(error), retry_s)
                await asyncio.sleep(retry_s)
        finally:
            self._buffer.close()

    async def _run_stream(self, stream: StreamConnection, backoff: Backoff) -> StreamError | None:
        """Use one stream until it ends, and return the reason; None: there is another glove now."""
        self._is_replaced.clear()
        try:
            await stream.open(self._board)
        except StreamError as error:
            return error
        self._has_started = True
        try:
            return await self._exchange(stream, backoff)
        finally:
            await self._stop(stream)

    async def _exchange(self, stream: StreamConnection, backoff: Backoff) -> StreamError | None:
        self._observer.started(stream.started)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self._send_loop(stream))
            receiving = tasks.create_task(self._receive(stream, backoff))
            replaced = tasks.create_task(self._is_replaced.wait())
            await asyncio.wait({receiving, replaced}, return_when=asyncio.FIRST_COMPLETED)
            error = receiving.result() if receiving.done() else None
            for task in (sending, receiving, replaced):
                task.cancel()
        if error is not None and error.code == "bad_message":
            self._buffer.discard_sent()  # the service would reject the same frames again
        return error

    async def _receive(self, stream: StreamConnection, backoff: Backoff) -> StreamError:
        try:
            async for message in stream:
                if isinstance(message, Command):
                    await stream.tell(await self._run_command(message))
                elif isinstance(message, Prediction):
                    self._buffer.acknowledge(message.seq)
                    backoff.reset()
                self._observer.message(message)
        except StreamError as error:
            return error
        return StreamError("stopped", "the service has ended the stream")

    async def _send_loop(self, stream: StreamConnection) -> None:
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(StreamError):  # `_receive` gets the same error
            if self._sent_report is not None:
                await stream.tell(self._sent_report)  # the service counts from a stream's first report
            self._unsent_notices = deque(self._notices.values())
            while True:
                self._has_data.clear()
                await self._send_queued(stream)
                await self._has_data.wait()
                await asyncio.sleep(self._throttle.wait_s(clock()))

    async def _send_queued(self, stream: StreamConnection) -> None:
        while not self._is_replaced.is_set() and (batch := self._buffer.take()) is not None:
            await stream.send(batch.t_ms, np.array(batch.values, np.float32), seq=batch.seq)
            self._throttle.sent(asyncio.get_running_loop().time())
            await self._send_predictions(stream, batch.t_ms[-1])
        if self._is_replaced.is_set():
            return  # what is queued is of another glove than this stream
        await self._send_predictions(stream, math.inf)
        while self._unsent_notices:
            await stream.tell(self._unsent_notices.popleft())
        while self._remarks:
            await stream.tell(self._remarks.popleft())
        if self._report is not None and self._report is not self._sent_report:
            self._sent_report = self._report
            await stream.tell(self._report)

    async def _send_predictions(self, stream: StreamConnection, sent_ms: float) -> None:
        while (letter := self._predictions.take(sent_ms)) is not None:
            await stream.tell(letter)

    async def _stop(self, stream: StreamConnection) -> None:
        """Send what is queued and acknowledge the frames that the service reports it took, if it still answers."""
        with contextlib.suppress(StreamError, TimeoutError):
            async with asyncio.timeout(_STOP_S):
                if not self._is_replaced.is_set():
                    await self._send_queued(stream)
                stopped = await stream.stop()
                self._buffer.acknowledge_count(stopped.frames + stopped.late_frames + stopped.duplicate_frames)
        await stream.close()
        if self._is_replaced.is_set():
            self._buffer.discard_sent()  # the next stream is of another glove
        self._buffer.requeue()


def _advised(error: StreamError) -> str:
    """Return the words of an error, and what to do if there is no service."""
    if error.code != "cannot_connect":
        return str(error)
    return f"{error}; start it with `scaleglove serve`, or name another with --url"
