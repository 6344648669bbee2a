"""How each letter reads on a glove: `GET /v1/letters`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from service.auth.require import Require
from service.auth.tokens import Role
from service.http.examples import answered
from service.problems import documented


class LetterShape(BaseModel):
    label: str
    frame: list[float] = Field(description="mean by channel, of one wearer and one way of holding it")


class LetterShapes(BaseModel):
    channels: list[str]
    letters: list[LetterShape]
    source: str


def letters_router() -> APIRouter:
    router = APIRouter(tags=["models"])
    table = load_templates()
    shapes = [LetterShape(label=letter, frame=list(table.letters[letter].mean)) for letter in LETTERS]
    answer = LetterShapes(channels=list(CHANNELS), letters=shapes, source=table.source)

    @router.get(
        "/v1/letters",
        dependencies=[Depends(Require(Role.VIEWER))],
        responses=answered(answer) | documented(401, 403),
    )
    async def read_letters() -> LetterShapes:
        """A typical reading of each letter: enough to draw the hand, or to be a glove for a demonstration. Not what any
        model goes by."""
        return answer

    return router
