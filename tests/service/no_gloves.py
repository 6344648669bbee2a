"""A service without gloves, for streams that name none."""

from __future__ import annotations

from service.inference.engine import Model
from service.inference.glove import KnownGlove, unknown_glove


async def load_no_glove(glove: str, model: Model) -> KnownGlove:
    raise unknown_glove(glove)
