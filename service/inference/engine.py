"""Inference engine: the only place where models run. Windows that are due together run as one batch.

There is no timer. Windows submitted while the event loop handles the sockets that are ready run together in its next
iteration: one window with one glove, many with many. A single glove never waits for others, and batches grow with the
load.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.adaptation.model_reference import ModelReference
from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from service.telemetry.metrics import Interface, Metrics

Window = NDArray[np.float32]
"""float32[n, 8] in raw units."""

BATCH_WINDOWS: Final = 16
"""Windows in one batch, which blocks the loop for a few milliseconds. Larger batches were not faster when measured."""


class Model(Protocol):
    """Model that classifies windows, such as `models.runtime.artefact.Artefact`."""

    @property
    def contract(self) -> ModelContract: ...

    @property
    def reference(self) -> ModelReference | None:
        """Reference embeddings of its letters; None: every window is classified as a letter."""

    @property
    def readings(self) -> TrainingReadings | None:
        """What the glove of the training data read; None: the model cannot tell about other gloves."""

    @property
    def digest(self) -> str:
        """SHA-256 of the artefact's file."""

    def run_windows(self, windows: Sequence[Window]) -> Outputs:
        """Return the outputs for one or more windows float32[n_i, 8] in raw units."""


_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Job:
    """Windows to run, the first `begun` of which have run. `deliver` receives the outputs of a batch and the rows of
    the next windows of this job."""

    model: Model
    windows: Sequence[Window]
    deliver: Callable[[Outputs, slice], None]
    fail: Callable[[Exception], None]
    since: float
    begun: int = 0

    def cancel(self) -> None:
        """Skip the windows that have not run."""
        self.windows = self.windows[: self.begun]


class Engine:
    """Runs models for all callers of this process: first the windows of streams, then those of requests, in batches."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._queues: dict[Interface, deque[_Job]] = {"stream": deque(), "rest": deque()}
        self._scheduled = False

    def submit(
        self, model: Model, window: Window, deliver: Callable[[Outputs, int], None], fail: Callable[[Exception], None]
    ) -> None:
        """Run one window of a stream in the next iteration of the loop; windows of one model stay in order.

        Args:
            model: to run.
            window: float32[n, 8] in raw units.
            deliver: receives the outputs of a batch and the row of the window.
            fail: receives the exception of the model.
        """
        self._enqueue(
            "stream", _Job(model, (window,), lambda outputs, rows: deliver(outputs, rows.start), fail, _now())
        )

    async def run(self, model: Model, windows: Sequence[Window]) -> Outputs:
        """Run the windows of a request, one or more, in batches between those of streams and other requests.

        Raises:
            Exception: the exception of the model.
        """
        finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        parts: list[Outputs] = []

        def deliver(outputs: Outputs, rows: slice) -> None:
            parts.append(outputs.rows(rows))
            if sum(map(len, parts)) == len(windows) and not finished.done():
                finished.set_result(None)

        def fail(error: Exception) -> None:
            if not finished.done():
                finished.set_exception(error)

        job = _Job(model, windows, deliver, fail, _now())
        self._enqueue("rest", job)
        try:
            await finished
        except asyncio.CancelledError:  # the client disconnected
            job.cancel()
            raise
        return Outputs.join(parts)

    def _enqueue(self, interface: Interface, job: _Job) -> None:
        self._queues[interface].append(job)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._run_due)

    def _run_due(self) -> None:
        try:
            for interface, queue in self._queues.items():
                if queue:
                    self._run_batch(interface, queue)
        finally:
            self._scheduled = any(self._queues.values())
            if self._scheduled:
                asyncio.get_running_loop().call_soon(self._run_due)

    def _run_batch(self, interface: Interface, queue: deque[_Job]) -> None:
        """Run up to BATCH_WINDOWS windows of the oldest job and of the jobs behind it with the same model."""
        model = queue[0].model
        batch: list[tuple[_Job, slice]] = []
        windows: list[Window] = []
        others: list[_Job] = []
        while queue and (free := BATCH_WINDOWS - len(windows)) > 0:
            job = queue.popleft()
            if job.model is not model:
                others.append(job)
                continue
            part = job.windows[job.begun : job.begun + free]
            job.begun += len(part)
            batch.append((job, slice(len(windows), len(windows) + len(part))))
            windows += part
            if job.begun < len(job.windows):
                queue.append(job)  # at the end, so that small requests do not wait for a large one
        queue.extendleft(reversed(others))
        self._run(interface, model, windows, batch)

    def _run(self, interface: Interface, model: Model, windows: list[Window], batch: list[tuple[_Job, slice]]) -> None:
        if not windows:  # their jobs were cancelled
            return
        begin = _now()
        try:
            outputs = model.run_windows(windows)
        except Exception as error:  # noqa: BLE001 - any exception is passed on to the jobs of the batch
            _LOG.exception("the model %s failed on %d windows", model.contract.name, len(windows))
            for job, _ in batch:
                job.cancel()
                job.fail(error)
            return
        name = model.contract.name
        self._metrics.model_seconds.labels(name, interface).observe(_now() - begin)
        self._metrics.windows.labels(name, interface).inc(len(windows))
        queued = self._metrics.queue_seconds.labels(interface)
        for job, rows in batch:
            queued.observe(begin - job.since)
            try:
                job.deliver(outputs, rows)
            except Exception:  # noqa: BLE001 - the other jobs of the batch must still receive theirs
                _LOG.exception("outputs could not be delivered")


def _now() -> float:
    return time.perf_counter()
