"""The core, compiled once."""

from __future__ import annotations

import ctypes
import shutil

import pytest

from tests.firmware.core import load


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The firmware's core as a library of this computer."""
    if shutil.which("gcc") is None or shutil.which("make") is None:
        pytest.skip("gcc or make is missing")
    return load(tmp_path_factory.mktemp("core"))
