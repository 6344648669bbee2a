from __future__ import annotations

from ctypes import CDLL

import pytest

from service.streams.native.build import LIBRARY
from tests.native_libraries import compiled


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> CDLL:
    return compiled(LIBRARY, tmp_path_factory)
