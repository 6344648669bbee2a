"""Several workers behind one address: starts them, gives them connections, restarts what dies, passes signals on.

The supervisor accepts, because nothing else spreads few and long connections evenly: the kernel hashes them over
sockets, or gives them to whoever wakes first (docs/guide/operations.md has the figures).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scaleglove.errors import ScaleGloveError
from service.listening import listen, url_of
from service.settings import Settings
from service.telemetry.shared_counts import forget_gauges
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import Kind, first_bytes, kind_of
from service.workers.worker_process import WorkerProcess

_FIRST_PAUSE_S: Final = 0.5
"""Before a worker that has died is started again; twice as long each time it dies without having served."""

_LONGEST_PAUSE_S: Final = 30.0

_STOP_S: Final = 15.0
"""For workers to say goodbye and finish what they do, which they bound themselves to less than half of this."""

_OUT_OF_FILES_PAUSE_S: Final = 0.1

_log = logging.getLogger(__name__)


class WorkersError(ScaleGloveError):
    """The workers cannot be had."""


class Supervisor:
    """Runs several worker processes; `announce` gets the address once all of them serve."""

    def __init__(self, settings: Settings, workers: int, announce: Callable[[str], None]) -> None:
        if not hasattr(socket, "send_fds"):
            raise WorkersError("several workers need Unix sockets, which this system lacks: set workers to 1")
        self._settings = settings
        self._announce = announce
        self._workers: list[WorkerProcess | None] = [None] * workers
        self._has_begun = False
        self._fault = ""
        self._turns = count()
        self._has_takers = asyncio.Event()
        self._stopping = asyncio.Event()

    def run(self) -> None:
        """Block until a signal says to stop.

        Raises:
            ListenError: the address is taken or not this machine's.
            TokensError: no tokens are set and others than this machine would reach the service.
            WorkersError: a worker could not begin, or had to be killed in the end.
        """
        with listen(self._settings) as listening, TemporaryDirectory(prefix="scaleglove-") as folder:
            listening.setblocking(False)
            asyncio.run(self._serve(listening, Path(folder)))

    async def _serve(self, listening: socket.socket, folder: Path) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._send, signal.SIGHUP)
        announce = partial(self._note_ready, url_of(listening))
        places = [WorkerIdentity(worker, len(self._workers), folder) for worker in range(len(self._workers))]
        keepers = [asyncio.create_task(self._keep(place, announce)) for place in places]
        for keeper in keepers:
            keeper.add_done_callback(lambda _: self._stopping.set())  # none ends but with the service
        accepting = asyncio.create_task(self._accept(listening))
        await self._stopping.wait()
        accepting.cancel()
        listening.close()
        await self._stop(keepers)
        if self._fault:
            raise WorkersError(self._fault)

    async def _stop(self, keepers: list[asyncio.Task[None]]) -> None:
        self._send(signal.SIGTERM)
        _, late = await asyncio.wait(keepers, timeout=_STOP_S)
        if late:
            self._fault = f"{len(late)} of {len(keepers)} workers did not stop within {_STOP_S:g} s and were killed"
            self._send(signal.SIGKILL)
        await asyncio.gather(*keepers)

    async def _keep(self, place: WorkerIdentity, on_ready: Callable[[WorkerProcess], None]) -> None:
        """Have one worker run until the service stops."""
        pause_s = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            worker = self._workers[place.worker] = WorkerProcess(self._settings, place)
            status = await worker.listen(on_ready)
            forget_gauges(place)
            if self._stopping.is_set():
                return
            if not any(self._takers()):
                self._has_takers.clear()
            fault = worker.fault or f"worker {place.worker} ended with status {status}"
            if not self._has_begun:
                self._fault = fault
                return
            pause_s = _FIRST_PAUSE_S if worker.has_served else min(2 * pause_s, _LONGEST_PAUSE_S)
            _log.error("worker %d starts again in %g s: %s", place.worker, pause_s, fault)
            await self._pause(pause_s)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _note_ready(self, url: str, worker: WorkerProcess) -> None:
        _log.info("worker %d serves as process %d", worker.place.worker, worker.pid)
        takers = list(self._takers())
        if not self._has_begun and len(takers) == len(self._workers):
            self._has_begun = True
            self._announce(url)
        if self._has_begun:  # before that, the first worker to be ready would get everybody who waits
            self._has_takers.set()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        under_way: set[asyncio.Task[None]] = set()
        while True:
            await self._has_takers.wait()
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError as error:
                _log.warning("a connection could not be accepted: %s", error.strerror)
                await asyncio.sleep(_OUT_OF_FILES_PAUSE_S)
                continue
            task = asyncio.create_task(self._hand_over(connection))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    async def _hand_over(self, connection: socket.socket) -> None:
        with connection:
            kind = kind_of(await first_bytes(connection))
            if not any(worker.take(connection, kind) for worker in self._in_order(kind)):
                _log.warning("no worker takes connections: one was closed")

    def _in_order(self, kind: Kind) -> list[WorkerProcess]:
        """The workers that serve, the one that is to get a connection of this kind first."""
        takers = list(self._takers())
        if kind is Kind.STREAM:
            return sorted(takers, key=lambda worker: worker.streams)
        turn = next(self._turns) % max(1, len(takers))
        return takers[turn:] + takers[:turn]

    def _takers(self) -> Iterator[WorkerProcess]:
        return (worker for worker in self._workers if worker is not None and worker.ready)

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to every worker; SIGHUP only to those that serve, as the others load everything anyway."""
        for worker in self._workers:
            if worker is not None and (worker.ready or number != signal.SIGHUP):
                worker.send(number)
