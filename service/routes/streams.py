"""The streaming interface: `/v1/stream`, the viewers of a stream, and the list of streams."""

from __future__ import annotations

from contextlib import ExitStack

from fastapi import APIRouter, Depends, WebSocket

from scaleglove.protocol import WireError
from service.auth.require import Require, Sender
from service.auth.tokens import Role
from service.directory.local import Directory, StreamList
from service.problems import documented
from service.state import ServiceState
from service.streams.glove_connection import GloveConnection, StreamServices
from service.streams.hub import Hub
from service.streams.stream_telemetry import StreamTelemetry
from service.streams.websocket.connection import Connection
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from service.telemetry.metrics import Metrics


def stream_router(state: ServiceState) -> APIRouter:
    """Return the routes of streams."""
    router = APIRouter(tags=["streams"])
    viewer = Depends(Require(Role.VIEWER))
    hub, directory, settings, metrics = state.hub, state.directory, state.settings, state.metrics
    services = StreamServices(
        hub, state.engine, settings, metrics, state.registry.get, state.load_profile, state.choose_glove
    )

    @router.websocket("/v1/stream")
    async def stream(socket: WebSocket, principal: Sender) -> None:
        name, quota = hub.new_stream_name(), principal.quota
        tracing = state.tracing
        telemetry = StreamTelemetry(name, metrics, None if tracing is None else tracing.stream(name, socket.headers))
        await GloveConnection(services, quota, telemetry).run(socket)

    @router.websocket("/v1/streams/{stream}/watch", dependencies=[viewer])
    async def watch(socket: WebSocket, stream: str) -> None:
        await _Viewer(hub, directory, stream, settings.outbox_messages, metrics).run(socket)

    @router.get("/v1/streams", dependencies=[viewer], responses=documented(401, 403, 503))
    async def list_streams() -> StreamList:
        """Return the running streams of all workers."""
        return await directory.list()

    return router


class _Viewer(Connection):
    """The connection of a viewer."""

    def __init__(self, hub: Hub, directory: Directory, name: str, outbox_messages: int, metrics: Metrics) -> None:
        super().__init__(outbox_messages, metrics)
        self._hub = hub
        self._directory = directory
        self._name = name
        self._leaving = ExitStack()

    def take(self, data: bytes, is_text: bool) -> None:
        self.refuse(WireError("read_only", "a viewer cannot send messages; to send frames open /v1/stream"))

    def _begin(self, channel: FastWebSocketProtocol) -> None:
        self._hub.join_viewer(self)
        self._leaving.callback(self._hub.leave_viewer, self)
        self._leaving.callback(self._directory.watch(self._name, self))

    def _end(self) -> None:
        self._leaving.close()
