"""Worker process from the supervisor's side: the process and the channel to it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable

from service.settings import Settings
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import (
    FAULT,
    LEFT,
    READY,
    Kind,
    pass_on,
)


class WorkerProcess:
    """Process of one worker, started at once. `streams` is the number of its streams."""

    def __init__(self, settings: Settings, identity: WorkerIdentity) -> None:
        self.identity = identity
        self.streams = 0
        self.ready = False
        self.has_served = False
        self.fault = ""
        """Reason that it could not start."""
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        with theirs:
            # A new interpreter: a fork would copy threads, locks and open sockets.
            spawn = multiprocessing.get_context("spawn")
            self._process = spawn.Process(target=_work, args=(settings, identity, theirs))
            self._process.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def listen(self, on_ready: Callable[[WorkerProcess], None]) -> int:
        """Handle the messages of the worker until it ends; return its exit status, negative for a signal."""
        rest = b""
        while received := await self._receive():
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                kind, _, more = line.partition(b" ")
                if kind == READY:
                    self.ready = self.has_served = True
                    on_ready(self)
                elif kind == LEFT:
                    self.streams -= 1
                elif kind == FAULT:
                    self.fault = more.decode()
        self.ready = False
        self._channel.close()
        await asyncio.to_thread(self._process.join)
        status = self._process.exitcode
        assert status is not None
        return status

    def take(self, connection: socket.socket, kind: Kind) -> bool:
        """Pass a connection to the worker; return False if it does not accept any."""
        if not self.ready or not pass_on(self._channel, connection, kind):
            return False
        self.streams += kind is Kind.STREAM
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal if the process is still running."""
        if self._process.is_alive() and self.pid is not None:
            os.kill(self.pid, number)

    async def _receive(self) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(self._channel, 4096)
        except ConnectionError:
            return b""


def _work(settings: Settings, identity: WorkerIdentity, channel: socket.socket) -> None:
    os.setsid()  # Ctrl-C reaches the supervisor, which passes it on
    # Imported here, because the supervisor does not need the imports of a worker.
    from service.workers.worker import run_worker  # noqa: PLC0415

    run_worker(settings, identity, channel)
