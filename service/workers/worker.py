"""Worker process: serves the connections that its supervisor passes on."""

from __future__ import annotations

import asyncio
import socket

from scaleglove.errors import ScaleGloveError
from service.process import prepare_process, settle_process
from service.server import AppServer
from service.settings import Settings
from service.telemetry.logs import log_to_stderr
from service.telemetry.metrics import count_in_files
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import (
    FAULT,
    LEFT,
    READY,
    Kind,
    take,
)


class Worker(AppServer):
    """Server of the connections that arrive over `channel`. It stops when its supervisor has ended."""

    def __init__(self, settings: Settings, identity: WorkerIdentity, channel: socket.socket) -> None:
        super().__init__(settings, identity)
        self._channel = channel
        self._streams: list[asyncio.BaseTransport] = []
        self._opening: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])  # it does not listen itself
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._report(READY)

    async def on_tick(self, counter: int) -> bool:
        self._report_ended_streams()
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
        """Make a protocol as uvicorn does for a connection that it accepts itself."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    def _report_ended_streams(self) -> None:
        open_now = [transport for transport in self._streams if not transport.is_closing()]
        for _ in range(len(self._streams) - len(open_now)):
            self._report(LEFT)
        self._streams = open_now

    def _report(self, message: bytes) -> None:
        try:
            self._channel.send(message + b"\n")
        except OSError:
            self.should_exit = True  # the supervisor has ended, or has not read for a long time


def run_worker(settings: Settings, identity: WorkerIdentity, channel: socket.socket) -> None:
    """Run a worker process to its end; if it cannot start, the reason is sent to the supervisor."""
    prepare_process()
    log_to_stderr(settings.log_level, settings.log_format, identity.worker)
    count_in_files(identity)
    try:
        worker = Worker(settings, identity, channel)
    except ScaleGloveError as error:
        channel.sendall(FAULT + b" " + str(error).encode() + b"\n")
        raise SystemExit(1) from None
    settle_process()
    worker.run()
