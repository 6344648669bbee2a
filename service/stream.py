"""The streaming front door: `/v1/stream`, its viewers, and the list of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np
from fastapi import APIRouter, Depends, WebSocket
from pydantic import BaseModel, Field

from service.conversation import hold, receive
from service.engine import Model
from service.guard import Require
from service.hub import Hub, Outbox, Stream, new_stream_name
from service.metrics import Metrics
from service.origin import origin_check
from service.problems import documented
from service.registry import ModelRegistry
from service.session import ClientMessage, StreamSession
from service.settings import Settings
from service.tokens import Role
from service.window import StreamWindow
from service.wire import Frames, Gap, ServerMessage, Started, State, Stopped, ViewedFrames, WireError

_BREATH: Final = 8
"""Messages produced before other streams get their turn."""

_VIEWED_DECIMALS: Final = 3


class StreamInfo(BaseModel):
    stream: str
    model: str
    started_at: datetime
    frames: int = Field(description="frames taken so far")
    rate_hz: float | None = Field(description="frame rate by device time; null until known")
    state: State
    viewers: int


class StreamList(BaseModel):
    streams: list[StreamInfo]


def stream_router(hub: Hub, registry: ModelRegistry, settings: Settings, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["streams"])
    from_own_page = Depends(origin_check(settings))
    viewer, sender = Depends(Require(Role.VIEWER)), Depends(Require(Role.SENDER))

    def find_model(name: str | None) -> Model:
        return registry.get(name)

    @router.websocket("/v1/stream", dependencies=[from_own_page, sender])
    async def stream(socket: WebSocket) -> None:
        await _GloveConversation(socket, hub, settings, metrics, find_model).run()

    @router.websocket("/v1/streams/{stream}/watch", dependencies=[from_own_page, viewer])
    async def watch(socket: WebSocket, stream: str) -> None:
        await _view(socket, hub, stream)

    @router.get("/v1/streams", dependencies=[viewer], responses=documented(401, 403))
    async def list_streams() -> StreamList:
        """The streams that are open now."""
        return StreamList(streams=[_describe(stream) for stream in hub.streams.values()])

    return router


class _GloveConversation:
    """A socket that brings frames."""

    def __init__(
        self,
        socket: WebSocket,
        hub: Hub,
        settings: Settings,
        metrics: Metrics,
        find_model: Callable[[str | None], Model],
    ) -> None:
        self._socket = socket
        self._hub = hub
        self._start_timeout_s = settings.start_timeout_s
        self._metrics = metrics
        self._outbox = hub.new_outbox()
        self._session = StreamSession(
            new_stream_name(), find_model, settings.stale_after_ms, lambda: self._outbox.dropped
        )
        self._stream: Stream | None = None
        self._counted = 0, 0

    async def run(self) -> None:
        try:
            await hold(self._socket, self._outbox, self._listen, self._watch_clock)
        finally:
            self._hub.leave(self._outbox)
            if self._stream is not None:
                self._hub.close(self._stream)

    async def _listen(self) -> None:
        self._hub.join(self._outbox)
        message = await self._first_message()
        while True:
            await self._take(message)
            if self._session.over:
                return
            message = await receive(self._socket)

    async def _first_message(self) -> ClientMessage:
        try:
            async with asyncio.timeout(self._start_timeout_s):
                return await receive(self._socket)
        except TimeoutError:
            raise WireError("start_timeout", f"no start message within {self._start_timeout_s:g} s") from None

    async def _take(self, message: ClientMessage) -> None:
        if isinstance(message, Frames):
            self._show_frames(message)
        for number, answer in enumerate(self._session.receive(message), start=1):
            self._publish(answer)
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        self._session.done(_now_ms())
        if self._session.running is not None:
            self._count_frames(self._session.running.window)

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(max(1.0, self._session.quiet_ms(_now_ms())) / 1000)
            for message in self._session.tick(_now_ms()):
                self._publish(message)

    def _publish(self, message: ServerMessage) -> None:
        self._outbox.put(message)
        if isinstance(message, Started):
            self._stream = self._hub.open(self._session, message)
        elif self._stream is not None and not isinstance(message, Stopped):  # `Hub.close` tells the viewers of the end
            self._stream.show(message)
        if isinstance(message, Gap):
            self._metrics.gaps.labels(message.reason).inc()

    def _count_frames(self, window: StreamWindow) -> None:
        frames, late = window.frames, window.late_frames
        self._metrics.frames.inc(frames - self._counted[0])
        self._metrics.late_frames.inc(late - self._counted[1])
        self._counted = frames, late

    def _show_frames(self, frames: Frames) -> None:
        if self._stream is not None and self._stream.viewers:
            values = frames.values.astype(np.float64).round(_VIEWED_DECIMALS).tolist()
            self._stream.show(ViewedFrames(frames.seq, frames.t_ms.tolist(), values))


async def _view(socket: WebSocket, hub: Hub, name: str) -> None:
    """A socket that watches a stream."""
    outbox: Outbox = hub.new_outbox()
    watched: Stream | None = None

    async def listen() -> None:
        nonlocal watched
        watched = hub.watch(name, outbox)
        await receive(socket)
        raise WireError("read_only", "a viewer only listens; to send frames open /v1/stream")

    try:
        await hold(socket, outbox, listen)
    finally:
        if watched is not None:
            hub.unwatch(watched, outbox)


def _describe(stream: Stream) -> StreamInfo:
    running = stream.session.running
    assert running is not None  # only a stream that has started is listed
    rate_hz = running.window.rate_hz
    return StreamInfo(
        stream=stream.session.stream,
        model=stream.started.model,
        started_at=stream.started_at,
        frames=running.window.frames,
        rate_hz=None if rate_hz is None else round(rate_hz, 2),
        state=running.state,
        viewers=len(stream.viewers),
    )


def _now_ms() -> float:
    return asyncio.get_running_loop().time() * 1000
