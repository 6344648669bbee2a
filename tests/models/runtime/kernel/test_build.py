"""Compiling, with and without a compiler, and the compiled code under sanitizers."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.runtime.kernel import KernelError
from models.runtime.kernel.build import (
    BASELINE,
    FOLDER,
    SOURCES,
    build,
    library,
)
from models.runtime.kernel.library import Library
from scaleglove.native.compiler import BuildError, find_compiler
from tests.sanitized import FLAGS, address_sanitizer, run_sanitized

ASKED = """
import sys
from pathlib import Path
import numpy as np
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import Library
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import read_weights

class Contract:
    window_frames = 87

rng = np.random.default_rng(0)
lengths = [*range(1, 25), *range(29, 80, 7), *range(79, 88)]
windows = [rng.uniform(-400, 1000, (n, 8)).astype(np.float32) for n in lengths]
windows[5][2] = np.nan
windows[6][2] = np.inf
windows[7][2] = 3e38
library = Library("baseline", Path(sys.argv[1]))
for path in sys.argv[2:]:
    kernel = Kernel(read_weights(read_graph(Path(path).read_bytes())), Contract, library)
    for some in (windows, windows[::-1], *([window] for window in windows[::6])):
        kernel.run_windows(some)
print("ran to its end")
"""


def test_compiler_that_refuses_is_quoted(tmp_path: Path) -> None:
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    with pytest.raises(BuildError, match="no-such-flag"):
        build(tmp_path, extra=("--no-such-flag",))
    assert list(tmp_path.iterdir()) == []


def test_library_of_another_source_is_refused(tmp_path: Path) -> None:
    library(BASELINE, tmp_path).write_bytes(b"not a library")
    with pytest.raises(KernelError, match="cannot be loaded"):
        Library(BASELINE, tmp_path)


def test_clean_under_sanitizers(tmp_path: Path, artefact_path: Path) -> None:
    """Many lengths, alone and together, with what is no reading among them: nothing is touched out of bounds."""
    address_sanitizer()
    build(tmp_path, extra=FLAGS, only=(BASELINE,))
    artefacts = [
        artefact_path,
        artefact_path.with_name("MSCSGRU.onnx"),
        artefact_path.with_name("MSCSGRU_ScaleHard.onnx"),
    ]
    done = run_sanitized(ASKED, str(tmp_path), *map(str, artefacts))
    assert done.stdout == "ran to its end\n", done.stderr


def test_sources_are_all_compiled() -> None:
    assert {path.stem for path in FOLDER.glob("*.c")} == set(SOURCES)
