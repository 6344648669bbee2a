"""Profile of a wearer as inference uses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from models.adaptation.few_shot import Probabilities
from models.adaptation.front_end import FrontEnd
from models.adaptation.user_reference import UserReference
from scaleglove.protocol import DecoderOptions
from scaleglove.vocabulary import Vocabulary
from service.inference.engine import Model
from service.problems import ProblemError


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Version `version` of a wearer's profiles, valid for one model only."""

    wearer: str
    version: int
    reference: UserReference
    decoder: DecoderOptions | None
    """Options of the letter decoder for this wearer; None: the defaults."""
    front_end: FrontEnd = field(default_factory=FrontEnd)
    """Of the glove with which the examples were made."""
    vocabulary: Vocabulary | None = None
    """What it recognises; None: what the model does."""
    alone: bool = False
    """It recognises own signs alone: the model's probabilities say nothing."""

    def votes(self, probabilities: Probabilities) -> Probabilities:
        """Return those of the model's probabilities float32[n, labels] that count: all, or where own signs stand alone
        none, float32[n, 0]."""
        return probabilities[:, :0] if self.alone else probabilities


def vocabulary_of(model: Model, profile: Profile | None) -> Vocabulary:
    """Return what is recognised: what the wearer's profile does, by default the model's labels."""
    own = None if profile is None else profile.vocabulary
    return model.contract.vocabulary if own is None else own


LoadProfile = Callable[[str, Model], Awaitable[Profile]]
"""Loads the profile of a wearer, by name, for a model; accesses the database. Raises a ProblemError: 404
`unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507 if the database fails."""


def unknown_wearer(name: str) -> ProblemError:
    """Return the problem 404 `unknown_wearer`."""
    return ProblemError(404, "unknown_wearer", f"no wearer is called {name[:64]!r}", "wearer")
