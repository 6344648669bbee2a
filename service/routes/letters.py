"""Typical readings of each letter: `GET /v1/letters`."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from service.auth import require
from service.http.openapi import example_response
from service.problems import documented


class LetterShape(BaseModel):
    label: str
    frame: list[float] = Field(description="mean of each channel, of one wearer and one style")


class LetterShapes(BaseModel):
    channels: list[str]
    letters: list[LetterShape]
    source: str


def letters_router() -> APIRouter:
    router = APIRouter(tags=["models"])
    table = load_templates()
    shapes = [LetterShape(label=letter, frame=list(table.letters[letter].mean)) for letter in LETTERS]
    answer = LetterShapes(channels=list(CHANNELS), letters=shapes, source=table.source)

    @router.get("/v1/letters", dependencies=[require.viewer], responses=example_response(answer) | documented(401, 403))
    async def read_letters() -> LetterShapes:
        """Return a typical reading of each letter, sufficient to draw the hand or to emulate a glove. Models do not use
        it."""
        return answer

    return router
