"""Guided calibration: which example to add next, and the quality of those added."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import BaseModel, Field

from models.adaptation.example_selection import (
    ExampleSelector,
    Quality,
    QualityCode,
    Suggestion,
    judge_example,
)
from models.adaptation.open_set import FEWEST_LETTERS, REST, OpenSetReference
from models.adaptation.sensor_fit import front_end_for
from scaleglove.channels import CHANNELS
from scaleglove.letters import LETTERS
from service.inference.engine import Engine, Model, Window
from service.problems import ProblemError
from service.wearers.calibration import class_of, class_spacing_of, windows_for
from service.wearers.records import REST_LABEL, Example, ExampleInfo
from service.wearers.store import WearerStore, check_limit


class Guidance(BaseModel):
    """Suggestion of the next example; `next` is null once there are enough."""

    next: str | None = Field(description="one of the letters, or rest")
    again: bool = Field(description="there is an example of it already: now hold it in another way")
    reason: str
    enough: bool
    expected_accuracy: float | None = Field(
        description="share of the newest repeated letters that the examples before them classify correctly"
    )
    have: dict[str, int] = Field(description="number of examples by label")
    confused: list[tuple[str, str]] = Field(description="pairs of letters that are likely to be confused")


class AddedExample(ExampleInfo):
    code: QualityCode | None = Field(description="fault of the example, for programs; null: none")
    other: str | None = Field(description="with close_to_other: the letter that it is close to")
    reason: str = Field(description="fault of the example as a sentence; empty: none")


@dataclass(frozen=True, slots=True)
class _EmbeddedExamples:
    """Classes and embeddings float32[n, m] of a wearer's examples, and the window of the last as the model sees it."""

    classes: list[int]
    embeddings: np.ndarray
    newest: Window


class GuidedCalibration:
    """Guidance for all wearers. The database is used in threads, the model through the engine."""

    def __init__(self, engine: Engine, wearers: WearerStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._selectors: dict[str, ExampleSelector] = {}  # by the artefact's digest

    async def suggest(self, wearer: str, model: Model, letters: str) -> Guidance:
        """Suggest the next example of a wearer, only among `letters` unless these are empty.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes`, 422 `invalid_request` for an unknown letter.
        """
        selector = self._selectors.get(model.digest) or self._selectors.setdefault(
            model.digest, ExampleSelector(_prototypes(model))
        )
        wanted = [_index_of(letter) for letter in dict.fromkeys(letters)]
        examples = await asyncio.to_thread(self._wearers.windows, wearer)
        embedded = await self._embed(examples, model)
        suggestion = await asyncio.to_thread(selector.suggest, embedded.embeddings, embedded.classes, wanted)
        have = {label: sum(each.label == label for each in examples) for label in [*LETTERS, REST_LABEL]}
        return _guidance_of(suggestion, {label: count for label, count in have.items() if count})

    async def add(self, wearer: str, example: Example, model: Model) -> AddedExample:
        """Add an example with its quality, which depends on the examples before it.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes` or `too_many_examples`, 503 or 507.
        """
        earlier = await asyncio.to_thread(self._wearers.windows, wearer)
        check_limit(wearer, len(earlier))
        quality = await self._assess(earlier, example, model)
        info = await asyncio.to_thread(self._wearers.add_example, wearer, replace(example, quality=quality.score))
        letters = model.contract.labels
        other = None if quality.other is None else letters[quality.other]
        return AddedExample(**info.model_dump(), code=quality.code, other=other, reason=quality.reason(letters))

    async def _assess(self, earlier: Sequence[Example], example: Example, model: Model) -> Quality:
        label = REST if example.label == REST_LABEL else LETTERS.index(example.label)
        embedded = await self._embed([*earlier, example], model)
        others = None
        if len(set(embedded.classes[:-1]) - {REST}) >= FEWEST_LETTERS:
            others = OpenSetReference.of(
                embedded.embeddings[:-1], embedded.classes[:-1], len(model.contract.labels), class_spacing_of(model)
            )
        return judge_example(embedded.newest, embedded.embeddings[-1], label, others)

    async def _embed(self, examples: Sequence[Example], model: Model) -> _EmbeddedExamples:
        if not examples:
            none = np.zeros((0, _prototypes(model).embeddings.shape[1]), np.float32)
            return _EmbeddedExamples([], none, np.zeros((0, len(CHANNELS)), np.float32))
        classes = [class_of(example.label, model.contract) for example in examples]
        windows = await asyncio.to_thread(windows_for, examples, model.contract)
        front_end = await asyncio.to_thread(front_end_for, windows, classes, model.readings)
        seen = [front_end.apply(window) for window in windows]
        outputs = await self._engine.run(model, seen)
        return _EmbeddedExamples(classes, outputs.embedding, seen[-1])


def _prototypes(model: Model) -> OpenSetReference:
    if model.reference is None:
        detail = f"{model.contract.name} has no prototypes, which guidance requires; add them: scaleglove prototypes"
        raise ProblemError(409, "no_prototypes", detail, "model")
    return model.reference


def _index_of(letter: str) -> int:
    if letter not in LETTERS:
        detail = f"letters: {letter!r} is not one of {''.join(LETTERS)}"
        raise ProblemError(422, "invalid_request", detail, "letters")
    return LETTERS.index(letter)


def _guidance_of(suggestion: Suggestion, have: dict[str, int]) -> Guidance:
    accuracy = suggestion.expected_accuracy
    return Guidance(
        next=None if suggestion.label is None else _name(suggestion.label),
        again=suggestion.again,
        reason=_reason(suggestion),
        enough=suggestion.label is None,
        expected_accuracy=None if accuracy is None else round(accuracy, 4),
        have=have,
        confused=[(_name(one), _name(other)) for one, other in suggestion.confused],
    )


def _reason(suggestion: Suggestion) -> str:
    if suggestion.label is None:
        return "the newest examples were classified correctly already, or more would help little"
    if suggestion.label == REST:
        return "the arm hanging down" if suggestion.again else "the hand at rest between words"
    return "held in another way than before" if suggestion.again else "no example yet"


def _name(label: int) -> str:
    return REST_LABEL if label == REST else LETTERS[label]
