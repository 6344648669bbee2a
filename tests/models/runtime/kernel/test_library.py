"""The C side refuses sizes that the Python side has checked already."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.runtime.kernel import KernelError
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import Library


@pytest.fixture
def kernel(kernel_of: Callable[[Path], Kernel], artefact_path: Path) -> Kernel:
    return kernel_of(artefact_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("encoded", 2), ("features", 2**30), ("traits", 117), ("traits", -1), ("labels", 0), ("labels", 65),
        ("layers", 3), ("head", 0), ("hard", -1), ("reset_after", 7), ("newest_frames", -(2**31)),
        ("newest_frames", 4097),
        ("recent_steps", 0), ("recent_steps", 2**31 - 1),
    ],
)  # fmt: skip
def test_size_out_of_bounds_is_refused(kernel: Kernel, field: str, value: int) -> None:
    struct = kernel._model.pointer.contents
    sound = getattr(struct, field)
    setattr(struct, field, value)
    try:
        assert kernel._library.scratch_floats(kernel._model.pointer, 87) == -1
        with pytest.raises(KernelError, match="refuses the sizes"):
            kernel.run_windows([np.zeros((20, 8), np.float32)])
    finally:
        setattr(struct, field, sound)
    assert len(kernel.run_windows([np.zeros((20, 8), np.float32)])) == 1


@pytest.mark.parametrize("longest", [0, -1, 4097, 2**31 - 1])
def test_window_out_of_bounds_is_refused(kernel: Kernel, longest: int) -> None:
    assert kernel._library.scratch_floats(kernel._model.pointer, longest) == -1


@pytest.mark.parametrize("length", [0, -1, 88, -(2**31)])
def test_length_out_of_bounds_is_refused(kernel: Kernel, length: int) -> None:
    lengths = np.array([10, length], np.int32)
    nothing = ctypes.c_void_p()
    assert kernel._library.run(kernel._model.pointer, 2, nothing, lengths.ctypes.data, 87, *[nothing] * 4) == -1


def test_library_of_other_entry_points_is_refused(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.runtime.kernel.library.VERSION", 1)
    with pytest.raises(KernelError, match="another version"):
        Library("baseline", built)
