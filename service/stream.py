"""The streaming front door: `/v1/stream`, its viewers, and the list of streams."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Depends, WebSocket
from pydantic import BaseModel, Field

from service.clock import ClockMapping
from service.conversation import Conversation
from service.direct import DirectWebSocket
from service.engine import Engine
from service.glove import GloveConversation
from service.guard import Require, Sender
from service.hub import Hub, Stream
from service.metrics import Metrics
from service.problems import documented
from service.registry import ModelRegistry
from service.settings import Settings
from service.tokens import Role
from service.wire import State, WireError


class StreamInfo(BaseModel):
    stream: str
    model: str
    started_at: datetime
    frames: int = Field(description="frames taken so far")
    rate_hz: float | None = Field(description="frame rate by device time; null until known")
    state: State
    viewers: int
    clock: ClockMapping | None = Field(
        description="the device's clock against the service's (milliseconds since 1970): host time = device time + "
        "offset_ms; null before the first frame"
    )


class StreamList(BaseModel):
    streams: list[StreamInfo]


def stream_router(hub: Hub, registry: ModelRegistry, engine: Engine, settings: Settings, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["streams"])
    viewer = Depends(Require(Role.VIEWER))

    @router.websocket("/v1/stream")
    async def stream(socket: WebSocket, guest: Sender) -> None:
        await GloveConversation(hub, engine, settings, metrics, registry.get, guest.allowance).hold(socket)

    @router.websocket("/v1/streams/{stream}/watch", dependencies=[viewer])
    async def watch(socket: WebSocket, stream: str) -> None:
        await _Viewer(hub, stream, settings.outbox_messages, metrics).hold(socket)

    @router.get("/v1/streams", dependencies=[viewer], responses=documented(401, 403))
    async def list_streams() -> StreamList:
        """The streams that are open now."""
        return StreamList(streams=[_describe(stream) for stream in hub.streams.values()])

    return router


class _Viewer(Conversation):
    """A socket that watches a stream."""

    def __init__(self, hub: Hub, name: str, outbox_messages: int, metrics: Metrics) -> None:
        super().__init__(outbox_messages, metrics)
        self._hub = hub
        self._name = name
        self._watched: Stream | None = None

    def take(self, data: bytes, is_text: bool) -> None:
        self.refuse(WireError("read_only", "a viewer only listens; to send frames open /v1/stream"))

    def _begin(self, channel: DirectWebSocket) -> None:
        self._watched = self._hub.watch(self._name, self, self.outbox)

    def _end(self) -> None:
        if self._watched is not None:
            self._hub.unwatch(self._watched, self, self.outbox)


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
        clock=_on_the_wall(running.clock.mapping),
    )


def _on_the_wall(mapping: ClockMapping | None) -> ClockMapping | None:
    """The mapping to a monotonic clock as one to the time since 1970."""
    if mapping is None:
        return None
    return replace(mapping, offset_ms=round(mapping.offset_ms + (time.time() - time.monotonic()) * 1000, 3))
