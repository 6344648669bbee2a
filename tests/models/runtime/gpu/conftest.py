"""Artefacts of the package, and a session of a graph for a GPU on the processor."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from models.runtime.artefact import Artefact, open_session
from models.runtime.gpu.session import GpuSession
from tests.models.runtime.kernel.conftest import ARTEFACTS


@pytest.fixture(scope="session")
def loaded() -> Callable[[Path], Artefact]:
    """Load an artefact by path; the last one is kept."""
    return lru_cache(maxsize=1)(Artefact.load)


@pytest.fixture(params=ARTEFACTS, ids=lambda path: path.stem)
def artefact(request: pytest.FixtureRequest, loaded: Callable[[Path], Artefact]) -> Artefact:
    return loaded(request.param)


@pytest.fixture
def on_processor() -> Callable[..., GpuSession]:
    """Open a graph for a GPU on the processor, in place of `open_gpu_session`."""

    def open_it(model: bytes, *_: Any) -> GpuSession:
        return GpuSession(open_session(model), {"CPUExecutionProvider": 1})

    return open_it
