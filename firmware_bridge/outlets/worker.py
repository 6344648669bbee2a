"""The thread of one outlet. The bridge never waits for it: what a slow outlet cannot take is left out and counted."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from firmware_bridge.outlets.outlet import Outlet, OutletCode, OutletError, OutletNotice

CAPACITY: Final = 1024
"""Calls that wait for an outlet: some five seconds of a fast glove, which is longer than any name is looked up."""

_STOP_S: Final = 2.0
"""Time for an outlet to take what is queued and to close; the bridge does not wait longer for one that hangs."""

Call = Callable[[Outlet], None]


class OutletWorker:
    """Runs an outlet. `on_notice` is called in its thread."""

    def __init__(self, name: str, outlet: Outlet, on_notice: Callable[[OutletNotice], None]) -> None:
        self.name = name
        self.failed = False
        self.left_out = 0
        self._outlet = outlet
        self._on_notice = on_notice
        self._calls: queue.Queue[Call] = queue.Queue(CAPACITY)
        self._polled_s = -math.inf
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"outlet {name}", daemon=True)

    def start(self) -> None:
        """Start the thread, which opens the outlet."""
        self._thread.start()

    def put(self, call: Call, *, droppable: bool = False) -> None:
        """Queue a call. Droppable ones may take half of the queue, so that letters still find a place."""
        if self.failed:
            return
        try:
            if droppable and self._calls.qsize() > CAPACITY // 2:
                raise queue.Full
            self._calls.put_nowait(call)
        except queue.Full:
            self.left_out += 1
            if self.left_out == 1:
                self._say(OutletCode.TOO_SLOW, "takes less than arrives: a part is left out")

    def stop(self) -> None:
        """Close the outlet after what is queued."""
        self._stopping.set()
        self.put(lambda outlet: None)  # wakes the thread
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            self._outlet.start(self._say)
            while not (self._stopping.is_set() and self._calls.empty()):
                self._step()
        except OutletError as error:
            self._fail(error.code, str(error))
        except Exception as error:  # noqa: BLE001 - a fault in a library of others must not end the bridge in silence
            self._fail(OutletCode.FAILED, f"{type(error).__name__}: {error}")
        try:
            self._outlet.stop()
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(OutletCode.FAILED, f"{type(error).__name__}: {error}")

    def _step(self) -> None:
        """Take one call, or poll where that is due: frames that come without a pause must not keep the stop key from
        being seen."""
        poll_s = self._outlet.poll_s
        wait_s = None if poll_s is None else max(0.0, self._polled_s + poll_s - time.monotonic())
        with contextlib.suppress(queue.Empty):
            self._calls.get(timeout=wait_s)(self._outlet)
        if poll_s is not None and time.monotonic() >= self._polled_s + poll_s:
            self._polled_s = time.monotonic()
            self._outlet.poll()

    def _say(self, code: OutletCode, text: str, **values: str) -> None:
        self._on_notice(OutletNotice(self.name, code, text, values))

    def _fail(self, code: OutletCode, text: str) -> None:
        if not self.failed:
            self.failed = True
            self._on_notice(OutletNotice(self.name, code, text, failed=True))
