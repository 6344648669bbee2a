"""Scores by what a model knows of any hand, in C: model_scores.c, whose reference is `ModelReference`."""

from __future__ import annotations

import ctypes
import math
from ctypes import CDLL, Structure, c_double, c_int32, c_void_p
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.native.example_memory import Examples, examples_in
from models.adaptation.native.memory import Memory, scored, written
from models.adaptation.scored import Scored

if TYPE_CHECKING:
    from models.adaptation.model_reference import ModelReference


class Known(Structure):
    """`struct model_reference`."""

    _fields_ = (
        ("prototypes", Examples),
        ("gaussians", c_int32),
        *((name, c_double) for name in ("share", "sharpness", "limit", "doubt", "evidence", "gaussian", "spacing")),
        *((name, c_void_p) for name in ("additive", "additive_bias", "reader", "reader_bias", "names")),
        *((name, c_void_p) for name in ("squares", "values", "constants")),
    )


class ModelScores:
    """The scores by one reference."""

    def __init__(self, reference: ModelReference, library: CDLL) -> None:
        """Make them of a reference whose prototypes fit."""
        memory, weights = Memory(), reference.weights
        known = Known(
            prototypes=examples_in(memory, reference.prototypes.arrays),
            spacing=reference.class_spacing,
            **{name: getattr(weights, name) for name in ("share", "sharpness", "limit", "doubt", "evidence")},
        )
        additive, gaussians = reference.additive, reference.gaussians
        if additive is not None:
            known.additive = memory.address(additive.weights, np.float32)
            known.additive_bias = memory.address(additive.bias, np.float32)
        if gaussians is not None:
            known.gaussian, known.gaussians = weights.gaussian, len(gaussians.letters)
            known.reader = memory.address(gaussians.reader, np.float32)
            known.reader_bias = memory.address(gaussians.bias, np.float32)
            known.names = memory.address(gaussians.letters, np.int64)
            for name in ("squares", "values", "constants"):
                setattr(known, name, memory.address(getattr(gaussians, name), np.float64))
        self._memory, self._known = memory, known
        self._at = ctypes.addressof(known)
        self._score = library.scaleglove_model_scores
        self._classes, self._size = reference.classes, reference.classes + 1
        self._width = reference.embeddings.shape[1]

    @classmethod
    def of(cls, reference: ModelReference, library: CDLL | None) -> Self | None:
        """Return the scores by a reference; None: there is no library, it has no memory for it, or the letters have no
        spacing, as one letter alone has none."""
        fits = reference.prototypes.arrays.fits and math.isfinite(reference.class_spacing)
        if library is None or not fits:
            return None
        return cls(reference, library)

    def score(self, probabilities: NDArray[np.float32], embeddings: NDArray[np.float32]) -> Scored:
        """Return the scores of windows, from the model's outputs float32[n, classes] and float32[n, width].

        Raises:
            ValueError: the outputs are of other sizes.
        """
        rows, size = len(embeddings), self._size
        shares, places = probabilities.tobytes(), embeddings.tobytes()
        if (len(shares), len(places)) != (4 * rows * self._classes, 4 * rows * self._width):
            raise ValueError(
                f"outputs of shapes {probabilities.shape} and {embeddings.shape} are not float32 of {self._classes} "
                f"letters and embeddings of {self._width}"
            )
        found, at = written(rows, 3 * size + 1)
        self._score(self._at, rows, shares, places, at)
        return scored(found, size)
