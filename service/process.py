"""Set-up of a process that only serves: signals, garbage collection, threads."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType

from threadpoolctl import threadpool_limits


def prepare_process() -> None:
    """Set the signals before anything is loaded: a stop is not a failure, and a reload is ignored until the models are
    loaded."""
    # uvicorn raises its stop signal again when it has stopped.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def settle_process() -> None:
    """Set garbage collection and threads after everything is loaded."""
    # A large request is many small lists, none of them garbage: a collection for every 700 of them, the default, takes
    # longer than parsing them. Connections leave no cycles (tests/service/test_garbage.py), so little waits for one.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)
    # Occasional products of about a hundred rows within the event loop: waking a second thread for one and letting it
    # spin takes ten times as long as the product.
    threadpool_limits(1, user_api="blas")


def usable_processors() -> int:
    """Return the number of processors available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)
