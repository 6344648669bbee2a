"""Deadlines of all tests.

A deadline is only reached where something is broken: a healthy test never waits this long, however slow the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

EVENT_S: Final = 60.0
"""Deadline for one event: a message, the answer to a request, a line of output, a process or thread that ends."""
RUN_S: Final = 180.0
"""Deadline for the whole run of a child process that compiles, trains, measures or spells a text."""

_POLL_S: Final = 0.005


def wait_until(condition: Callable[[], object], seconds: float = EVENT_S) -> None:
    """Wait until the condition is true; for what announces itself by no event."""
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s, f"it did not happen within {seconds:g} s"
        time.sleep(_POLL_S)


async def until(condition: Callable[[], object], seconds: float = EVENT_S) -> None:
    """Wait until the condition is true while the event loop goes on."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nothing announces what is waited for
            await asyncio.sleep(_POLL_S)
