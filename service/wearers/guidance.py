"""Guided calibration: which example to add next, and the quality of those added."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, Field

from models.adaptation.example_selection import (
    ExampleSelector,
    Quality,
    QualityCode,
    Suggestion,
    judge_example,
)
from models.adaptation.open_set import FEWEST_LETTERS, REST
from models.adaptation.user_reference import Examples
from service.inference.engine import Engine, Model
from service.problems import ProblemError
from service.wearers.embedded_examples import EmbeddedExamples, embed_examples, reference_for_guidance
from service.wearers.limits import check_space
from service.wearers.own_signs import own_labels, reference_of
from service.wearers.records import REST_LABEL, Example, ExampleInfo
from service.wearers.store import WearerStore


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


class GuidedCalibration:
    """Guidance for all wearers. The database is used in threads, the model through the engine."""

    def __init__(self, engine: Engine, wearers: WearerStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._selectors: dict[str, ExampleSelector] = {}  # by the artefact's digest

    async def suggest(self, wearer: str, model: Model, letters: Sequence[str]) -> Guidance:
        """Suggest the next example of a wearer, only among `letters` unless these are empty.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes`, 422 `invalid_request` for an unknown letter.
        """
        if (selector := self._selectors.get(model.digest)) is None:
            selector = await asyncio.to_thread(ExampleSelector, reference_for_guidance(model))
            self._selectors[model.digest] = selector
        labels = model.contract.labels
        wanted = [_index_of(letter, labels) for letter in dict.fromkeys(letters)]
        examples = await asyncio.to_thread(self._wearers.windows, wearer)
        of_model = [example for example in examples if example.label in (*labels, REST_LABEL)]
        embedded = await embed_examples(self._engine, of_model, labels, model)
        suggestion = await asyncio.to_thread(selector.suggest, embedded.embeddings, embedded.classes, wanted)
        return _guidance_of(suggestion, dict(Counter(each.label for each in examples)), labels)

    async def add(self, wearer: str, example: Example, model: Model) -> AddedExample:
        """Add an example with its quality, which depends on the examples before it.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes` or `too_many_examples`, 503 or 507.
        """
        earlier = await asyncio.to_thread(self._wearers.windows, wearer)
        check_space(wearer, len(earlier), sum(each.window.nbytes for each in earlier), example.window.nbytes)
        own = own_labels([each.label for each in (*earlier, example)], model.contract, {example.label})
        letters = (*model.contract.labels, *own)
        quality = await self._assess(earlier, example, letters, model)
        info = await asyncio.to_thread(self._wearers.add_example, wearer, replace(example, quality=quality.score))
        other = None if quality.other is None else letters[quality.other]
        return AddedExample(**info.model_dump(), code=quality.code, other=other, reason=quality.reason(letters))

    async def _assess(
        self, earlier: Sequence[Example], example: Example, names: Sequence[str], model: Model
    ) -> Quality:
        """Judge an example in view of those before it; `names` are the model's labels and then own signs."""
        known = len(model.contract.labels)
        others = [each for each in earlier if each.label in (*names, REST_LABEL)]
        embedded = await embed_examples(self._engine, [*others, example], names, model)
        return await asyncio.to_thread(_judge, embedded, known, len(names), model)


def _judge(embedded: EmbeddedExamples, known: int, total: int, model: Model) -> Quality:
    """Judge the last of some examples of `total` labels, of which the model has the first `known`."""
    *classes, label = embedded.classes
    reference = None
    if label >= known or len(set(classes) - {REST}) >= FEWEST_LETTERS:
        reference = reference_of(Examples(embedded.embeddings[:-1], classes), known, total, model.reference)
    may_move = label >= known or (label != REST and model.contract.vocabulary.moving[label])
    return judge_example(embedded.seen[-1], embedded.embeddings[-1], label, reference, may_move)


def _index_of(letter: str, labels: Sequence[str]) -> int:
    if letter not in labels:
        detail = f"letters: {letter!r} is not one of {' '.join(labels)}"
        raise ProblemError(422, "invalid_request", detail, "letters")
    return labels.index(letter)


def _guidance_of(suggestion: Suggestion, have: dict[str, int], labels: Sequence[str]) -> Guidance:
    accuracy = suggestion.expected_accuracy
    return Guidance(
        next=None if suggestion.label is None else _name(suggestion.label, labels),
        again=suggestion.again,
        reason=_reason(suggestion),
        enough=suggestion.label is None,
        expected_accuracy=None if accuracy is None else round(accuracy, 4),
        have=have,
        confused=[(_name(one, labels), _name(other, labels)) for one, other in suggestion.confused],
    )


def _reason(suggestion: Suggestion) -> str:
    if suggestion.label is None:
        return "the newest examples were classified correctly already, or more would help little"
    if suggestion.label == REST:
        return "the arm hanging down" if suggestion.again else "the hand at rest between words"
    return "held in another way than before" if suggestion.again else "no example yet"


def _name(label: int, labels: Sequence[str]) -> str:
    return REST_LABEL if label == REST else labels[label]
