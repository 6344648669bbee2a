"""Running and stopping of the commands in this package."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from typing import Any


@contextlib.contextmanager
def ignore_broken_pipe() -> Iterator[None]:
    """Stop without an error when the reader of stdout or stderr closes it, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:
                # Python flushes again at exit, and would report the error then.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end, or until Ctrl-C or SIGTERM, the normal way to stop it."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C only, through asyncio.run
                loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())
