"""Reload of the models while the service runs. Streams keep the model they started with."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from scaleglove.errors import ScaleGloveError
from service.inference.registry import ModelRegistry
from service.telemetry.metrics import Metrics


class ReloadError(ScaleGloveError):
    """Reload failed; the previous models stay in service. The text names files without their folder."""


class Reload:
    """Reloads the models of `folder` with `load`, which also tests them, and replaces those of `registry`."""

    def __init__(
        self, registry: ModelRegistry, load: Callable[[], ModelRegistry], folder: Path, metrics: Metrics
    ) -> None:
        self._registry = registry
        self._load = load
        self._folder = folder
        self._reloads = metrics.reloads
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        """All calls that come while one runs share the next one: the files may have changed since it began."""

    def begin(self) -> None:
        """Reload in the background; the result is logged."""
        self._begin_or_join()

    async def run(self) -> None:
        """Reload in a thread, so that streams continue, then swap the models.

        Raises:
            ReloadError: the previous models stay in service.
        """
        await asyncio.shield(self._begin_or_join())

    def _begin_or_join(self) -> asyncio.Task[None]:
        """Return the first reload that has not begun yet, which is at most the second one."""
        while self._running is not None and self._running.done():
            self._running, self._next = self._next, None
        if self._running is None:
            self._running = _start(self._load_and_swap())
            return self._running
        if self._next is None:
            self._next = _start(self._load_after(self._running))
        return self._next

    async def _load_after(self, earlier: asyncio.Task[None]) -> None:
        await asyncio.wait([earlier])
        await self._load_and_swap()

    async def _load_and_swap(self) -> None:
        log = logging.getLogger(__name__)
        try:
            fresh = await asyncio.to_thread(self._load)
        except ScaleGloveError as error:
            self._reloads.labels("failed").inc()
            log.error("reload failed, still serving the previous models: %s", error)
            raise ReloadError(_without_folder(str(error), self._folder)) from None
        self._registry.take_over(fresh)
        self._reloads.labels("done").inc()
        log.info("models reloaded: %s", ", ".join(fresh.names))


def _start(reload: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(reload)
    task.add_done_callback(_log_unexpected)
    return task


def _log_unexpected(task: asyncio.Task[None]) -> None:
    """Log an exception that is no ReloadError, which is logged already: nobody may wait for the task."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, ReloadError):
        logging.getLogger(__name__).error("reload failed, still serving the previous models", exc_info=error)


def _without_folder(text: str, folder: Path) -> str:
    text = text.replace(f"{folder}{os.sep}", "")
    return f"the models' folder{rest}" if (rest := text.removeprefix(str(folder))).startswith(":") else text
