"""Kernel and ONNX Runtime on windows that no glove gives: what is promised holds for every shipped artefact."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.model.kernel_agreement import ARTEFACTS, batches, largest_differences
from models.runtime.artefact import Artefact
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import built
from models.runtime.parity import TOLERANCES
from scaleglove.native.compiler import find_compiler

WINDOWS = 192
"""For each artefact, half a millisecond each; the command tries 30,000."""


@pytest.mark.skipif(find_compiler() is None or not built(), reason="the kernel is not built")
@pytest.mark.parametrize("path", sorted(ARTEFACTS.glob("*.onnx")), ids=lambda path: path.stem)
def test_what_is_promised_holds(path: Path) -> None:
    artefact = Artefact.load(path)
    some = batches(WINDOWS, artefact.contract.window_frames)
    found = largest_differences(Kernel.load(artefact), artefact, some)
    assert all(found[name] <= tolerance for name, tolerance in TOLERANCES.items()), found
    assert found["probabilities"] > 0  # different arithmetic
