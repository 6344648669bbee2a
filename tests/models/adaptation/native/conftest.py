"""The C of this tree, compiled for these tests whatever is installed."""

from __future__ import annotations

from ctypes import CDLL

import pytest

from models.adaptation.native import LIBRARY
from scaleglove.native.compiler import find_compiler
from scaleglove.native.library import SWITCH


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> CDLL:
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("native")
    LIBRARY.build(into=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SWITCH, raising=False)
        loaded = LIBRARY.load(folder)
    assert loaded is not None
    return loaded
