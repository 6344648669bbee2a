"""One of several worker processes: serves the connections that its supervisor passes on."""

from __future__ import annotations

import asyncio
import socket

from scaleglove.errors import ScaleGloveError
from service.process import prepare_process, settle_process
from service.server import AppServer
from service.settings import Settings
from service.telemetry.logs import log_to_stderr
from service.telemetry.shared_counts import share
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import (
    FAULT,
    LEFT,
    READY,
    Kind,
    take,
)


class Worker(AppServer):
    """The service on the connections that come through `channel`. It stops when its supervisor is gone."""

    def __init__(self, settings: Settings, place: WorkerIdentity, channel: socket.socket) -> None:
        super().__init__(settings, place)
        self._channel = channel
        self._streams: list[asyncio.BaseTransport] = []
        self._opening: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])  # it listens nowhere
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._tell(READY)

    async def on_tick(self, counter: int) -> bool:
        self._tell_who_left()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._channel)
        await super().shutdown(sockets)

    def _take(self) -> None:
        try:
            taken = take(self._channel)
        except BlockingIOError:
            return
        if taken is None:
            asyncio.get_running_loop().remove_reader(self._channel)
            self.should_exit = True
            return
        task = asyncio.create_task(self._open(*taken))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket, kind: Kind) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(self._new_protocol, connection)
        if kind is Kind.STREAM:
            self._streams.append(transport)

    def _new_protocol(self) -> asyncio.Protocol:
        """As uvicorn makes one for each connection that it accepts itself."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    def _tell_who_left(self) -> None:
        open_now = [transport for transport in self._streams if not transport.is_closing()]
        for _ in range(len(self._streams) - len(open_now)):
            self._tell(LEFT)
        self._streams = open_now

    def _tell(self, what: bytes) -> None:
        try:
            self._channel.send(what + b"\n")
        except OSError:
            self.should_exit = True  # nobody is there, or nobody has listened for long


def run_worker(settings: Settings, place: WorkerIdentity, channel: socket.socket) -> None:
    """The whole life of a worker process; why it cannot begin goes to the supervisor, in words."""
    prepare_process()
    log_to_stderr(settings.log_level, settings.log_format, place.worker)
    share(place)
    try:
        worker = Worker(settings, place, channel)
    except ScaleGloveError as error:
        channel.sendall(FAULT + b" " + str(error).encode() + b"\n")
        raise SystemExit(1) from None
    settle_process()
    worker.run()
