"""Scores by a user's examples, in C: user_scores.c, whose reference is `UserReference`."""

from __future__ import annotations

import ctypes
from ctypes import CDLL, Structure, c_double, c_int32, c_void_p
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.native.example_memory import ExampleArrays, Examples, examples_in
from models.adaptation.native.memory import Memory, scored, written
from models.adaptation.scored import Scored


class _Space(Structure):
    _fields_ = (("examples", Examples), ("metric", c_void_p), ("floor", c_double))


class User(Structure):
    """`struct user_reference`."""

    _fields_ = (
        ("alike", _Space),
        ("facing", _Space),
        ("unshown", c_int32),
        ("unshown_names", c_void_p),
        *((name, c_double) for name in ("direction", "trust", "confidence")),
    )


class SpaceArrays(NamedTuple):
    """Examples in a metric float32[width, width], and the log-score `floor` of what is as far as a letter may be."""

    examples: ExampleArrays
    metric: NDArray[np.float32]
    floor: float

    def placed_in(self, memory: Memory) -> _Space:
        """Return the struct of it, whose arrays are in a memory; the identity is no metric."""
        width = len(self.metric)
        is_own = not np.array_equal(self.metric, np.eye(width, dtype=np.float32))
        metric = memory.address(self.metric, np.float32) if is_own else None
        return _Space(examples_in(memory, self.examples), metric, self.floor)


class UserArrays(NamedTuple):
    """All that a user's reference is: its spaces, the second where the direction of the examples is known, with the
    weight of that; the letters without an example, int64[unshown]; the exponent of the model's probabilities, and the
    confidence."""

    alike: SpaceArrays
    facing: SpaceArrays | None
    unshown: NDArray[np.int64]
    direction: float
    trust: float
    confidence: float


class UserScores:
    """The scores by one user's reference."""

    def __init__(self, arrays: UserArrays, library: CDLL) -> None:
        """Make them of examples that fit."""
        memory = Memory()
        self._user = User(
            alike=arrays.alike.placed_in(memory),
            unshown=len(arrays.unshown),
            unshown_names=memory.address(arrays.unshown, np.int64),
            direction=arrays.direction,
            trust=arrays.trust,
            confidence=arrays.confidence,
        )
        if arrays.facing is not None:
            self._user.facing = arrays.facing.placed_in(memory)
        self._memory = memory
        self._at = ctypes.addressof(self._user)
        self._score = library.scaleglove_user_scores
        self._classes, self._width = arrays.alike.examples.classes, len(arrays.alike.metric)

    @classmethod
    def of(cls, arrays: UserArrays, library: CDLL | None) -> Self | None:
        """Return the scores by a reference; None: there is no library, or has no memory for it."""
        if library is None or not arrays.alike.examples.fits:
            return None
        return cls(arrays, library)

    def score(
        self, probabilities: NDArray[np.float32], embeddings: NDArray[np.float32], yaws: NDArray[np.float64] | None
    ) -> Scored:
        """Return the scores of windows, from the model's outputs float32[n, known] and float32[n, width], and the yaw
        of the hand float64[n], where that is known.

        Raises:
            ValueError: the outputs are of other sizes.
        """
        rows, known = probabilities.shape
        shares, places = probabilities.tobytes(), embeddings.tobytes()
        turns = None if yaws is None else yaws.tobytes()
        if known > self._classes or (len(shares), len(places)) != (4 * rows * known, 4 * rows * self._width):
            raise ValueError(
                f"outputs of shapes {probabilities.shape} and {embeddings.shape} are not float32 of up to "
                f"{self._classes} letters and embeddings of {self._width}"
            )
        if turns is not None and len(turns) != 8 * rows:
            raise ValueError(f"{rows} windows with yaws of {len(turns)} bytes, which are not float64")
        found, at = written(rows, 3 * self._classes + 4)
        self._score(self._at, rows, shares, known, places, turns, at)
        return scored(found, self._classes + 1)
