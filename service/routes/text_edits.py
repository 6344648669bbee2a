"""Edits of the line that a stream writes: `POST /v1/streams/{stream}/text`."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from scaleglove.protocol import EditAction, Text
from service.auth.require import Require
from service.auth.tokens import Role
from service.http.openapi import documented_body, example_response
from service.http.receive import SMALL_BODY_BYTES, receive_json
from service.problems import documented
from service.routes.commands import StreamName
from service.state import ServiceState


class LineEdit(BaseModel):
    """`space` ends the word and writes a space, `delete` takes one letter back, `commit` ends the word without a space,
    `clear` empties the line, `as_signed` writes the last word as it was signed, where its language changed it."""

    model_config = ConfigDict(extra="forbid")

    action: EditAction = Field(
        validation_alias=AliasChoices("action", "edit"),
        description="as in the message `edit`; the field's old name `edit` is deprecated, and 0.4 removes it",
    )


_EXAMPLE: Final = Text(t_ms=8240.0, committed="안녕하세요 ", composing="", letters="ㅇㅏㄴㄴㅕㅇㅎㅏㅅㅓㅣㅇㅛ")


def text_router(state: ServiceState) -> APIRouter:
    """Return the route that edits text."""
    router = APIRouter(tags=["streams"])

    @router.post(
        "/v1/streams/{stream}/text",
        dependencies=[Depends(Require(Role.SENDER))],
        responses=example_response(_EXAMPLE) | documented(401, 403, 404, 408, 413, 422, 429, 503, 504),
        openapi_extra=documented_body(LineEdit, {"action": "space"}),
    )
    async def edit_text(stream: StreamName, http: Request) -> Text:
        """Edit the line that a stream writes, at whichever worker it is; the response is the line after the edit. Its
        client and its viewers receive `text` too."""
        edit = await receive_json(http, LineEdit, SMALL_BODY_BYTES)
        return await state.directory.edit(stream, edit.action)

    return router
