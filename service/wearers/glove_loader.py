"""Choice of a stream's glove, and loading of a glove's active profile with its front end for a model."""

from __future__ import annotations

import asyncio
from typing import Final

from service.inference.engine import Model
from service.inference.glove import UNKNOWN_GLOVE, GloveChoice, GloveHint, KnownGlove
from service.problems import ProblemError
from service.wearers.gloves import GloveStore
from service.wearers.records import as_composed

_UNUSABLE: Final = frozenset({"no_glove_profile", "no_readings"})
"""Codes for a glove whose profile is missing, or is of no use to a model."""


class GloveLoader:
    """Loader of gloves; `load` is a `service.inference.glove.LoadGlove`, `choose` a `ChooseGlove`."""

    def __init__(self, gloves: GloveStore) -> None:
        self._gloves = gloves

    async def load(self, name: str, model: Model) -> KnownGlove:
        """Load the active profile of a glove for a model, in a thread.

        Raises:
            ProblemError: 404 `unknown_glove`, 409 `no_glove_profile` or `no_readings`, 503 or 507.
        """
        return await asyncio.to_thread(self._load, as_composed(name), model)

    async def choose(self, hint: GloveHint, model: Model) -> GloveChoice:
        """Choose the glove that is named, else the one of the board's serial number, and load its profile.

        Raises:
            ProblemError: as `load`, for a glove that is named.
        """
        if hint.name is not None:
            known = await self.load(hint.name, model)
            return GloveChoice(known.name, "name", known)
        if hint.usb is None or hint.serial_number is None:
            return UNKNOWN_GLOVE
        return await asyncio.to_thread(self._choose_by_usb, hint.usb, model)

    def _choose_by_usb(self, usb: str, model: Model) -> GloveChoice:
        # Nobody asked for this glove: a stream goes on without it, whatever is wrong. The database logs its own faults.
        try:
            name = self._gloves.name_of_usb(usb)
        except ProblemError:
            return UNKNOWN_GLOVE
        if name is None:
            return UNKNOWN_GLOVE
        try:
            return GloveChoice(name, "usb", self._load(name, model))
        except ProblemError as problem:
            return GloveChoice(name, "usb") if problem.code in _UNUSABLE else UNKNOWN_GLOVE

    def _load(self, name: str, model: Model) -> KnownGlove:
        found = self._gloves.active(name)
        if found is None:
            detail = f"{name} has no profile yet; scaleglove glove check --name {name} makes one in half a minute"
            raise ProblemError(409, "no_glove_profile", detail, "glove")
        version, profile = found
        return KnownGlove.of(name, version, profile, model)
