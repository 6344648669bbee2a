"""The one place where models run: what has fallen due together is run together, whoever asked for it.

There is no timer. What is asked while the event loop goes through the sockets that are ready waits until it has been
through all of them, and is run at once: one window when one glove is there, many when there are many. So a lone glove
waits for nobody, and under load the batches grow by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.adaptation.open_set import OpenSetReference
from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from service.telemetry.metrics import Interface, Metrics

Window = NDArray[np.float32]
"""float32[n, 8] in raw units."""

BATCH_WINDOWS: Final = 16
"""Windows in one run, and so in one turn of the loop: a few milliseconds. Larger ones were no faster when measured."""


class Model(Protocol):
    """Anything that answers windows; `models.runtime.artefact.Artefact` is one."""

    @property
    def contract(self) -> ModelContract: ...

    @property
    def reference(self) -> OpenSetReference | None:
        """What its letters look like; None: nobody knows, and any window is a letter."""

    @property
    def digest(self) -> str:
        """SHA-256 of the artefact's file."""

    def run_windows(self, windows: Sequence[Window]) -> Outputs:
        """Answer for one or more windows float32[n_i, 8] in raw units."""


_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Asked:
    """Windows to be answered, of which the first `begun` are. `tell` gets the outputs of a batch and which rows of it
    are the next of these windows."""

    model: Model
    windows: Sequence[Window]
    tell: Callable[[Outputs, slice], None]
    fail: Callable[[Exception], None]
    since: float
    begun: int = 0

    def give_up(self) -> None:
        """Whatever has not begun need not be answered."""
        self.windows = self.windows[: self.begun]


class Engine:
    """Runs models for everybody in this process. Streams come first, requests after them, piece by piece."""

    def __init__(self, metrics: Metrics) -> None:
        # Each metric's child is looked up once for a model and a door: that takes longer than counting.
        self._model_seconds = cache(metrics.model_seconds.labels)
        self._windows = cache(metrics.windows.labels)
        self._queue_seconds = cache(metrics.queue_seconds.labels)
        self._queues: dict[Interface, deque[_Asked]] = {"stream": deque(), "rest": deque()}
        self._called = False

    def submit(
        self, model: Model, window: Window, tell: Callable[[Outputs, int], None], fail: Callable[[Exception], None]
    ) -> None:
        """Answer one window of a stream in this turn of the loop: `tell` gets a batch's outputs and the window's row.

        Windows of one model are answered in the order in which they were submitted. `fail` gets what the model raised.
        """
        self._ask("stream", _Asked(model, (window,), lambda outputs, rows: tell(outputs, rows.start), fail, _now()))

    async def run(self, model: Model, windows: Sequence[Window]) -> Outputs:
        """Answer the windows of a request, one or more. However many there are, streams and others get their turns.

        Raises:
            Exception: what the model raised.
        """
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        parts: list[Outputs] = []

        def tell(outputs: Outputs, rows: slice) -> None:
            parts.append(outputs.rows(rows))
            if sum(map(len, parts)) == len(windows) and not answered.done():
                answered.set_result(None)

        def fail(error: Exception) -> None:
            if not answered.done():
                answered.set_exception(error)

        asked = _Asked(model, windows, tell, fail, _now())
        self._ask("rest", asked)
        try:
            await answered
        except asyncio.CancelledError:  # whoever asked has left
            asked.give_up()
            raise
        return Outputs.join(parts)

    def _ask(self, door: Interface, asked: _Asked) -> None:
        self._queues[door].append(asked)
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        try:
            for door, queue in self._queues.items():
                if queue:
                    self._run_batch(door, queue)
        finally:
            self._called = any(self._queues.values())
            if self._called:
                asyncio.get_running_loop().call_soon(self._turn)

    def _run_batch(self, door: Interface, queue: deque[_Asked]) -> None:
        """Up to BATCH_WINDOWS windows: of the oldest in the queue, and of those behind it that ask the same model."""
        model = queue[0].model
        batch: list[tuple[_Asked, slice]] = []
        windows: list[Window] = []
        others: list[_Asked] = []
        while queue and (room := BATCH_WINDOWS - len(windows)) > 0:
            asked = queue.popleft()
            if asked.model is not model:
                others.append(asked)
                continue
            part = asked.windows[asked.begun : asked.begun + room]
            asked.begun += len(part)
            batch.append((asked, slice(len(windows), len(windows) + len(part))))
            windows += part
            if asked.begun < len(asked.windows):
                queue.append(asked)  # at the end: small requests need not wait for a large one
        queue.extendleft(reversed(others))
        self._answer(door, model, windows, batch)

    def _answer(self, door: Interface, model: Model, windows: list[Window], batch: list[tuple[_Asked, slice]]) -> None:
        if not windows:  # whoever asked for them has left
            return
        begin = _now()
        try:
            outputs = model.run_windows(windows)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to those whom it concerns
            _LOG.exception("%s failed on %d windows", model.contract.name, len(windows))
            for asked, _ in batch:
                asked.give_up()
                asked.fail(error)
            return
        name = model.contract.name
        self._model_seconds(name, door).observe(_now() - begin)
        self._windows(name, door).inc(len(windows))
        queued = self._queue_seconds(door)
        for asked, rows in batch:
            queued.observe(begin - asked.since)
            try:
                asked.tell(outputs, rows)
            except Exception:  # noqa: BLE001 - the others' answers can still be delivered
                _LOG.exception("an answer could not be delivered")


def _now() -> float:
    return time.perf_counter()
