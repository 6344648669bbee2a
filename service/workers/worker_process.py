"""Worker process from the supervisor's side: the process and the channel to it."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

from service.settings import Settings
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import (
    ALIVE,
    FAULT,
    FULL,
    READY,
    TAKEN,
    Kind,
    pass_on,
)

_FULL_S: Final = 1.0
"""Time for which a worker that had no file descriptor left is asked last."""

_READ_BYTES: Final = 64 * 1024
"""More than a channel holds: whatever a supervisor that was late has to read comes at once."""


class WorkerProcess:
    """Process of one worker, started at once. `heard_s` is when it gave its last sign of life, by a monotonic clock."""

    def __init__(self, settings: Settings, identity: WorkerIdentity) -> None:
        self.identity = identity
        self.heard_s = time.monotonic()
        self.ready = False
        self.has_served = False
        self.was_killed = False
        self.fault = ""
        """Reason that it could not start."""
        self._open_streams = 0
        self._full_until_s = -math.inf
        self._passed = 0
        self._unanswered: dict[int, tuple[Kind, asyncio.Future[bool]]] = {}
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

    @property
    def streams(self) -> int:
        """Number of its streams, with those that it was given and has not answered yet."""
        return self._open_streams + sum(kind is Kind.STREAM for kind, _ in self._unanswered.values())

    @property
    def is_full(self) -> bool:
        """Whether it had no file descriptor left a moment ago."""
        return time.monotonic() < self._full_until_s

    async def listen(self, on_ready: Callable[[WorkerProcess], None]) -> int:
        """Handle the messages of the worker until it ends; return its exit status, negative for a signal."""
        rest = b""
        while received := await self._receive():
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                kind, _, more = line.partition(b" ")
                self.heard_s = time.monotonic()
                if kind == READY:
                    self.ready = self.has_served = True
                    on_ready(self)
                elif kind == ALIVE:
                    self._open_streams = int(more)
                elif kind == FAULT:
                    self.fault = more.decode()
                elif kind in {TAKEN, FULL}:
                    self._answer(int(more), kind == TAKEN)
        self.ready = False
        self._channel.close()
        await asyncio.to_thread(self._process.join)
        for number in list(self._unanswered):  # only now: a process that runs might still take them
            self._answer(number, is_taken=False)
        status = self._process.exitcode
        assert status is not None
        return status

    async def take(self, connection: socket.socket, kind: Kind) -> bool:
        """Pass a connection to the worker; return whether it has taken it. One that is silent is waited for: it may
        take the connection as long as it runs."""
        if not self.ready or not pass_on(self._channel, connection, kind):
            return False
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._unanswered[self._passed] = kind, answer
        self._passed += 1
        return await answer

    def kill(self, why: str) -> None:
        """End the process at once; `why` is its fault."""
        self.ready = False
        self.was_killed = True
        self.fault = why
        self.send(signal.SIGKILL)

    def _answer(self, number: int, is_taken: bool) -> None:
        kind, answer = self._unanswered.pop(number)
        if is_taken:
            self._open_streams += kind is Kind.STREAM
        elif self.ready:
            self._full_until_s = time.monotonic() + _FULL_S
        if not answer.done():  # the service stops
            answer.set_result(is_taken)

    def send(self, number: signal.Signals) -> None:
        """Send a signal if the process is still running."""
        if self._process.is_alive() and self.pid is not None:
            os.kill(self.pid, number)

    async def _receive(self) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(self._channel, _READ_BYTES)
        except ConnectionError:
            return b""


def _work(settings: Settings, identity: WorkerIdentity, channel: socket.socket) -> None:
    os.setsid()  # Ctrl-C reaches the supervisor, which passes it on
    # Imported here, because the supervisor does not need the imports of a worker.
    from service.workers.worker import run_worker  # noqa: PLC0415

    run_worker(settings, identity, channel)
