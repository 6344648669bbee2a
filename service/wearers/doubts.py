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
from models.adaptation.open_set import REST, Reference
from models.adaptation.user_reference import Examples
from models.runtime.artefact import Outputs
from scaleglove.protocol import Candidate
from service.inference.engine import Engine, Model, Window
from service.streams.shape_memory import HeldShape, StreamShapes
from service.wearers.calibration import windows_for
from service.wearers.embedded_examples import EmbeddedExamples, embed_examples, reference_for_guidance
from service.wearers.own_signs import own_labels, reference_of
from service.wearers.records import REST_LABEL, Example
from service.wearers.store import WearerStore

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
    """Doubts for all wearers. The database is used in threads, the model through the engine."""

    def __init__(self, engine: Engine, wearers: WearerStore) -> None:
        self._engine = engine
        self._wearers = wearers

    async def find(self, wearer: str, model: Model, held: StreamShapes, glove: FrontEnd | None, count: int) -> Doubts:
        """Find the shapes of which an answer would help a wearer most, by the examples so far, calibrated or not.

        Args:
            wearer: whose hand held the shapes.
            model: that is to recognise them.
            held: the shapes of their stream.
            glove: the front end of its glove, for examples of too few letters to fit one; None: unknown.
            count: at most as many.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes`, 503 or 507.
        """
        examples = await asyncio.to_thread(self._wearers.windows, wearer)
        names = (*model.contract.labels, *own_labels([each.label for each in examples], model.contract))
        usable = [each for each in examples if each.label in (*names, REST_LABEL)]
        embedded = await embed_examples(self._engine, usable, names, model, glove)
        shapes, seen = _seen(held, model, embedded.front_end)
        if not seen:
            return Doubts(held=len(held.shapes), doubts=[])
        outputs = await self._engine.run(model, seen)
        probabilities = await asyncio.to_thread(_probabilities, outputs, embedded, names, model)
        chosen = await asyncio.to_thread(most_doubtful, outputs.embedding, probabilities, embedded.embeddings, count)
        doubts = [
            _doubt(shapes[index], seen[index], _candidates(probabilities[index], names), held.shapes)
            for index in chosen.tolist()
        ]
        return Doubts(held=len(held.shapes), doubts=doubts)


def _seen(held: StreamShapes, model: Model, front_end: FrontEnd) -> tuple[list[HeldShape], list[Window]]:
    """Return the shapes that are over and long enough for the model, and their windows as it sees them."""
    examples = [Example(REST_LABEL, shape.frames, held.sample_rate_hz, "stream") for shape in held.shapes]
    windows = windows_for(examples, model.contract)
    found = [
        (shape, front_end.apply(window))
        for shape, window in zip(held.shapes, windows, strict=True)
        if shape.is_over and len(window) >= model.contract.min_frames
    ]
    return [shape for shape, _ in found], [window for _, window in found]


def _probabilities(
    outputs: Outputs, embedded: EmbeddedExamples, names: Sequence[str], model: Model
) -> NDArray[np.float64]:
    """Return float64[n, names + 1], the last that of no letter. A hand that was still made no sign that moves."""
    known = len(model.contract.labels)
    reference: Reference = reference_for_guidance(model)
    if any(index != REST for index in embedded.classes):
        examples = Examples(embedded.embeddings, embedded.classes)
        reference = reference_of(examples, known, len(names), reference)
    scores = decision.log_scores(reference, outputs.probabilities, outputs.embedding)
    probabilities = decision.probabilities_of(reference, scores)
    moving = np.flatnonzero(model.contract.vocabulary.moving)
    probabilities[:, -1] += probabilities[:, moving].sum(axis=1)
    probabilities[:, moving] = 0.0
    return probabilities


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
