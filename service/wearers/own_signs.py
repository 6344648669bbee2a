"""Own signs: labels that a user has taught, beside those of a model or in their place. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from models.adaptation.few_shot import Embeddings
from models.adaptation.open_set import OpenSetReference
from models.runtime.contract import ModelContract
from scaleglove.vocabulary import (
    FEWEST_LABELS,
    MOST_LABELS,
    REST,
    Label,
    Vocabulary,
    load_vocabulary,
    package_vocabularies,
)
from service.problems import ProblemError
from service.streams.hold_tracker import still_ms

_HELD_SHARE: Final = 0.5
"""Share of an example for which the hand is still in the end with which the sign is a hand shape, not a movement."""


class OwnSigns(BaseModel):
    """The own signs of a profile; `alone`: the profile recognises no label of the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[Label, ...] = Field(default=(), max_length=MOST_LABELS)
    alone: bool = False
    signs_from: str | None = None
    """The other wearer whose own signs are among them."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.label for each in self.labels)

    def vocabulary(self, contract: ModelContract) -> Vocabulary:
        """Return what a profile with these signs recognises: first what the model does, unless they stand alone.

        Raises:
            pydantic.ValidationError: these are too many labels, or, alone, too few.
        """
        if self.alone:
            return Vocabulary(name="own", labels=self.labels)
        return contract.vocabulary.with_signs(self.labels)

    @classmethod
    def of(cls, stored: object) -> Self:
        """Return what is stored with a profile; None is none."""
        return cls() if stored is None else cls.model_validate(stored)


NO_OWN_SIGNS: Final = OwnSigns()


def own_labels(labels: Iterable[str], contract: ModelContract, asked: Collection[str] = ()) -> list[str]:
    """Return which of a user's labels are own signs, in the order in which they were taught first.

    A label of the model is none, and neither is one of a vocabulary of the package, since examples for a model of
    another alphabet are no signs for this one, unless it is `asked` for.
    """
    own = (
        label
        for label in dict.fromkeys(labels)
        if label != REST and label not in contract.labels and (label in asked or label not in _known_labels())
    )
    return list(own)


@cache
def _known_labels() -> frozenset[str]:
    return frozenset(label for name in package_vocabularies() for label in load_vocabulary(name).names)


def reference_of(
    embeddings: Embeddings, classes: Sequence[int], known: int, total: int, model: OpenSetReference | None
) -> OpenSetReference:
    """Return the reference of a user's examples.

    Beside own signs, letters without an example are known by the model's prototypes: a letter that nobody has shown
    must not be taken for the sign that is nearest.

    Args:
        embeddings: of the examples, float32[n, m].
        classes: of the examples: the model's `known` labels come first, own signs up to `total`, or REST.
        known: labels of the model among them; 0: none.
        total: all labels.
        model: the model's prototypes; None: it has none.
    """
    spacing = None if model is None else model.class_spacing
    marks = np.array(classes, np.int64)
    if model is None or not 0 < known < total:
        return OpenSetReference.of(embeddings, marks.tolist(), total, spacing)
    unshown = ~np.isin(model.labels, marks) & (model.labels >= 0)
    every = np.concatenate([embeddings, model.embeddings[unshown]])
    return OpenSetReference.of(every, [*marks.tolist(), *model.labels[unshown].tolist()], total, spacing)


def is_movement(windows: Sequence[NDArray[np.float32]], period_ms: float) -> bool:
    """Return whether most of these examples float32[n_i, 8], as the model sees them, are movements."""
    moved = [still_ms(window, period_ms) < _HELD_SHARE * period_ms * len(window) for window in windows]
    return sum(moved) * 2 > len(moved)


@dataclass(frozen=True, slots=True)
class WantedSigns:
    """Own signs that a profile is asked to recognise, though another vocabulary has them; `alone`: and nothing else.

    `signs_from`: those of another wearer too; None: of the one that the profile before had, empty: of nobody.
    """

    labels: tuple[str, ...] = ()
    alone: bool = False
    signs_from: str | None = None


EVERY_SIGN: Final = WantedSigns()


@dataclass(frozen=True, slots=True)
class Recognised:
    """The labels of a profile: first the `known` ones of the model, then own signs."""

    names: tuple[str, ...]
    known: int


@dataclass(frozen=True, slots=True)
class SharedSigns:
    """Own signs of another wearer: what each is, and the embeddings float32[n, m] and labels of their examples.

    An embedding is of readings as that wearer's front end shows them, so it holds for any hand and glove that has a
    front end of its own.
    """

    wearer: str
    signs: tuple[Label, ...]
    embeddings: Embeddings
    labels: tuple[str, ...]

    @classmethod
    def of(cls, wearer: str, own: OwnSigns, embeddings: Embeddings, labels: Sequence[str]) -> Self:
        """Take the own signs from a profile's examples float32[n, m] with these labels."""
        return cls(wearer, own.labels, embeddings, tuple(labels)).only(own.names)

    def beside(self, names: Collection[str]) -> Self:
        """Return those whose name is not taken."""
        return self.only([each.label for each in self.signs if each.label not in names])

    def only(self, names: Collection[str]) -> Self:
        """Return those with these names."""
        rows = [index for index, label in enumerate(self.labels) if label in names]
        return replace(
            self,
            signs=tuple(each for each in self.signs if each.label in names),
            embeddings=self.embeddings[rows],
            labels=tuple(self.labels[index] for index in rows),
        )


def labels_of(shown: Sequence[str], contract: ModelContract, wanted: WantedSigns, taught: Sequence[str]) -> Recognised:
    """Return the labels that a profile of examples `shown` recognises; `taught` are the own signs of the one before.

    Raises:
        ProblemError: 422 `too_few_signs`, `too_many_labels` or `unknown_label`.
    """
    if absent := [label for label in wanted.labels if label not in shown]:
        detail = f"signs: there is no example of {absent[0]}; show it first"
        raise ProblemError(422, "unknown_label", detail, "signs")
    own = own_labels(shown, contract, {*wanted.labels, *taught})
    if wanted.alone and len(own) < FEWEST_LABELS:
        detail = f"alone: there are examples of {len(own)} own signs; {FEWEST_LABELS} are needed"
        raise ProblemError(422, "too_few_signs", detail, "alone")
    letters = () if wanted.alone else contract.labels
    check_number((*letters, *own), "signs")
    if not set(shown) & {*letters, *own, REST}:
        detail = f"the model {contract.name} has no label {shown[0]}; its labels are {', '.join(contract.labels)}"
        raise ProblemError(422, "unknown_label", detail, "model")
    return Recognised((*letters, *own), len(letters))


def check_number(labels: Sequence[str], field: str) -> None:
    """Raise if a profile would have too many labels, those of its model and own signs.

    Raises:
        ProblemError: 422 `too_many_labels`.
    """
    if len(labels) > MOST_LABELS:
        detail = f"{field}: {len(labels)} labels, of the model and own signs, exceed the limit of {MOST_LABELS}"
        raise ProblemError(422, "too_many_labels", detail, field)


def signs_of(
    labels: Recognised, classes: Sequence[int], seen: Sequence[NDArray[np.float32]], period_ms: float
) -> OwnSigns:
    """Return the own signs that a wearer has shown, each moving if its examples are.

    Args:
        labels: of the wearer.
        classes: index among them of each example, negative for rest.
        seen: the examples float32[n_i, 8] as the model sees them, `period_ms` from frame to frame.
    """
    signs = []
    for index in range(labels.known, len(labels.names)):
        shown = [window for window, label in zip(seen, classes, strict=True) if label == index]
        signs.append(Label(label=labels.names[index], moving=is_movement(shown, period_ms)))
    return OwnSigns(labels=tuple(signs), alone=labels.known == 0)
