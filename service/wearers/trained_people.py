"""People of a model's training: what a wearer who is one of them showed there counts as examples. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from models.adaptation.user_reference import Examples
from service.inference.engine import Model
from service.problems import ProblemError
from service.wearers.records import as_composed


@dataclass(frozen=True, slots=True)
class TrainedPerson:
    """A person of the training, and what they showed: the mean embedding of each letter and way."""

    person: str
    examples: Examples


def people_of(model: Model) -> tuple[str, ...]:
    """Return the people whom a model knows from its training; none where there were many."""
    return () if model.reference is None else model.reference.people


def trained_person(model: Model, asked: str | None, before: str | None) -> tuple[TrainedPerson | None, str | None]:
    """Return the person of a model's training that a wearer is, or none; and who it was in the profile before, where
    this model does not know that person any more.

    Args:
        model: that the profile is for.
        asked: who the wearer says they are, nobody if empty; None: as in the profile before.
        before: the person of the profile before; None: nobody.

    Raises:
        ProblemError: 422 `unknown_person`: the model does not know the person that is asked for.
    """
    name = before if asked is None else asked
    if not name:
        return None, None
    if (found := _find(model, name)) is not None:
        return found, None
    if asked is None:
        return None, before
    known = ", ".join(people_of(model)) or "nobody of its training"
    detail = f"trained_as: the model {model.contract.name} does not know {name}; it knows {known}"
    raise ProblemError(422, "unknown_person", detail, "trained_as")


def _find(model: Model, name: str) -> TrainedPerson | None:
    if model.reference is None:
        return None
    person = next((each for each in people_of(model) if as_composed(each) == as_composed(name)), None)
    shown = None if person is None else model.reference.shown_by(person)
    return None if person is None or shown is None else TrainedPerson(person, shown)
