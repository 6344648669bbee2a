"""Another model for a stream: `POST /v1/streams/{stream}/model`."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scaleglove.protocol import ModelChanged
from service.auth.require import Require
from service.auth.tokens import Role
from service.directory.local import Directory
from service.http.bodies.request import as_problem
from service.http.openapi import example_response
from service.http.receive import receive_body
from service.problems import documented
from service.routes.commands import StreamName

_MAX_BODY_BYTES: Final = 4096


class Switch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str = Field(max_length=256, description="as GET /v1/models tells it")


_ASKED: Final = Switch(model="MSCSGRU_ScaleHard")
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Switch.model_json_schema(), "example": _ASKED.model_dump()}},
    }
}


def switch_router(directory: Directory) -> APIRouter:
    router = APIRouter(tags=["streams"])

    @router.post(
        "/v1/streams/{stream}/model",
        dependencies=[Depends(Require(Role.SENDER))],
        responses=example_response(ModelChanged(_ASKED.model, "0.2.0"))
        | documented(401, 403, 404, 408, 409, 413, 422, 429, 503),
        openapi_extra=_BODY,
    )
    async def switch_model(stream: StreamName, http: Request) -> ModelChanged:
        """Let another model answer a stream, at whichever worker it is, from its next window on; line, frames and
        windows go on. Its client and its viewers are told. A wearer's profile goes with it where she has one for that
        model. One that has another window or other labels is refused (409 `other_window`)."""
        asked = _read(await receive_body(http, _MAX_BODY_BYTES, None))
        return await directory.switch(stream, asked.model)

    return router


def _read(body: bytes) -> Switch:
    try:
        return Switch.model_validate_json(body)
    except ValidationError as error:
        raise as_problem(error) from None
