"""What a wearer's calibration comes to for one model: whoever answers her windows is given it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models.adaptation.open_set import OpenSetReference
from scaleglove.protocol import DecoderOptions
from service.inference.engine import Model
from service.problems import ProblemError


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Version `version` of the wearer's profiles; good for the model that it was found for, and no other."""

    wearer: str
    version: int
    reference: OpenSetReference
    decoder: DecoderOptions | None
    """What suits this wearer; None: the usual."""


LoadProfile = Callable[[str, Model], Awaitable[Profile]]
"""Finds the profile of a wearer's name for a model, which may take a while. Raises a ProblemError: 404
`unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507 where the database fails."""


def unknown_wearer(name: str) -> ProblemError:
    return ProblemError(404, "unknown_wearer", f"no wearer is called {name[:64]!r}", "wearer")
