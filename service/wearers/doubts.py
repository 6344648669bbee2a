"""Calibration by doubt: of which shapes already held to ask "what was this?", and what they may have been."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from models.adaptation import decision
from models.adaptation.doubt import most_doubtful
from models.adaptation.front_end import FrontEnd, median_frame
from scaleglove.protocol import Candidate
from service.inference.engine import Model, Window
from service.streams.shape_memory import HeldShape, StreamShapes
from service.wearers.seen_shapes import ShapeViewer

AT_ONCE: Final = 6
"""Questions that are asked before the answers are used for the next ones."""

_AROUND: Final = 3
"""Letters before and after a shape, to remind the user."""

_CANDIDATES: Final = 4
_DECIMALS: Final = 4
_READING_DECIMALS: Final = 1


class Doubt(BaseModel):
    """A shape to ask about."""

    shape: int = Field(description="its number in the stream")
    t_ms: float = Field(description="device time from which on it was held")
    letter: str | None = Field(description="what was written for it; null: nothing")
    before: list[str] = Field(description="the letters that were written before it, the nearest last")
    after: list[str] = Field(description="those after it, the nearest first")
    frame: list[float] = Field(description="what the model's glove would have read, to draw the hand; flex1..5, angles")
    candidates: list[Candidate] = Field(description="what it most probably was, the most probable first")


class Doubts(BaseModel):
    """The most doubtful shapes that a stream has held, the most doubtful first; fewer than asked for, or none, where
    the others are examples already or beyond doubt."""

    held: int = Field(description="shapes that the stream keeps")
    doubts: list[Doubt]


class DoubtfulShapes:
    """Doubts for all wearers."""

    def __init__(self, viewer: ShapeViewer) -> None:
        self._viewer = viewer

    async def find(self, wearer: str, model: Model, held: StreamShapes, glove: FrontEnd | None, count: int) -> Doubts:
        """Find the shapes that are over of which an answer would help a wearer most, by the examples so far, calibrated
        or not.

        Args:
            wearer: whose hand held the shapes.
            model: that is to recognise them.
            held: the shapes of their stream.
            glove: as for `ShapeViewer.view`.
            count: at most as many.

        Raises:
            ProblemError: as `ShapeViewer.view`.
        """
        over = StreamShapes(held.sample_rate_hz, [shape for shape in held.shapes if shape.is_over])
        seen = await self._viewer.view(wearer, model, over, glove)
        if seen is None:
            return Doubts(held=len(held.shapes), doubts=[])
        probabilities = await asyncio.to_thread(seen.probabilities)
        chosen = await asyncio.to_thread(most_doubtful, seen.outputs.embedding, probabilities, seen.examples, count)
        names = seen.asked.labels.names
        doubts = [
            _doubt(seen.shapes[index], seen.windows[index], _candidates(probabilities[index], names), held.shapes)
            for index in chosen.tolist()
        ]
        return Doubts(held=len(held.shapes), doubts=doubts)


def _candidates(probabilities: NDArray[np.float64], names: Sequence[str]) -> list[Candidate]:
    found = decision.decide(probabilities, _CANDIDATES).candidates
    return [Candidate(names[index], round(share, _DECIMALS)) for index, share in found]


def _doubt(shape: HeldShape, seen: Window, candidates: list[Candidate], held: Sequence[HeldShape]) -> Doubt:
    return Doubt(
        shape=shape.number,
        t_ms=shape.t_ms,
        letter=shape.letter,
        before=_letters(each for each in held if each.number < shape.number)[-_AROUND:],
        after=_letters(each for each in held if each.number > shape.number)[:_AROUND],
        frame=median_frame(seen).astype(np.float64).round(_READING_DECIMALS).tolist(),
        candidates=candidates,
    )


def _letters(shapes: Iterable[HeldShape]) -> list[str]:
    return [shape.letter for shape in shapes if shape.letter is not None]
