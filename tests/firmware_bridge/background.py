"""Running one part beside the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from firmware_bridge.bridge import Bridge
from firmware_bridge.emulator.emulator import Emulator


@contextlib.asynccontextmanager
async def background(work: Emulator | Bridge) -> AsyncIterator[None]:
    """Run `work` until the block ends."""
    task = asyncio.create_task(work.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
