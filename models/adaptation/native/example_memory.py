"""Examples by letter, as `struct examples` of examples.h."""

from __future__ import annotations

from ctypes import Structure, c_int32, c_void_p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.adaptation.native import MOST_CLASSES, MOST_EXAMPLES, MOST_WIDTH
from models.adaptation.native.memory import Memory


class Examples(Structure):
    """`struct examples`."""

    _fields_ = (
        *((name, c_int32) for name in ("classes", "width", "count", "shown", "rests", "pooled")),
        *((name, c_void_p) for name in ("letters", "starts", "names", "rest", "pooled_rows")),
    )


class ExampleArrays(NamedTuple):
    """The arrays of examples: `letters` float32[count, width], ordered by letter; for each letter shown its first row
    and which it is, int64[shown]; `rest` float32[rests, width]; and which of the letters shown are pooled."""

    classes: int
    letters: NDArray[np.float32]
    starts: NDArray[np.int64]
    names: NDArray[np.int64]
    rest: NDArray[np.float32]
    pooled: NDArray[np.int64]

    @property
    def fits(self) -> bool:
        """Whether the compiled form has memory for them."""
        count, width = self.letters.shape
        return fits(self.classes, width, count) and len(self.rest) <= MOST_EXAMPLES


def fits(classes: int, width: int, count: int) -> bool:
    """Return whether the compiled form has memory for `count` examples float32[count, width] of `classes` letters; a
    direction makes an embedding longer by two."""
    return 0 < classes < MOST_CLASSES and 0 < width <= MOST_WIDTH - 2 and count <= MOST_EXAMPLES


def examples_in(memory: Memory, arrays: ExampleArrays) -> Examples:
    """Return the struct of examples whose arrays are in a memory."""
    return Examples(
        arrays.classes,
        arrays.letters.shape[1],
        len(arrays.letters),
        len(arrays.names),
        len(arrays.rest),
        len(arrays.pooled),
        memory.address(arrays.letters, np.float32),
        memory.address(arrays.starts, np.int64),
        memory.address(arrays.names, np.int64),
        memory.address(arrays.rest, np.float32),
        memory.address(arrays.pooled, np.int64),
    )
