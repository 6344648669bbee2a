"""One worker as its supervisor sees it: a process, and the channel that leads to it."""

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
    """A process that is being started. `streams` is how many it has."""

    def __init__(self, settings: Settings, place: WorkerIdentity) -> None:
        self.place = place
        self.streams = 0
        self.ready = False
        self.has_served = False
        self.fault = ""
        """Why it could not begin, in its own words."""
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        with theirs:
            # A fresh interpreter: a fork would carry over threads, locks and open sockets.
            spawn = multiprocessing.get_context("spawn")
            self._process = spawn.Process(target=_work, args=(settings, place, theirs))
            self._process.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def listen(self, on_ready: Callable[[WorkerProcess], None]) -> int:
        """Take what the worker says until it is gone; gives its exit status, negative for a signal."""
        rest = b""
        while heard := await self._hear():
            *lines, rest = (rest + heard).split(b"\n")
            for line in lines:
                word, _, more = line.partition(b" ")
                if word == READY:
                    self.ready = self.has_served = True
                    on_ready(self)
                elif word == LEFT:
                    self.streams -= 1
                elif word == FAULT:
                    self.fault = more.decode()
        self.ready = False
        self._channel.close()
        await asyncio.to_thread(self._process.join)
        status = self._process.exitcode
        assert status is not None
        return status

    def take(self, connection: socket.socket, kind: Kind) -> bool:
        """Give a connection to the worker; False where it takes none."""
        if not self.ready or not pass_on(self._channel, connection, kind):
            return False
        self.streams += kind is Kind.STREAM
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the process is still there."""
        if self._process.is_alive() and self.pid is not None:
            os.kill(self.pid, number)

    async def _hear(self) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(self._channel, 4096)
        except ConnectionError:
            return b""


def _work(settings: Settings, place: WorkerIdentity, channel: socket.socket) -> None:
    os.setsid()  # Ctrl-C is said to the supervisor, which passes it on
    # The supervisor has no use for all that a worker imports.
    from service.workers.worker import run_worker  # noqa: PLC0415

    run_worker(settings, place, channel)
