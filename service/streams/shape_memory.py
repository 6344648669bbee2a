"""The shapes that a hand held last in one stream, as an example needs them: what can still be asked about. Pure.

A letter is judged while it is held, but whether it was right is known only afterwards: by a correction of the text, or
by an answer to a question. So the newest shapes are kept, without what the model made of them: with examples of other
shapes it makes something else of each.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.runtime.contract import ModelContract
from scaleglove.protocol import Gesture, ServerMessage
from service.problems import ProblemError
from service.streams.hold_tracker import SETTLE_MS
from service.streams.packed_frames import pack, unpack

REMEMBERED: Final = 48
"""Shapes: about two minutes of signing, longer than which nobody remembers what they held. All of them take less than
30 KiB of a stream (tests/service/streams/test_shape_memory.py)."""

LEAST_MS: Final = 240.0
"""Shapes held shorter are halts within a movement, unless a letter was written for them: by default none begins
earlier."""

KEPT_FRAMES: Final = 20
"""Newest frames of a shape. The embedding of the default model is that of the newest ten, so that nothing is lost; that
of a network which reads the whole window is somewhat better with twice as many, and hardly with more."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldShape:
    """A shape that was held from device time `t_ms` on. `letter`: what was written for it; None: nothing."""

    number: int
    t_ms: float
    letter: str | None
    frames: NDArray[np.float32]
    """The newest, float32[n, 8] as the glove read them, evenly sampled at the model's rate."""
    is_over: bool = True
    """False: the hand still holds it, and it will have other frames."""


@dataclass(frozen=True, slots=True)
class StreamShapes:
    """The newest shapes of a stream, oldest first, evenly sampled at `sample_rate_hz`."""

    sample_rate_hz: float
    shapes: list[HeldShape]

    def numbered(self, number: int) -> HeldShape:
        """Return the shape of this number.

        Raises:
            ProblemError: 404 `unknown_shape`.
        """
        for shape in self.shapes:
            if shape.number == number:
                return shape
        detail = f"shape: the stream keeps the newest {len(self.shapes)} shapes that were held, and {number} is not one"
        raise ProblemError(404, "unknown_shape", detail, "shape")


@dataclass(slots=True, eq=False)
class _Present:
    """The shape that is held, which has other frames with every window."""

    number: int
    t_ms: float
    letter: str | None
    frames: NDArray[np.float32]

    @property
    def shape(self) -> HeldShape:
        """The shape as it is now."""
        return HeldShape(self.number, self.t_ms, self.letter, self.frames, is_over=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """A shape with its frames packed."""

    number: int
    t_ms: float
    letter: str | None
    data: bytes

    @classmethod
    def of(cls, shape: _Present) -> Self:
        return cls(shape.number, shape.t_ms, shape.letter, pack(shape.frames))

    def unpacked(self, is_over: bool = True) -> HeldShape:
        return HeldShape(self.number, self.t_ms, self.letter, unpack(self.data), is_over)


@dataclass(slots=True)
class ShapeMemory:
    """The newest shapes of one stream, whose windows are of a model with this contract."""

    contract: ModelContract
    _kept: deque[_Packed] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _present: _Present | None = None
    _answered: _Packed | None = None
    """The shape of which an example was made while it was held, as it was then."""
    _next: int = 0
    _newest_ms: float = -math.inf

    @property
    def now(self) -> StreamShapes:
        """The shapes so far; the last may still be held."""
        shapes = [packed.unpacked() for packed in self._kept]
        if self._present is not None and self._is_long(self._present):
            answered = self._answered
            shapes.append(self._present.shape if answered is None else answered.unpacked(is_over=False))
        return StreamShapes(self.contract.sample_rate_hz, shapes)

    def push(self, t_ms: float, raw: NDArray[np.float32], still_ms: float) -> None:
        """Take the next window `raw` float32[n, 8] as the glove read it, at whose end the hand has been still for
        `still_ms`."""
        self._newest_ms = t_ms
        if still_ms < SETTLE_MS:
            self.finish()
            return
        frames = raw[-max(1, min(KEPT_FRAMES, math.floor(still_ms / self.contract.period_ms))) :].copy()
        if self._present is None:
            self._present = _Present(self._take_number(), t_ms - still_ms, None, frames)
        else:
            self._present.frames = frames

    def answered(self, number: int) -> StreamShapes:
        """Return the shapes for an example of the one of this number. While it is held, it stays as it is from here on:
        of newer frames nobody could tell that it is an example already."""
        shape = self._present
        if shape is not None and shape.number == number and self._answered is None and self._is_long(shape):
            self._answered = _Packed.of(shape)
        return self.now

    def named(self, message: ServerMessage) -> ServerMessage:
        """Return a message that the newest window caused; the begin of a letter with the number of its shape.

        A sign that moves begins before its window, and has none. Where one letter follows another in one hold, the
        first has none any more: the newest frames are of the other. A shape too short for the model is not named: it
        is not kept unless it is held on.
        """
        if not isinstance(message, Gesture) or message.phase != "begin" or message.t_ms != self._newest_ms:
            return message
        shape = self._present
        if shape is None:
            return message
        if shape.letter is not None:
            shape.number, shape.t_ms = self._take_number(), message.t_ms
            self._answered = None
        shape.letter = message.label
        return replace(message, shape=shape.number) if self._is_long(shape) else message

    def finish(self) -> None:
        """End the shape that is held, since the hand has moved on or frames are missing."""
        if self._present is not None and self._is_long(self._present):
            answered, letter = self._answered, self._present.letter
            self._kept.append(_Packed.of(self._present) if answered is None else replace(answered, letter=letter))
        self._present = self._answered = None

    def _is_long(self, shape: _Present) -> bool:
        least_ms = LEAST_MS if shape.letter is None else 0.0
        return len(shape.frames) >= max(self.contract.min_frames, round(least_ms / self.contract.period_ms))

    def _take_number(self) -> int:
        number = self._next
        self._next += 1
        return number
