"""Loads the models again while the service runs: streams keep the model they started with."""

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
    """The models could not be loaded again; those of before are served on. Names files, not where they lie."""


class Reload:
    """`load` reads and tries out everything in `folder` anew; what it gives replaces what `registry` serves."""

    def __init__(
        self, registry: ModelRegistry, load: Callable[[], ModelRegistry], folder: Path, metrics: Metrics
    ) -> None:
        self._registry = registry
        self._load = load
        self._folder = folder
        self._reloads = metrics.reloads
        self._turn = asyncio.Lock()
        self._begun: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Do it in the background; the log says how it went."""
        task = asyncio.create_task(self._run_quietly())
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    async def run(self) -> None:
        """Do it in a thread, so that streams go on meanwhile, and swap in one step. A second call waits for the first.

        Raises:
            ReloadError: all stays as it was.
        """
        log = logging.getLogger(__name__)
        async with self._turn:
            try:
                fresh = await asyncio.to_thread(self._load)
            except ScaleGloveError as error:
                self._reloads.labels("failed").inc()
                log.error("the models of before are served on: %s", error)
                raise ReloadError(_without_folder(str(error), self._folder)) from None
            self._registry.take_over(fresh)
            self._reloads.labels("done").inc()
            log.info("models loaded again: %s", ", ".join(fresh.names))

    async def _run_quietly(self) -> None:
        with suppress(ReloadError):  # it is in the log
            await self.run()


def _without_folder(text: str, folder: Path) -> str:
    text = text.replace(f"{folder}{os.sep}", "")
    return f"the models' folder{rest}" if (rest := text.removeprefix(str(folder))).startswith(":") else text
