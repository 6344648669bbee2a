"""Vocabularies of the package: `GET /v1/vocabularies`. That of a model is in `GET /v1/models/{name}`."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from scaleglove.vocabulary import Vocabulary, load_vocabulary, package_vocabularies
from service.auth import require
from service.http.openapi import example_response
from service.problems import documented


class Vocabularies(BaseModel):
    vocabularies: list[Vocabulary]


def vocabularies_router() -> APIRouter:
    router = APIRouter(tags=["models"])
    answer = Vocabularies(vocabularies=[load_vocabulary(name) for name in package_vocabularies()])
    responses = example_response(answer) | documented(401, 403)

    @router.get("/v1/vocabularies", dependencies=[require.viewer], responses=responses)
    async def read_vocabularies() -> Vocabularies:
        """Return the labels of the vocabularies that this version knows by name, such as a glove with a network says
        it."""
        return answer

    return router
