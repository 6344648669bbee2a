"""A service without gloves, for streams that name none."""

from __future__ import annotations

from service.inference.engine import Model
from service.inference.glove import UNKNOWN_GLOVE, GloveChoice, GloveHint, unknown_glove


async def choose_no_glove(hint: GloveHint, model: Model) -> GloveChoice:
    if hint.name is not None:
        raise unknown_glove(hint.name)
    return UNKNOWN_GLOVE
