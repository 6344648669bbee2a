"""Glove as inference uses it: its profile, and the front end that follows for one model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from models.adaptation.front_end import FrontEnd
from models.adaptation.glove_profile import GloveProfile, front_end_of, without_missing
from scaleglove.channels import CHANNELS, FLEX
from service.inference.engine import Model, Window
from service.problems import ProblemError


@dataclass(frozen=True, slots=True, eq=False)
class KnownGlove:
    """Version `version` of a glove's profiles, and its front end for one model."""

    name: str
    version: int
    profile: GloveProfile
    front_end: FrontEnd

    @classmethod
    def of(cls, name: str, version: int, profile: GloveProfile, model: Model) -> Self:
        """Make it for a model.

        Raises:
            ProblemError: 409 `no_readings`.
        """
        if model.readings is None:
            raise no_readings(model)
        return cls(name, version, profile, front_end_of(profile, model.readings))

    def see(self, frames: Window) -> Window:
        """Return frames float32[n, 8] of the glove as the model's glove would read them."""
        return self.front_end.apply(without_missing(self.profile, frames))

    @property
    def known_part(self) -> FrontEnd:
        """The front end without the flex sensors that are missing in the profile."""
        return self.front_end.without(np.array([name in self.profile.missing for name in CHANNELS[FLEX]]))

    def for_model(self, model: Model) -> KnownGlove:
        """Return the same glove for another model.

        Raises:
            ProblemError: 409 `no_readings`.
        """
        return KnownGlove.of(self.name, self.version, self.profile, model)


LoadGlove = Callable[[str, Model], Awaitable[KnownGlove]]
"""Loads the active profile of a glove, by name, for a model; accesses the database. Raises a ProblemError: 404
`unknown_glove`, 409 `no_glove_profile` or `no_readings`, 503 or 507 if the database fails."""


def unknown_glove(name: str) -> ProblemError:
    """Return the problem 404 `unknown_glove`."""
    return ProblemError(404, "unknown_glove", f"no glove is called {name[:64]!r}", "glove")


def no_readings(model: Model) -> ProblemError:
    """Return the problem 409 `no_readings`."""
    detail = f"{model.contract.name} does not carry what its training's glove read, which other gloves need; remake it"
    return ProblemError(409, "no_readings", detail, "glove")
