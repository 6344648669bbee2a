"""Typical readings of each sign: `GET /v1/letters`."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import LetterTemplate, LetterTemplates, load_templates, package_templates
from service.auth import require
from service.http.openapi import example_response
from service.problems import documented

_DEFAULT = "korean"


class LetterShape(BaseModel):
    label: str
    frame: list[float] = Field(description="mean of each channel, of one wearer and one style")
    path: list[list[float]] = Field(default=[], description="the hand shapes of a sign that moves, at equal times")
    seconds: float = Field(default=0.0, description="duration of a sign that moves")

    @classmethod
    def of(cls, label: str, template: LetterTemplate) -> Self:
        """Make the shape of one sign."""
        path = [list(shape) for shape in template.path]
        return cls(label=label, frame=list(template.mean), path=path, seconds=template.seconds)


class LetterShapes(BaseModel):
    channels: list[str]
    letters: list[LetterShape]
    source: str

    @classmethod
    def of(cls, table: LetterTemplates) -> Self:
        """Make the answer for the templates of a vocabulary."""
        shapes = [LetterShape.of(label, template) for label, template in table.letters.items()]
        return cls(channels=list(CHANNELS), letters=shapes, source=table.source)


Name = Annotated[
    str,
    Query(pattern=f"^({'|'.join(package_templates())})$", description=f"one of {', '.join(package_templates())}"),
]


def letters_router() -> APIRouter:
    router = APIRouter(tags=["models"])
    answers = {name: LetterShapes.of(load_templates(name)) for name in package_templates()}
    responses = example_response(answers[_DEFAULT]) | documented(401, 403, 422)

    @router.get("/v1/letters", dependencies=[require.viewer], responses=responses)
    async def read_letters(vocabulary: Name = _DEFAULT) -> LetterShapes:
        """Return a typical reading of each sign of a vocabulary, sufficient to draw the hand or to emulate a glove.

        Models do not use it.
        """
        return answers[vocabulary]

    return router
