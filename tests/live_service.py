"""A real service on a real port, in a thread of the test's process."""

from __future__ import annotations

import gc
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fastapi.dependencies.models

from models.runtime.accelerate import Accelerator, accelerate
from models.runtime.artefact import Artefact
from models.runtime.folder import load_folder
from models.runtime.kernel.kernel import Kernel
from service.inference import registry
from service.server import Server
from service.settings import USUAL_MODEL, Settings, shipped_models
from tests.deadlines import EVENT_S

NEVER_MS = 24 * 3600 * 1000.0
"""The longest time that the service accepts before it calls a stream stale."""


@cache
def few_models() -> Path:
    """Return a folder with the default model and two more, which load faster than all that are shipped."""
    folder = Path(_MODELS.name)
    for name in (USUAL_MODEL, "MSCSGRU", "MSCSGRU_ScaleAware"):
        shutil.copy(shipped_models() / f"{name}.onnx", folder)
    return folder


_MODELS = TemporaryDirectory(prefix="scaleglove-models-")


@cache
def _few_artefacts() -> dict[str, Artefact]:
    return load_folder(few_models())


@cache
def _few_accelerated(name: str, wish: Accelerator) -> Artefact | Kernel:
    return accelerate(_few_artefacts()[name], wish)


def _load_folder(folder: Path) -> dict[str, Artefact]:
    return dict(_few_artefacts()) if folder == few_models() else load_folder(folder)


def _accelerate(artefact: Artefact, wish: Accelerator) -> Artefact | Kernel:
    name = artefact.contract.name
    is_kept = artefact is _few_artefacts().get(name)
    return _few_accelerated(name, wish) if is_kept else accelerate(artefact, wish)


# Models keep nothing of what they compute. Those of the folder that all services share are read, and tried on the
# kernel, once for a test process: 0.2 s of each service. Every other folder is loaded as the product loads it.
registry.load_folder = _load_folder
registry.accelerate = _accelerate


@contextmanager
def live_service(**settings: Any) -> Iterator[Server]:
    """Run a service with these settings until the block ends.

    By default it has a free port and few models, and no stream goes stale while a slow machine keeps its client from
    sending.
    """
    answers = threading.Event()
    settings = {"port": 0, "models_dir": few_models(), "stale_after_ms": NEVER_MS} | settings
    server = Server(Settings(_env_file=None, **settings), lambda _: answers.set())
    thread = threading.Thread(target=server.serve_until_stopped)
    thread.start()
    try:
        assert answers.wait(EVENT_S), "the service did not come up"
        yield server
    finally:
        server.should_exit = True
        thread.join(EVENT_S)
        assert not thread.is_alive(), "the service did not stop"
        del server
        _free_memory()


def _free_memory() -> None:
    """Let go of the service that has ended: some 12 MiB, which add up where every test of a module runs its own.

    FastAPI remembers in module-level caches what kind of function each endpoint is, and endpoints hold their app's
    models.
    """
    for cached in vars(fastapi.dependencies.models).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()
    gc.collect()  # some 20 ms: what was imported is frozen
