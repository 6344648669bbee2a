"""The kernel of this tree, compiled again if its sources have changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.runtime.kernel.build import (
    FOLDER,
    build,
    library,
    variants,
)
from scaleglove.native.compiler import find_compiler


@pytest.fixture(scope="session")
def built() -> Path:
    """Return the folder of the libraries."""
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    sources = [*FOLDER.glob("*.[ch]"), FOLDER / "build.py"]
    libraries = [library(variant) for variant in variants()]
    newest = max(path.stat().st_mtime for path in sources)
    if not all(path.is_file() and path.stat().st_mtime > newest for path in libraries):
        build()
    return FOLDER
