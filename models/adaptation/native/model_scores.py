"""Scores by what a model knows of any hand, in C: model_scores.c, whose reference is
`models.adaptation.model_reference`."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from ctypes import CDLL, Structure, c_double, c_int32, c_void_p
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.additive import AdditiveModel
from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.native.example_memory import Examples, examples_in
from models.adaptation.native.memory import Memory, scored, written
from models.adaptation.open_set import OpenSetReference
from models.adaptation.scored import Scored

_READ: Final = 9
_SHAPE: Final = 8
"""READ and SHAPE of model_scores.c."""


class Known(Structure):
    """`struct model_reference`."""

    _fields_ = (
        ("prototypes", Examples),
        ("gaussians", c_int32),
        *((name, c_double) for name in ("share", "sharpness", "limit", "doubt", "evidence", "gaussian", "spacing")),
        *((name, c_void_p) for name in ("additive", "additive_bias", "reader", "reader_bias", "names")),
        *((name, c_void_p) for name in ("squares", "values", "constants")),
    )


class Parts(NamedTuple):
    """What a reference is made of; `factors`: its weights by their names."""

    prototypes: OpenSetReference
    factors: Mapping[str, float]
    additive: AdditiveModel | None
    gaussians: LetterGaussians | None


def _fits_additive(reference: Parts) -> bool:
    """Return whether the additive classifier, if there is one, is of the sizes of the prototypes."""
    additive, sizes = reference.additive, (reference.prototypes.embeddings.shape[1], reference.prototypes.classes)
    return additive is None or (additive.weights.shape == sizes and additive.bias.shape == sizes[1:])


def _fit_gaussians(reference: Parts) -> bool:
    """Return the same of the letters' Gaussians, which are fitted to embeddings of other windows."""
    gaussians, prototypes = reference.gaussians, reference.prototypes
    if gaussians is None:
        return True
    letters, width = gaussians.letters, prototypes.embeddings.shape[1]
    count = len(letters)
    shapes = [array.shape for array in (gaussians.reader, gaussians.bias, gaussians.squares, gaussians.values)]
    fit = shapes == [(width, _READ), (_READ,), (_SHAPE**2, count), (_SHAPE, count)]
    return fit and gaussians.constants.shape == (count,) and set(letters.tolist()) <= set(range(prototypes.classes))


class ModelScores:
    """The scores by one reference."""

    def __init__(self, reference: Parts, library: CDLL) -> None:
        """Make them of a reference whose prototypes fit."""
        memory, prototypes, factors = Memory(), reference.prototypes, reference.factors
        known = Known(
            prototypes=examples_in(memory, prototypes.arrays),
            spacing=prototypes.class_spacing,
            **{name: factors[name] for name in ("share", "sharpness", "limit", "doubt", "evidence")},
        )
        additive, gaussians = reference.additive, reference.gaussians
        if additive is not None:
            known.additive = memory.address(additive.weights, np.float32)
            known.additive_bias = memory.address(additive.bias, np.float32)
        if gaussians is not None:
            known.gaussian, known.gaussians = factors["gaussian"], len(gaussians.letters)
            known.reader = memory.address(gaussians.reader, np.float32)
            known.reader_bias = memory.address(gaussians.bias, np.float32)
            known.names = memory.address(gaussians.letters, np.int64)
            for name in ("squares", "values", "constants"):
                setattr(known, name, memory.address(getattr(gaussians, name), np.float64))
        self._memory, self._known = memory, known
        self._at = ctypes.addressof(known)
        self._score = library.scaleglove_model_scores
        self._classes, self._size = prototypes.classes, prototypes.classes + 1
        self._width = prototypes.embeddings.shape[1]

    @classmethod
    def of(cls, reference: Parts, library: CDLL | None) -> Self | None:
        """Return the scores by a reference; None: there is no library, it has no memory for it, its parts are of other
        sizes, or the letters have no spacing, as one letter alone has none."""
        fits = reference.prototypes.arrays.fits and math.isfinite(reference.prototypes.class_spacing)
        if library is None or not fits or not (_fits_additive(reference) and _fit_gaussians(reference)):
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
