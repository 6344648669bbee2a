"""A sitting: the wearer spells some words that they are shown, and what they hold for them becomes examples.

The stream keeps the newest shapes that were held; a sitting reads those since a number, so that it has no state of its
own: the caller, a page or a program, keeps the words and the number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, Field

from models.adaptation.asked_letters import AskedLetter, LetterState, align
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.first_examples import log_scores
from models.adaptation.front_end import FrontEnd
from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples
from scaleglove.spelling import spelling_of
from service.inference.engine import Engine, Model
from service.problems import ProblemError
from service.streams.shape_memory import KEPT_FRAMES, HeldShape, StreamShapes
from service.wearers.embedded_examples import embed_examples, reference_for_guidance
from service.wearers.guidance import AddedExample
from service.wearers.records import REST_LABEL
from service.wearers.seen_shapes import SeenShapes, ShapeViewer
from service.wearers.sitting_words import AT_RISK, sitting_words, uncovered
from service.wearers.store import WearerStore

MOST_LETTERS: Final = 24
"""Letters of one word at most: a stream keeps the newest 48 shapes, and not each of them is a letter."""

_WITHIN: Final = "a "
"""Text before a word of English, which has a capital at the beginning of a line."""


class SittingWord(BaseModel):
    """A word to spell: as it is written, and the labels that sign it one after another."""

    word: str
    labels: list[str]


class SittingWords(BaseModel):
    """The words of a sitting, in the order to spell them in."""

    words: list[SittingWord]
    at_risk: list[str] = Field(description="the labels most likely to be confused, which occur twice")
    uncovered: list[str] = Field(description="labels that no word has; show them one by one")


class SpelledLetter(BaseModel):
    """A letter that was asked for."""

    label: str
    state: Literal["found", "unsure", "missed", "waiting"] = Field(
        description="found; unsure: what was held in its place is hardly this letter; missed: letters after it were "
        "held; waiting: not held yet"
    )
    shape: int | None = Field(description="the number of the shape in its place")


class Spelled(BaseModel):
    """What is understood of a word that was asked for."""

    letters: list[SpelledLetter]
    text: str = Field(description="what they read so far")
    complete: bool = Field(description="every letter is found, and the last one was held long enough")
    next: int = Field(description="the number of the next shape: `since` for the next word")
    examples: list[AddedExample] = Field(description="those that were kept")


@dataclass(frozen=True, slots=True)
class Understood:
    """What is understood of a word, and the shapes that were found for its letters, each with its label."""

    spelled: Spelled
    found: list[tuple[str, HeldShape]]


class SittingGuide:
    """Guides the sittings of all wearers. The database is used in threads, the model through the engine."""

    def __init__(self, engine: Engine, wearers: WearerStore, viewer: ShapeViewer) -> None:
        self._engine = engine
        self._wearers = wearers
        self._viewer = viewer

    async def words(self, wearer: str, model: Model, wanted: Sequence[str]) -> SittingWords:
        """Return words in which every label of a model occurs, or every one of `wanted` unless that is empty, and those
        most at risk, by the wearer's examples so far, twice.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_prototypes`, 422 `invalid_request` for an unknown label.
        """
        labels = model.contract.labels
        _check_labels(wanted, labels)
        stored = await asyncio.to_thread(self._wearers.windows, wearer)
        examples = [example for example in stored if example.label in (*labels, REST_LABEL)]
        embedded = await embed_examples(self._engine, examples, labels, model)
        selector = await asyncio.to_thread(ExampleSelector, reference_for_guidance(model))
        risks = await asyncio.to_thread(selector.risks, embedded.embeddings, embedded.classes)
        at_risk = [labels[index] for index in np.argsort(-risks, kind="stable")[:AT_RISK].tolist()]
        asked = [label for label in labels if label in wanted or not wanted]
        words = await asyncio.to_thread(sitting_words, model.contract.vocabulary, asked, at_risk)
        return SittingWords(
            words=[SittingWord(word=each.word, labels=list(each.labels)) for each in words],
            at_risk=at_risk,
            uncovered=uncovered(words, asked),
        )

    async def understand(
        self, wearer: str, model: Model, held: StreamShapes, glove: FrontEnd | None, asked: Asked
    ) -> Understood:
        """Return what the shapes that a wearer held for a word say of its letters.

        Args:
            wearer: who was asked.
            model: that is to recognise the letters.
            held: the shapes of their stream.
            glove: as for `ShapeViewer.view`.
            asked: the word.

        Raises:
            ProblemError: as `ShapeViewer.view`, or 422 `invalid_request` for an unknown label.
        """
        _check_labels(asked.labels, model.contract.labels)
        since = StreamShapes(held.sample_rate_hz, [each for each in held.shapes if each.number >= asked.since])
        seen = await self._viewer.view(wearer, model, since, glove)
        letters = [AskedLetter(LetterState.WAITING)] * len(asked.labels)
        if seen is not None:
            letters = await asyncio.to_thread(_aligned, seen, model, glove is not None, asked)
        shapes = [] if seen is None else seen.shapes
        number = max((each.number + 1 for each in held.shapes), default=0)
        return _understood(letters, shapes, asked.labels, model, number)


@dataclass(frozen=True, slots=True)
class Asked:
    """A word that was asked for, and the number of the first shape that may be of it; `is_over`: the wearer has come to
    its end."""

    labels: Sequence[str]
    since: int
    is_over: bool


def _check_labels(asked: Sequence[str], labels: Sequence[str]) -> None:
    for label in asked:
        if label not in labels:
            detail = f"labels: {label!r} is not one of {' '.join(labels)}"
            raise ProblemError(422, "invalid_request", detail, "labels")


def _aligned(seen: SeenShapes, model: Model, is_ranged: bool, asked: Asked) -> list[AskedLetter]:
    """Return what shapes say of a word: where all of its letters are found as if it were over, it is."""
    labels = model.contract.labels
    reference = reference_for_guidance(model)
    classes = {REST_LABEL: REST} | {label: index for index, label in enumerate(labels)}
    usable = [index for index, label in enumerate(seen.answers) if label in classes]
    scores = log_scores(
        reference.ranged() if is_ranged else reference,
        seen.outputs.probabilities,
        seen.outputs.embedding,
        Examples(seen.examples[usable], [classes[seen.answers[index]] for index in usable]),
    )
    indices = [labels.index(label) for label in asked.labels]
    whole = align(scores, indices, is_over=True)
    if asked.is_over or all(each.state is LetterState.FOUND for each in whole):
        return whole
    return align(scores, indices, is_over=False)


def _understood(
    letters: Sequence[AskedLetter], shapes: Sequence[HeldShape], labels: Sequence[str], model: Model, number: int
) -> Understood:
    held = [None if each.hold is None else shapes[each.hold] for each in letters]
    are_found = [each.state is LetterState.FOUND for each in letters]
    found = [
        (label, shape)
        for label, shape, is_found in zip(labels, held, are_found, strict=True)
        if shape is not None and is_found
    ]
    read = [label for label, _ in found]
    text = spelling_of(model.contract.vocabulary).compose(read, _WITHIN) if read else ""
    spelled = Spelled(
        letters=[
            SpelledLetter(label=label, state=each.state.value, shape=None if shape is None else shape.number)
            for label, each, shape in zip(labels, letters, held, strict=True)
        ],
        text=text,
        complete=bool(found) and all(are_found) and _is_long(found[-1][1]),
        next=number,
        examples=[],
    )
    return Understood(spelled, found)


def _is_long(shape: HeldShape) -> bool:
    """Return whether a shape is over or as long as it is kept."""
    return shape.is_over or len(shape.frames) >= KEPT_FRAMES
