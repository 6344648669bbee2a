"""Memory that C reads and writes."""

from __future__ import annotations

from ctypes import c_double
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.adaptation.scored import Scored


class Memory:
    """Arrays that a struct of C points to, which live as long as this object."""

    def __init__(self) -> None:
        self._arrays: list[NDArray[Any]] = []

    def address(self, array: NDArray[Any], dtype: type[np.generic]) -> int | None:
        """Return where the values of an array lie, one after another; None: there are none."""
        values = np.ascontiguousarray(array, dtype)
        self._arrays.append(values)
        return values.ctypes.data if values.size else None


def written(rows: int, columns: int) -> tuple[NDArray[np.float64], c_double]:
    """Return an array float64[rows, columns], at least one row, for C to write, and where it lies."""
    array = np.empty((rows, columns))
    return array, c_double.from_buffer(array.data)  # ten times as fast as `array.ctypes`


def scored(found: NDArray[np.float64], size: int) -> Scored:
    """Return what C has written for each window: its log-scores, their probabilities, what is shown, each `size`
    long, and the confidence."""
    return Scored(found[:, :size], found[:, size : 2 * size], found[:, 2 * size : -1], found[:, -1])
