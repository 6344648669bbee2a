"""Calibration by doubt: of which shapes already held to ask "what was this?", and what they may have been."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from models.adaptation import decision
from models.adaptation.doubt import most_doubtful
from models.adaptation.few_shot import Embeddings
from models.adaptation.front_end import FrontEnd, median_frame
from models.adaptation.open_set import REST, Reference
from models.adaptation.user_reference import Examples
from models.runtime.artefact import Outputs
from scaleglove.protocol import Candidate
from service.inference.engine import Engine, Model, Window
from service.streams.shape_memory import HeldShape, StreamShapes
from service.wearers.calibration import class_of, windows_for
from service.wearers.embedded_examples import embed_examples, reference_for_guidance
from service.wearers.own_signs import OwnSigns, Recognised, own_labels, reference_of
from service.wearers.profiles import ProfileStore
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

    def __init__(self, engine: Engine, wearers: WearerStore, profiles: ProfileStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._profiles = profiles

    async def find(self, wearer: str, model: Model, held: StreamShapes, glove: FrontEnd | None, count: int) -> Doubts:
        """Find the shapes of which an answer would help a wearer most, by the examples so far, calibrated or not.

        Args:
            wearer: whose hand held the shapes.
            model: that is to recognise them.
            held: the shapes of their stream.
            glove: the front end of its glove, for examples of too few letters to fit one, and then its range is known;
                None: unknown.
            count: at most as many.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes`, 503 or 507.
        """
        examples = await asyncio.to_thread(self._wearers.windows, wearer)
        row = await asyncio.to_thread(self._profiles.active, wearer, model.contract.name)
        own = OwnSigns.of(None if row is None else row.signs)
        shown = dict.fromkeys(each.label for each in examples if each.label != REST_LABEL)
        every = tuple(dict.fromkeys((*model.contract.labels, *shown)))
        embedded = await embed_examples(self._engine, examples, every, model, glove)
        shapes, seen = _seen(held, model, embedded.front_end)
        if not seen:
            return Doubts(held=len(held.shapes), doubts=[])
        outputs = await self._engine.run(model, seen)
        asked = _Asked.of(tuple(shown), own, model, is_ranged=glove is not None)
        answers = [each.label for each in examples]
        probabilities = await asyncio.to_thread(asked.probabilities, outputs, embedded.embeddings, answers)
        chosen = await asyncio.to_thread(most_doubtful, outputs.embedding, probabilities, embedded.embeddings, count)
        doubts = [
            _doubt(shapes[index], seen[index], _candidates(probabilities[index], asked.labels.names), held.shapes)
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a shape may have been: `labels`, of which some are `moving`."""

    labels: Recognised
    moving: NDArray[np.int64]
    model: Model
    is_ranged: bool

    @classmethod
    def of(cls, shown: Sequence[str], own: OwnSigns, model: Model, is_ranged: bool) -> Self:
        """Return it for examples of the labels `shown` and the own signs of the wearer's profile, alone where the
        profile's are alone and there are examples of some."""
        signs = own_labels(shown, model.contract, own.names)
        letters = () if own.alone and signs else model.contract.labels
        labels = Recognised((*letters, *signs), len(letters))
        moving = {each.label for each in (*model.contract.vocabulary.labels, *own.labels) if each.moving}
        indices = [index for index, name in enumerate(labels.names) if name in moving]
        return cls(labels, np.array(indices, np.int64), model, is_ranged)

    def probabilities(self, outputs: Outputs, examples: Embeddings, shown: Sequence[str]) -> NDArray[np.float64]:
        """Return float64[n, labels + 1] by examples float32[k, m] with the labels `shown`, the last that of no letter.
        A hand that was still made no sign that moves."""
        reference = self._reference(examples, shown)
        scores = decision.log_scores(reference, outputs.probabilities[:, : self.labels.known], outputs.embedding)
        probabilities = decision.probabilities_of(reference, scores)
        probabilities[:, -1] += probabilities[:, self.moving].sum(axis=1)
        probabilities[:, self.moving] = 0.0
        return probabilities

    def _reference(self, embeddings: Embeddings, shown: Sequence[str]) -> Reference:
        """Return the reference of examples float32[n, m] with these labels; without one of a label that is asked for
        that of the model, for a hand of which the range is known or not."""
        names, of_model = self.labels.names, reference_for_guidance(self.model)
        usable = [index for index, label in enumerate(shown) if label in (*names, REST_LABEL)]
        classes = [class_of(shown[index], names, self.model.contract.name) for index in usable]
        if all(index == REST for index in classes):
            return of_model.ranged() if self.is_ranged else of_model
        return reference_of(Examples(embeddings[usable], classes), self.labels.known, len(names), of_model)


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
