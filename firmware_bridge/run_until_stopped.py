"""How the commands of this room run and stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from typing import Any


@contextlib.contextmanager
def until_nobody_reads() -> Iterator[None]:
    """The reader of stdout or stderr may leave, as `head` does: that is a way to stop, and no error."""
    try:
        yield
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:
                # Python flushes once more when it ends, and would complain then.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until Ctrl-C or SIGTERM, which are the normal way to stop."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C only, through asyncio.run
                loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())
