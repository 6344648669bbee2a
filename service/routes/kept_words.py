"""What words have shown of a wearer's hand, kept on request: `/v1/wearers/{wearer}/words`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from service.auth import require
from service.http.openapi import documented_body
from service.http.receive import SMALL_BODY_BYTES, receive_json
from service.problems import ProblemError, documented
from service.routes.wearers import Deleted
from service.state import ServiceState
from service.wearers.kept_words import KeptWords, WordKeeper
from service.wearers.records import MAX_STREAM, WearerName

_WRITING: Final = (401, 403, 404, 409, 422, 503, 507)

_EXAMPLE: Final = {"stream": "5c396fb48b8e"}

_Wearer = Annotated[WearerName, Path(description="name of a wearer")]


class SignedWords(BaseModel):
    """The stream whose words have shown what shapes were."""

    model_config = ConfigDict(extra="forbid")

    stream: Annotated[str, Field(max_length=MAX_STREAM)] = Field(description="name of a stream, as in `started`")


def kept_words_router(state: ServiceState) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/wearers", tags=["wearers"])
    keeper, directory = WordKeeper(state.database), state.directory

    @router.post(
        "/{wearer}/words",
        dependencies=[require.sender],
        responses=documented(*_WRITING, 408, 413),
        openapi_extra=documented_body(SignedWords, _EXAMPLE),
    )
    async def keep_words(wearer: _Wearer, http: Request) -> KeptWords:
        """Keep what words have shown of the hand in a running stream as examples of the wearer, whom the hand is of.
        The next profile has them: POST to calibrate, with the same stream."""
        new = await receive_json(http, SignedWords, SMALL_BODY_BYTES)
        found = await directory.word_shapes(new.stream)
        if not found.shapes:
            detail = "no word has shown a letter in this stream so far: sign some words, with self-calibration on"
            raise ProblemError(409, "no_word_examples", detail, "stream")
        return await asyncio.to_thread(keeper.keep, wearer, new.stream, found)

    @router.delete("/{wearer}/words", dependencies=[require.sender], responses=documented(*_WRITING))
    async def forget_words(wearer: _Wearer) -> Deleted:
        """Delete all examples of words of a wearer; profiles made of them do not change."""
        return Deleted(deleted=await asyncio.to_thread(state.wearers.delete_words, wearer))

    return router
