"""Supervisor of several workers behind one address: starts and restarts them, passes connections and signals on.

The supervisor accepts all connections, because nothing else distributes few long-lived ones evenly: the kernel hashes
them over sockets, or gives them to the process that wakes first (docs/guide/operations.md has the figures).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator, Set
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scaleglove.errors import ScaleGloveError
from service.listening import listen, url_of
from service.settings import Settings
from service.telemetry.metrics import forget_gauges
from service.telemetry.supervisor_metrics import SupervisorMetrics
from service.worker_identity import WorkerIdentity
from service.workers.fd_passing import Kind, first_bytes, kind_of
from service.workers.worker_process import WorkerProcess

_FIRST_RESTART_S: Final = 0.5
"""Delay before a worker that has ended is restarted, doubled each time that it ends without having served."""

_LONGEST_RESTART_S: Final = 30.0

_STOP_S: Final = 15.0
"""Timeout for workers to close their streams and finish requests, which they limit to less than half of this."""

_SILENT_S: Final = 1.5
"""Without a sign of life for so long, of which there are three a second, a worker gets no more connections. A slice of
work takes milliseconds, so its process is halted, or its event loop stands still."""

_WATCH_S: Final = 0.25
_LATE_S: Final = 0.5
"""A supervisor that looks so much later than it meant to was halted itself, and has not read what the workers sent."""

_ACCEPT_RETRY_S: Final = 0.1
"""Delay after a failure to accept, usually for lack of file descriptors."""

_log = logging.getLogger(__name__)


class WorkersError(ScaleGloveError):
    """The workers could not be started or stopped."""


class Supervisor:
    """Runs several worker processes; calls `announce` with the address once all of them serve."""

    def __init__(self, settings: Settings, workers: int, announce: Callable[[str], None]) -> None:
        if not hasattr(socket, "send_fds"):
            raise WorkersError(
                "workers: several workers require Unix sockets, which this system lacks; set workers to 1"
            )
        self._settings = settings
        self._announce = announce
        self._workers: list[WorkerProcess | None] = [None] * workers
        self._all_have_served = False
        self._fault = ""
        self._round_robin = count()
        self._metrics: SupervisorMetrics
        self._silent: set[WorkerProcess] = set()
        self._can_accept = asyncio.Event()
        self._stopping = asyncio.Event()

    def run(self) -> None:
        """Block until a signal to stop.

        Raises:
            ListenError: the address is in use or not one of this machine.
            TokensError: no tokens are set and other machines could reach the service.
            WorkersError: a worker could not start, or had to be killed at the end.
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
        identities = [WorkerIdentity(worker, len(self._workers), folder) for worker in range(len(self._workers))]
        self._metrics = SupervisorMetrics(identities[0])
        keepers = [asyncio.create_task(self._keep(identity, announce)) for identity in identities]
        for keeper in keepers:
            keeper.add_done_callback(lambda _: self._stopping.set())  # each ends only with the service
        serving = [asyncio.create_task(self._accept(listening)), asyncio.create_task(self._watch())]
        await self._stopping.wait()
        for task in serving:
            task.cancel()
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

    async def _keep(self, identity: WorkerIdentity, on_ready: Callable[[WorkerProcess], None]) -> None:
        """Keep one worker running until the service stops."""
        pause_s = _FIRST_RESTART_S
        while not self._stopping.is_set():
            worker = self._workers[identity.worker] = WorkerProcess(self._settings, identity)
            status = await worker.listen(on_ready)
            self._silent.discard(worker)
            forget_gauges(identity)
            if self._stopping.is_set():
                return
            if not any(self._ready_workers()):
                self._can_accept.clear()
            fault = worker.fault or f"worker {identity.worker} ended with status {status}"
            if not self._all_have_served:
                self._fault = fault
                return
            self._metrics.count_restart(is_silent=worker.was_killed)
            pause_s = _FIRST_RESTART_S if worker.has_served else min(2 * pause_s, _LONGEST_RESTART_S)
            _log.error("worker %d restarts in %g s: %s", identity.worker, pause_s, fault)
            await self._pause(pause_s)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _note_ready(self, url: str, worker: WorkerProcess) -> None:
        _log.info("worker %d serves as process %d", worker.identity.worker, worker.pid)
        ready = list(self._ready_workers())
        if not self._all_have_served and len(ready) == len(self._workers):
            self._all_have_served = True
            self._announce(url)
        if self._all_have_served:  # before that, the first ready worker would receive all waiting connections
            self._can_accept.set()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        passing: set[asyncio.Task[None]] = set()
        while True:
            await self._can_accept.wait()
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError as error:
                _log.warning("accepting a connection failed: %s", error.strerror)
                await asyncio.sleep(_ACCEPT_RETRY_S)
                continue
            task = asyncio.create_task(self._pass_on(connection))
            passing.add(task)
            task.add_done_callback(passing.discard)

    async def _watch(self) -> None:
        """Pass over workers that give no sign of life, and replace those that give none for long."""
        looked_s = time.monotonic()
        while True:
            await asyncio.sleep(_WATCH_S)
            now_s, before_s = time.monotonic(), looked_s
            looked_s = now_s
            if now_s - before_s < _WATCH_S + _LATE_S:
                for worker in self._ready_workers():
                    self._judge(worker, now_s - worker.heard_s)
            self._metrics.set_silent(len(self._silent))

    def _judge(self, worker: WorkerProcess, silent_s: float) -> None:
        number = worker.identity.worker
        if silent_s < _SILENT_S:
            if worker in self._silent:
                self._silent.discard(worker)
                _log.warning("worker %d answers again", number)
            return
        if worker not in self._silent:
            self._silent.add(worker)
            _log.warning("worker %d has been silent for %.1f s and gets no more connections", number, silent_s)
        if silent_s > self._settings.worker_timeout_s:
            worker.kill(f"worker {number} was silent for {silent_s:.0f} s and was replaced")

    async def _pass_on(self, connection: socket.socket) -> None:
        with connection:
            kind = kind_of(await first_bytes(connection), self._settings.root_path)
            asked: set[WorkerProcess] = set()
            while (worker := await self._next_worker(kind, asked)) is not None:
                if await worker.take(connection, kind):
                    return
                asked.add(worker)
            self._metrics.count_refused()
            _log.warning("no worker can take a new connection; it was closed")

    async def _next_worker(self, kind: Kind, asked: Set[WorkerProcess]) -> WorkerProcess | None:
        """Return the worker to be asked next for a connection of this kind; None: all of them were."""
        await self._can_accept.wait()
        return next((worker for worker in self._in_order(kind) if worker not in asked), None)

    def _in_order(self, kind: Kind) -> list[WorkerProcess]:
        """Return the ready workers in the order in which to offer them a connection of this kind: those that cannot
        take one now last."""
        ready = list(self._ready_workers())
        if kind is Kind.STREAM:
            ready.sort(key=lambda worker: worker.streams)
        else:
            first = next(self._round_robin) % max(1, len(ready))
            ready = ready[first:] + ready[:first]
        return sorted(ready, key=lambda worker: (worker in self._silent, worker.is_full))

    def _ready_workers(self) -> Iterator[WorkerProcess]:
        return (worker for worker in self._workers if worker is not None and worker.ready)

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to every worker; SIGHUP only to those that serve, as the others are still loading models."""
        for worker in self._workers:
            if worker is not None and (worker.ready or number != signal.SIGHUP):
                worker.send(number)
