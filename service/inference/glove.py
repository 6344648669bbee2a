"""Glove as inference uses it: how it is chosen, its profile, and the front end that follows for one model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from models.adaptation.front_end import FrontEnd
from models.adaptation.glove_profile import GloveProfile, front_end_of, without_missing
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.protocol import GloveSource, Start
from scaleglove.usb_identity import canonical, serial_number_of
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


@dataclass(frozen=True, slots=True)
class GloveHint:
    """What a client says of its glove: a name, or the identity of its board on USB."""

    name: str | None = None
    usb: str | None = None

    @classmethod
    def of(cls, start: Start) -> Self:
        """Return what a `start` says."""
        return cls(start.glove, None if start.usb is None else canonical(start.usb))

    @property
    def serial_number(self) -> str | None:
        """The serial number by which the glove is looked up; None: it has none, or the name decides."""
        return None if self.name is not None or self.usb is None else serial_number_of(self.usb)

    @property
    def is_empty(self) -> bool:
        """Nothing by which a glove can be found."""
        return self.name is None and self.serial_number is None


@dataclass(frozen=True, slots=True, eq=False)
class GloveChoice:
    """The glove of a stream, `source` what named it, and what is known of it for the stream's model; None: it has no
    profile that this model can use. Without a name the glove is unknown."""

    name: str | None = None
    source: GloveSource | None = None
    known: KnownGlove | None = None

    @property
    def version(self) -> int | None:
        """Version of the profile that is used."""
        return None if self.known is None else self.known.version

    def is_like(self, other: GloveChoice) -> bool:
        """Return whether both are the same glove with the same profile."""
        mine, its = (None if each.known is None else each.known.profile for each in (self, other))
        return (self.name, self.version, mine) == (other.name, other.version, its)

    def for_model(self, model: Model) -> GloveChoice:
        """Return the same glove for another model.

        Raises:
            ProblemError: 409 `no_readings`, for a glove that was named.
        """
        if self.known is None:
            return self
        if self.source == "usb" and model.readings is None:
            return replace(self, known=None)
        return replace(self, known=self.known.for_model(model))


UNKNOWN_GLOVE: Final = GloveChoice()

ChooseGlove = Callable[[GloveHint, Model], Awaitable[GloveChoice]]
"""Chooses the glove of a stream and loads its active profile. Raises what LoadGlove does for a glove that was named;
one found by its serial number makes no error."""


def unknown_glove(name: str) -> ProblemError:
    """Return the problem 404 `unknown_glove`."""
    return ProblemError(404, "unknown_glove", f"no glove is called {name[:64]!r}", "glove")


def no_readings(model: Model) -> ProblemError:
    """Return the problem 409 `no_readings`."""
    detail = f"{model.contract.name} does not carry what its training's glove read, which other gloves need; remake it"
    return ProblemError(409, "no_readings", detail, "glove")
