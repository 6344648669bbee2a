"""Loading of a glove's active profile and of its front end for a model."""

from __future__ import annotations

import asyncio

from service.inference.engine import Model
from service.inference.glove import KnownGlove
from service.problems import ProblemError
from service.wearers.gloves import GloveStore
from service.wearers.records import as_composed


class GloveLoader:
    """Loader of gloves; `load` is a `service.inference.glove.LoadGlove`."""

    def __init__(self, gloves: GloveStore) -> None:
        self._gloves = gloves

    async def load(self, name: str, model: Model) -> KnownGlove:
        """Load the active profile of a glove for a model, in a thread.

        Raises:
            ProblemError: 404 `unknown_glove`, 409 `no_glove_profile` or `no_readings`, 503 or 507.
        """
        return await asyncio.to_thread(self._load, as_composed(name), model)

    def _load(self, name: str, model: Model) -> KnownGlove:
        found = self._gloves.active(name)
        if found is None:
            detail = f"{name} has no profile yet; scaleglove glove check --name {name} makes one in half a minute"
            raise ProblemError(409, "no_glove_profile", detail, "glove")
        version, profile = found
        return KnownGlove.of(name, version, profile, model)
