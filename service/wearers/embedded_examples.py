"""A wearer's examples as a model sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.adaptation.few_shot import Embeddings
from models.adaptation.front_end import FrontEnd
from models.adaptation.model_reference import ModelReference
from models.adaptation.open_set import REST
from models.adaptation.sensor_fit import front_end_for
from service.inference.engine import Engine, Model, Window
from service.problems import ProblemError
from service.wearers.calibration import class_of, windows_for
from service.wearers.records import Example


@dataclass(frozen=True, slots=True)
class EmbeddedExamples:
    """Classes and embeddings float32[n, m] of a wearer's examples, their windows `seen` by the model, and the front end
    that shows them to it."""

    classes: list[int]
    embeddings: Embeddings
    seen: list[Window]
    front_end: FrontEnd


async def embed_examples(
    engine: Engine, examples: Sequence[Example], names: Sequence[str], model: Model, glove: FrontEnd | None = None
) -> EmbeddedExamples:
    """Run the model on examples whose labels are among `names` (the model's, then own signs), or rest.

    Args:
        engine: runs the model.
        examples: of one wearer; there may be none.
        names: labels by class.
        model: that sees them.
        glove: the front end of their glove, used where they are of too few letters to fit one; None: unknown.

    Raises:
        ProblemError: 409 `no_prototypes`.
    """
    width = reference_for_guidance(model).embeddings.shape[1]
    classes = [class_of(example.label, names, model.contract.name) for example in examples]
    known = len(model.contract.labels)
    letters = [index if index < known else REST for index in classes]

    def see() -> tuple[FrontEnd, list[Window]]:
        windows = windows_for(examples, model.contract)
        front_end = front_end_for(windows, letters, model.readings, glove)
        return front_end, [front_end.apply(window) for window in windows]

    front_end, seen = await asyncio.to_thread(see)
    embeddings = (await engine.run(model, seen)).embedding if seen else np.zeros((0, width), np.float32)
    return EmbeddedExamples(classes, embeddings, seen, front_end)


def reference_for_guidance(model: Model) -> ModelReference:
    """Return what a model knows by itself, with which guidance begins.

    Raises:
        ProblemError: 409 `no_prototypes`.
    """
    if model.reference is None:
        detail = f"{model.contract.name} has no prototypes, which guidance requires; add them: scaleglove prototypes"
        raise ProblemError(409, "no_prototypes", detail, "model")
    return model.reference
