"""Own signs: labels that a user has taught, beside those of a model or in their place. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.adaptation.open_set import Reference
from models.adaptation.user_reference import Examples, UserReference
from models.runtime.contract import ModelContract
from scaleglove.vocabulary import (
    FEWEST_LABELS,
    MOST_LABELS,
    REST,
    Label,
    LabelName,
    Vocabulary,
    load_vocabulary,
    package_vocabularies,
)
from service.problems import ProblemError
from service.wearers.records import WearerName


class OwnSigns(BaseModel):
    """The own signs of a profile; `alone`: the profile recognises no label of the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[Label, ...] = Field(default=(), max_length=MOST_LABELS)
    alone: bool = False
    signs_from: WearerName | None = None
    """The other wearer of whom some of them may be."""
    shared: tuple[LabelName, ...] = Field(default=(), max_length=MOST_LABELS)
    """Those that the other wearer has shown."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.label for each in self.labels)

    @property
    def shown(self) -> tuple[str, ...]:
        """Those that the wearer has shown."""
        return tuple(name for name in self.names if name not in self.shared)

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


def reference_of(examples: Examples, known: int, total: int, model: Reference | None) -> UserReference:
    """Return the reference of a user's examples.

    Beside own signs, letters without an example are known by the model's prototypes: a letter that nobody has shown
    must not be taken for the sign that is nearest.

    Args:
        examples: of the model's `known` labels, which come first, and of own signs up to `total`.
        known: labels of the model among them; 0: none.
        total: all labels.
        model: the model's own reference; None: it has none.
    """
    spacing = None if model is None else model.class_spacing
    if model is None or not 0 < known < total:
        return UserReference.of(examples, total, spacing)
    unshown = ~np.isin(model.labels, np.array(examples.labels, np.int64)) & (model.labels >= 0)
    every = np.concatenate([examples.embeddings, model.embeddings[unshown]])
    labels = [*examples.labels, *model.labels[unshown].tolist()]
    return UserReference.of(Examples(every, labels, own=len(examples.labels)), total, spacing)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Own signs that a profile is asked to recognise, though another vocabulary has them; `alone`: and nothing else.

    `signs_from`: those of another wearer too, or of nobody if empty; `trained_as`: the person of the model's training
    who the wearer is, or nobody if empty. None is as in the profile before.
    """

    labels: tuple[str, ...] = ()
    alone: bool | None = None
    signs_from: str | None = None
    trained_as: str | None = None


AS_BEFORE: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Recognised:
    """The labels of a profile: first the `known` ones of the model, then own signs, the last ones `shared` by another
    wearer."""

    names: tuple[str, ...]
    known: int
    shared: int = 0

    @property
    def is_alone(self) -> bool:
        """Whether no label of the model is among them."""
        return self.known == 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Those of which the wearer has examples, or the model prototypes."""
        return self.names[: len(self.names) - self.shared]


def labels_of(
    shown: Sequence[str],
    contract: ModelContract,
    wanted: Wanted,
    before: OwnSigns = NO_OWN_SIGNS,
    shared: Sequence[str] = (),
) -> Recognised:
    """Return the labels that a profile of examples `shown` recognises.

    Args:
        shown: labels of the examples, of the wearer and of the training.
        contract: of the model.
        wanted: what is asked for.
        before: the own signs of the profile before.
        shared: those of another wearer; one that is shown too is the wearer's own.

    Raises:
        ProblemError: 422 `too_few_signs`, `too_many_labels` or `unknown_label`.
    """
    if absent := [label for label in wanted.labels if label not in shown]:
        detail = f"signs: there is no example of {absent[0]}; show it first"
        raise ProblemError(422, "unknown_label", detail, "signs")
    own = own_labels(shown, contract, {*wanted.labels, *before.shown})
    others = [label for label in shared if label not in own and label not in contract.labels]
    alone = before.alone if wanted.alone is None else wanted.alone
    if alone and len(own) + len(others) < FEWEST_LABELS:
        count = len(own) + len(others)
        detail = (
            f"alone: there are {count} own signs, and {FEWEST_LABELS} are needed; show another, or send alone: false"
        )
        raise ProblemError(422, "too_few_signs", detail, "alone")
    letters = () if alone else contract.labels
    names = (*letters, *own, *others)
    if len(names) > MOST_LABELS:
        detail = f"{len(names)} labels, of the model and own signs, exceed the limit of {MOST_LABELS}"
        raise ProblemError(422, "too_many_labels", detail, "signs_from" if others else "signs")
    if not set(shown) & {*letters, *own, REST}:
        detail = f"the model {contract.name} has no label {shown[0]}; its labels are {', '.join(contract.labels)}"
        raise ProblemError(422, "unknown_label", detail, "model")
    return Recognised(names, len(letters), len(others))
