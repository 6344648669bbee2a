"""Worker process: serves the connections that its supervisor passes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import Final

from scaleglove.errors import ScaleGloveError
from service.process import prepare_process, settle_process
from service.server import AppServer
from service.settings import Settings
from service.telemetry.logs import log_to_stderr
from service.telemetry.metrics import count_in_files
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import (
    ALIVE,
    FAULT,
    FULL,
    READY,
    TAKEN,
    Kind,
    take,
)

_log = logging.getLogger(__name__)

_ALIVE_TICKS: Final = 3
"""Of uvicorn's tenths of a second, between two signs of life without any news."""


class Worker(AppServer):
    """Server of the connections that arrive over `channel`. It stops when its supervisor has ended."""

    def __init__(self, settings: Settings, identity: WorkerIdentity, channel: socket.socket) -> None:
        super().__init__(settings, identity)
        self._channel = channel
        self._streams: list[asyncio.BaseTransport] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._received = 0
        self._told = -1

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])  # it does not listen itself
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._report(READY)

    async def on_tick(self, counter: int) -> bool:
        self._state.metrics.flush()  # a tenth of a second of counts is lost where this process is killed
        self._streams = [transport for transport in self._streams if not transport.is_closing()]
        if len(self._streams) != self._told or counter % _ALIVE_TICKS == 0:
            self._report_life()
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
        connection, kind = taken
        number = self._received
        self._received += 1
        if connection is None:
            _log.warning("no file descriptor is left for a connection; another worker is asked to take it")
            self._report(FULL, number)
            return
        task = asyncio.create_task(self._open(number, connection, kind))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, number: int, connection: socket.socket, kind: Kind) -> None:
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.connect_accepted_socket(self._new_protocol, connection)
        except OSError as error:
            _log.warning("a connection could not be taken: %s", error.strerror)
            connection.close()
            self._report(FULL, number)
            return
        if kind is Kind.STREAM:
            self._streams.append(transport)
        self._report(TAKEN, number)

    def _new_protocol(self) -> asyncio.Protocol:
        """Make a protocol as uvicorn does for a connection that it accepts itself."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    def _report_life(self) -> None:
        self._told = len(self._streams)
        with contextlib.suppress(BlockingIOError):  # a supervisor that was halted has older ones to read
            self._channel.send(b"%b %d\n" % (ALIVE, self._told))

    def _report(self, message: bytes, number: int | None = None) -> None:
        line = message if number is None else b"%b %d" % (message, number)
        try:
            self._channel.send(line + b"\n")
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
