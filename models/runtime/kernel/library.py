"""Compiled libraries of kernel.h and its structs, by ctypes."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_float, c_int32, c_int64, c_void_p
from pathlib import Path
from typing import Final

import numpy as np

from models.runtime.kernel import KernelError
from models.runtime.kernel.build import (
    BASELINE,
    FOLDER,
    library,
    variants,
)
from models.runtime.kernel.graph_id import MAX_HEAD, MAX_LAYERS
from models.runtime.kernel.weights import Array, Linear, Weights

_LINE: Final = 64
"""Bytes of a cache line: access to a vector across two costs twice."""

_TOWERS = 3

VERSION: Final = 2
"""Of the entry points: scaleglove_version() in kernel.c."""

_BUILD: Final = "python -m scaleglove.native"


class _Linear(Structure):
    _fields_ = (("weight", c_void_p), ("bias", c_void_p), ("inputs", c_int32), ("outputs", c_int32))


class _Recurrent(Structure):
    _fields_ = (("state", _Linear), ("input", _Linear * _TOWERS))


_INTEGERS: Final = (
    *("encoded", "features", "traits", "labels", "layers", "head", "hard", "reset_after", "newest_frames"),
    "recent_steps",
)
_SCALARS: Final = ("per_turn", "angle_weight", "least_effect")
_VECTORS: Final = (
    *("threshold", "fill", "turn", "gain", "offset", "turn_gain", "low", "per_width", "rate", "phase", "trace"),
    *("tower_bias", "norm_gain", "norm_shift", "left_out"),
)


class _Model(Structure):
    _fields_ = (
        *((name, c_int32) for name in _INTEGERS),
        *((name, c_float) for name in _SCALARS),
        *((name, c_void_p) for name in _VECTORS),
        ("layer", _Recurrent * MAX_LAYERS),
        ("linear", _Linear * MAX_HEAD),
        ("metric", _Linear),
    )


class Model:
    """`struct model` of kernel.h, and the memory that it points to."""

    def __init__(self, weights: Weights) -> None:
        self._memory: list[Array] = []
        graph_id = weights.graph_id
        self._struct = _Model(
            encoded=graph_id.encoded,
            layers=graph_id.layers,
            head=graph_id.head,
            hard=graph_id.hard,
            reset_after=graph_id.reset_after,
            **{name: getattr(weights, name) for name in ("features", "traits", "labels")},
            **{name: getattr(weights, name) for name in ("newest_frames", "recent_steps", *_SCALARS)},
            **{name: self._keep(array) for name, array in weights.vectors.items()},
            trace=self._keep(weights.trace),
            left_out=self._keep(weights.left_out),
            metric=self._linear(weights.metric),
        )
        for number, layer in enumerate(weights.layers):
            self._struct.layer[number].state = self._linear(layer.state)
            for tower, one in enumerate(layer.inputs):
                self._struct.layer[number].input[tower] = self._linear(one)
        for number, one in enumerate(weights.head):
            self._struct.linear[number] = self._linear(one)
        self.pointer = ctypes.pointer(self._struct)

    def _linear(self, linear: Linear) -> _Linear:
        return _Linear(self._keep(linear.weight), self._keep(linear.bias), linear.inputs, linear.outputs)

    def _keep(self, array: Array) -> int:
        """Copy an array to memory that lives as long as this object; return its address."""
        copy = aligned(array.size)
        copy[:] = array.ravel()
        self._memory.append(copy)
        return copy.ctypes.data


def aligned(count: int) -> Array:
    """Return uninitialised float32[count] aligned to a cache line."""
    memory = np.empty(count + _LINE // 4, np.float32)
    start = -memory.ctypes.data % _LINE // 4
    return memory[start : start + count]


class Library:
    """One compiled variant."""

    def __init__(self, variant: str, folder: Path = FOLDER) -> None:
        """Load the library; only code for every processor of its kind runs.

        Raises:
            KernelError: it is not built, or is of another version.
        """
        path = library(variant, folder)
        if not path.is_file():
            raise KernelError(f"the kernel is not built: {_BUILD}, which needs a C compiler")
        try:
            functions = ctypes.CDLL(str(path))
            size = functions.scaleglove_model_bytes
            self.runs, self.scratch_floats = functions.scaleglove_runs, functions.scaleglove_scratch_floats
            self.run = functions.scaleglove_run
            version = functions.scaleglove_version
        except (OSError, AttributeError) as error:
            raise KernelError(f"{path.name} cannot be loaded, build it again with {_BUILD}: {error}") from None
        size.restype = c_int64
        version.restype = c_int32
        if size() != ctypes.sizeof(_Model) or version() != VERSION:
            raise KernelError(f"{path.name} was built from another version: {_BUILD}")
        self.runs.argtypes, self.runs.restype = (c_char_p,), c_int32
        self.scratch_floats.argtypes, self.scratch_floats.restype = (POINTER(_Model), c_int32), c_int64
        self.run.argtypes = (POINTER(_Model), c_int32, *(c_void_p,) * 2, c_int32, *(c_void_p,) * 4)
        self.run.restype = c_int32
        self.variant = variant


def built() -> bool:
    """Return whether the kernel is compiled here."""
    return library(BASELINE).is_file()


def supported(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the variants that this processor runs, the fastest first.

    Raises:
        KernelError: the kernel is not built, or is of another version.
    """
    runs = Library(BASELINE, folder).runs
    return tuple(variant for variant in variants() if runs(variant.encode()))
