"""Shapes that a stream has held, as a model sees them by a wearer's examples so far, calibrated or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation import decision
from models.adaptation.few_shot import Embeddings
from models.adaptation.front_end import FrontEnd
from models.adaptation.open_set import REST, Reference
from models.adaptation.user_reference import Examples
from models.runtime.artefact import Outputs
from service.inference.engine import Engine, Model, Window
from service.streams.shape_memory import HeldShape, StreamShapes
from service.wearers.calibration import class_of, windows_for
from service.wearers.embedded_examples import embed_examples, reference_for_guidance
from service.wearers.own_signs import OwnSigns, Recognised, own_labels, reference_of
from service.wearers.profiles import ProfileStore
from service.wearers.records import REST_LABEL, Example
from service.wearers.store import WearerStore


@dataclass(frozen=True, slots=True)
class SeenShapes:
    """Shapes long enough for a model, the oldest first, their windows as it sees them, and what it makes of them.

    `asked`: what they may have been; `examples` float32[k, m] and `answers`: the wearer's, and the label of each.
    """

    shapes: list[HeldShape]
    windows: list[Window]
    outputs: Outputs
    asked: AskedLabels
    examples: Embeddings
    answers: list[str]

    def probabilities(self) -> NDArray[np.float64]:
        """Return float64[n, labels + 1], the last column that of no letter, by the wearer's examples."""
        return self.asked.probabilities(self.outputs, self.examples, self.answers)


class ShapeViewer:
    """Views the shapes of all wearers. The database is used in threads, the model through the engine."""

    def __init__(self, engine: Engine, wearers: WearerStore, profiles: ProfileStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._profiles = profiles

    async def view(self, wearer: str, model: Model, held: StreamShapes, glove: FrontEnd | None) -> SeenShapes | None:
        """Return shapes as a model sees them; None where none is long enough.

        Args:
            wearer: whose hand held the shapes.
            model: that is to recognise them.
            held: the shapes.
            glove: the front end of their glove, for examples of too few letters to fit one, and then its range is
                known; None: unknown.

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
            return None
        outputs = await self._engine.run(model, seen)
        asked = AskedLabels.of(tuple(shown), own, model, is_ranged=glove is not None)
        answers = [each.label for each in examples]
        return SeenShapes(shapes, seen, outputs, asked, embedded.embeddings, answers)


def _seen(held: StreamShapes, model: Model, front_end: FrontEnd) -> tuple[list[HeldShape], list[Window]]:
    """Return the shapes that are long enough for the model, and their windows as it sees them."""
    examples = [Example(REST_LABEL, shape.frames, held.sample_rate_hz, "stream") for shape in held.shapes]
    windows = windows_for(examples, model.contract)
    found = [
        (shape, front_end.apply(window))
        for shape, window in zip(held.shapes, windows, strict=True)
        if len(window) >= model.contract.min_frames
    ]
    return [shape for shape, _ in found], [window for _, window in found]


@dataclass(frozen=True, slots=True)
class AskedLabels:
    """What a shape may have been: `labels`, of which some are `moving`; `is_ranged`: the glove's range is known."""

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
