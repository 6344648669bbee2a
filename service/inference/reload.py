"""Reload of the models while the service runs. Streams keep the model they started with."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

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
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Reload in the background; the result is logged."""
        task = asyncio.create_task(self._run_quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Reload in a thread, so that streams continue, then swap the models. A second call waits for the first.

        Raises:
            ReloadError: the previous models stay in service.
        """
        log = logging.getLogger(__name__)
        async with self._one_at_a_time:
            try:
                fresh = await asyncio.to_thread(self._load)
            except ScaleGloveError as error:
                self._reloads.labels("failed").inc()
                log.error("reload failed, still serving the previous models: %s", error)
                raise ReloadError(_without_folder(str(error), self._folder)) from None
            self._registry.take_over(fresh)
            self._reloads.labels("done").inc()
            log.info("models reloaded: %s", ", ".join(fresh.names))

    async def _run_quietly(self) -> None:
        with suppress(ReloadError):  # it is logged
            await self.run()


def _without_folder(text: str, folder: Path) -> str:
    text = text.replace(f"{folder}{os.sep}", "")
    return f"the models' folder{rest}" if (rest := text.removeprefix(str(folder))).startswith(":") else text
