"""Artefacts and kernels that are loaded once, and real recordings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.runtime.artefact import Artefact
from models.runtime.kernel.kernel import Kernel
from scaleglove.recordings import load_episode
from tests.conftest import ROOT

ARTEFACTS = sorted((ROOT / "models" / "artefacts").glob("*.onnx"))


@pytest.fixture(scope="session")
def artefact_of() -> Callable[[Path], Artefact]:
    """Load an artefact by path. The last one is kept: each holds memory for the largest batch that it has run."""
    return lru_cache(maxsize=1)(Artefact.load)


@pytest.fixture(scope="session")
def kernel_of(built: Path, artefact_of: Callable[[Path], Artefact]) -> Callable[[Path], Kernel]:
    """Load the kernel by the artefact's path, in the fastest variant that runs here."""
    return cache(lambda path: Kernel.load(artefact_of(path)))


@pytest.fixture(scope="session")
def episodes(recorded_files: list[Path]) -> list[NDArray[np.float32]]:
    """Read some real recordings float32[n, 8], of both collections and many letters."""
    return [load_episode(path).values for path in recorded_files[::30]]
