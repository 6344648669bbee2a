"""The C of this tree, compiled for tests whatever is installed."""

from __future__ import annotations

from ctypes import CDLL

import pytest

from scaleglove.native.compiler import find_compiler
from scaleglove.native.library import SWITCH, NativeLibrary


def compiled(library: NativeLibrary, factory: pytest.TempPathFactory) -> CDLL:
    """Compile a library into a folder of its own and load it; skip the test without a compiler."""
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    folder = factory.mktemp("native")
    library.build(into=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SWITCH, raising=False)
        loaded = library.load(folder)
    assert loaded is not None
    return loaded
