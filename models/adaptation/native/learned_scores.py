"""Scores with what was learned of a hand, in C: learned.c, whose reference is `OnlineCalibration.adjust`."""

from __future__ import annotations

import ctypes
from ctypes import CDLL, Structure, c_double, c_int32, c_void_p
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.native.example_memory import fits
from models.adaptation.native.memory import Memory, written
from models.adaptation.scored import Scored


class Learned(Structure):
    """`struct learned`."""

    _fields_ = (
        *((name, c_int32) for name in ("classes", "width", "count", "rests")),
        *((name, c_void_p) for name in ("holds", "weights", "centres", "known", "rest")),
        *((name, c_double) for name in ("limit", "own", "all")),
    )


class Terms(NamedTuple):
    """The squared distance from which on nothing is nearer, and the exponents of the reference's scores and of all."""

    limit: float
    own: float
    every: float


class LearnedScores:
    """The scores with one state of what was learned."""

    def __init__(self, learned: Learned, memory: Memory, library: CDLL) -> None:
        """Make them of a struct whose arrays are in a memory."""
        self._learned, self._memory = learned, memory
        self._at = ctypes.addressof(learned)
        self._adjust = library.scaleglove_adjust
        self._size, self._width = learned.classes + 1, learned.width

    @classmethod
    def of_holds(
        cls,
        embeddings: NDArray[np.float32],
        weights: NDArray[np.float64],
        rest: NDArray[np.float32],
        terms: Terms,
        library: CDLL | None,
    ) -> Self | None:
        """Return the scores by holds float32[n, width], each with the weights float64[n, classes] of the letters that
        it may be; None: there is no library, it has no memory for them, or they are of other sizes."""
        (count, width), classes, memory = embeddings.shape, weights.shape[1], Memory()
        if library is None or not count or not fits(classes, width, max(count, len(rest))):
            return None
        if len(weights) != count or rest.shape[1] != width:
            return None
        learned = _learned(classes, width, rest, terms, memory)
        learned.count = count
        learned.holds = memory.address(embeddings, np.float32)
        learned.weights = memory.address(weights, np.float64)
        return cls(learned, memory, library)

    @classmethod
    def of_centres(
        cls,
        centres: NDArray[np.float64],
        known: NDArray[np.bool_],
        rest: NDArray[np.float32],
        terms: Terms,
        library: CDLL | None,
    ) -> Self | None:
        """Return the scores by one centre float64[classes, width] for each letter that is `known`; None as above."""
        (classes, width), memory = centres.shape, Memory()
        if library is None or not fits(classes, width, len(rest)):
            return None
        if len(known) != classes or rest.shape[1] != width:
            return None
        learned = _learned(classes, width, rest, terms, memory)
        learned.centres = memory.address(centres, np.float64)
        learned.known = memory.address(known, np.bool_)
        return cls(learned, memory, library)

    def adjust(self, scores: Scored, embeddings: NDArray[np.float32]) -> Scored:
        """Return the scores of windows with embeddings float32[n, width] with what was learned; the confidence is the
        reference's.

        Raises:
            ValueError: they are of other sizes.
        """
        rows, size = len(embeddings), self._size
        given, places = scores.log_scores.tobytes(), embeddings.tobytes()
        confidence = scores.confidence.tobytes()
        if (len(given), len(places), len(confidence)) != (8 * rows * size, 4 * rows * self._width, 8 * rows):
            raise ValueError(
                f"scores of shape {scores.log_scores.shape} with embeddings of shape {embeddings.shape} are not of "
                f"{size - 1} letters and embeddings float32 of {self._width}"
            )
        found, at = written(rows, 3 * size)
        self._adjust(self._at, rows, given, places, confidence, at)
        return Scored(found[:, :size], found[:, size : 2 * size], found[:, 2 * size :], scores.confidence)


def _learned(classes: int, width: int, rest: NDArray[np.float32], terms: Terms, memory: Memory) -> Learned:
    return Learned(
        classes=classes,
        width=width,
        rests=len(rest),
        rest=memory.address(rest, np.float32),
        limit=terms.limit,
        own=terms.own,
        all=terms.every,
    )
