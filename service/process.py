"""What a process that only serves sets up for itself."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType

from threadpoolctl import threadpool_limits


def prepare_process() -> None:
    """Before anything is loaded: being asked to stop is no failure, and nothing is reloaded before there is something
    to reload."""
    # uvicorn raises its stop signal again when it is done.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def settle_process() -> None:
    """Once all is loaded."""
    # A large request is many small lists, none of them garbage: looking for cycles at every 700th, as is the default,
    # takes longer than reading them. uvicorn leaves some 30 objects in a circle for each connection: at every 10,000th
    # they never take more than some 3 MB.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)
    # Products of some hundred rows, once in a while, in the midst of the event loop: to wake a second thread for one
    # and let it spin takes ten times as long as the product.
    threadpool_limits(1, user_api="blas")


def usable_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)
