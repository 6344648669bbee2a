"""Guided calibration: what a wearer should show next, and how good what she has shown is."""

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
from scaleglove.letters import LETTERS
from service.inference.engine import Engine, Model
from service.problems import ProblemError
from service.wearers import names
from service.wearers.calibrate import mark_of, reach_of, windows_for
from service.wearers.records import Example, ExampleInfo
from service.wearers.store import WearerStore, check_room


class Guidance(BaseModel):
    """What to show next, and why; `next` null: it is enough."""

    next: str | None = Field(description="one of the letters, or rest")
    again: bool = Field(description="she has shown it already: now in another way of holding it")
    reason: str
    enough: bool
    expected_accuracy: float | None = Field(
        description="share of the newest repeated letters that her examples before would have read right"
    )
    have: dict[str, int] = Field(description="examples by label")
    confused: list[tuple[str, str]] = Field(description="letters that are likely to be taken for each other")


class AddedExample(ExampleInfo):
    code: QualityCode | None = Field(description="what is wrong with it, for programs; null: nothing")
    other: str | None = Field(description="with close_to_other: the letter that it is close to")
    reason: str = Field(description="what is wrong with it, in words; empty where nothing is")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A wearer's examples, as the model sees them."""

    marks: list[int]
    embeddings: np.ndarray


class Guides:
    """Guides any wearer. The database is asked in threads, the model through the engine."""

    def __init__(self, engine: Engine, wearers: WearerStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._guides: dict[str, ExampleSelector] = {}  # by the artefact's digest

    async def advise(self, wearer: str, model: Model, letters: str) -> Guidance:
        """What `wearer` should show next; of `letters` alone, where these are given.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes`, 422 `invalid_request` for a letter that is none.
        """
        guide = self._guides.get(model.digest) or self._guides.setdefault(
            model.digest, ExampleSelector(_prototypes(model))
        )
        wanted = [_place(letter) for letter in dict.fromkeys(letters)]
        examples = await asyncio.to_thread(self._wearers.windows, wearer)
        shown = await self._seen(examples, model)
        advice = await asyncio.to_thread(guide.suggest, shown.embeddings, shown.marks, wanted)
        have = {label: sum(each.label == label for each in examples) for label in [*LETTERS, names.REST]}
        return _tell(advice, {label: count for label, count in have.items() if count})

    async def add(self, wearer: str, example: Example, model: Model) -> AddedExample:
        """Keep an example, judged by what she has shown before."""
        before = await asyncio.to_thread(self._wearers.windows, wearer)
        check_room(wearer, len(before))
        quality = await self._judge(before, example, model)
        info = await asyncio.to_thread(self._wearers.add_example, wearer, replace(example, quality=quality.score))
        other = None if quality.other is None else LETTERS[quality.other]
        return AddedExample(**info.model_dump(), code=quality.code, other=other, reason=quality.reason)

    async def _judge(self, before: Sequence[Example], example: Example, model: Model) -> Quality:
        label = REST if example.label == names.REST else LETTERS.index(example.label)
        seen = await self._seen([*before, example], model)
        others = None
        if len(set(seen.marks[:-1]) - {REST}) >= FEWEST_LETTERS:
            others = OpenSetReference.of(seen.embeddings[:-1], seen.marks[:-1], reach_of(model))
        return judge_example(example.window, seen.embeddings[-1], label, others)

    async def _seen(self, examples: Sequence[Example], model: Model) -> _Shown:
        if not examples:
            return _Shown([], np.zeros((0, _prototypes(model).embeddings.shape[1]), np.float32))
        windows = await asyncio.to_thread(windows_for, examples, model.contract)
        outputs = await self._engine.run(model, windows)
        return _Shown([mark_of(example.label, model.contract) for example in examples], outputs.embedding)


def _prototypes(model: Model) -> OpenSetReference:
    if model.reference is None:
        detail = f"{model.contract.name} has no prototypes (scaleglove prototypes): nobody can be guided by it"
        raise ProblemError(409, "no_prototypes", detail, "model")
    return model.reference


def _place(letter: str) -> int:
    if letter not in LETTERS:
        detail = f"letters: {letter!r} is none of {''.join(LETTERS)}"
        raise ProblemError(422, "invalid_request", detail, "letters")
    return LETTERS.index(letter)


def _tell(advice: Suggestion, have: dict[str, int]) -> Guidance:
    return Guidance(
        next=None if advice.label is None else _name(advice.label),
        again=advice.again,
        reason=_reason(advice),
        enough=advice.label is None,
        expected_accuracy=None if advice.expected_accuracy is None else round(advice.expected_accuracy, 4),
        have=have,
        confused=[(_name(one), _name(other)) for one, other in advice.confused],
    )


def _reason(advice: Suggestion) -> str:
    if advice.label is None:
        return "her newest examples were known already, or she has shown as many as help much"
    if advice.label == REST:
        return "the arm hanging down" if advice.again else "the hand as it rests between words"
    return "in another way of holding it than before" if advice.again else "not shown yet"


def _name(label: int) -> str:
    return names.REST if label == REST else LETTERS[label]
