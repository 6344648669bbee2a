"""The line being written, changed from here: `POST /v1/streams/{stream}/text`."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from scaleglove.protocol import EditAction, Text
from service.auth.require import Require
from service.auth.tokens import Role
from service.directory.local import Directory
from service.http.bodies.request import as_problem
from service.http.openapi import example_response
from service.http.receive import receive_body
from service.problems import documented
from service.routes.commands import StreamName

_MAX_BODY_BYTES: Final = 4096


class LineEdit(BaseModel):
    """`space` ends the word and writes a space, `delete` takes one letter back, `commit` ends the word without a space,
    `clear` empties the line."""

    model_config = ConfigDict(extra="forbid")

    edit: EditAction


_EXAMPLE: Final = Text(t_ms=8240.0, committed="안녕하세요 ", composing="", letters="ㅇㅏㄴㄴㅕㅇㅎㅏㅅㅓㅣㅇㅛ")
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": LineEdit.model_json_schema(), "example": {"edit": "space"}}},
    }
}


def text_router(directory: Directory) -> APIRouter:
    router = APIRouter(tags=["streams"])

    @router.post(
        "/v1/streams/{stream}/text",
        dependencies=[Depends(Require(Role.SENDER))],
        responses=example_response(_EXAMPLE) | documented(401, 403, 404, 408, 413, 422, 429, 503, 504),
        openapi_extra=_BODY,
    )
    async def edit_text(stream: StreamName, http: Request) -> Text:
        """Change the line that a stream writes, at whichever worker it is; the answer is the line after it. Its client
        and its viewers are told too."""
        asked = _read(await receive_body(http, _MAX_BODY_BYTES, None))
        return await directory.edit(stream, asked.edit)

    return router


def _read(body: bytes) -> LineEdit:
    try:
        return LineEdit.model_validate_json(body)
    except ValidationError as error:
        raise as_problem(error) from None
