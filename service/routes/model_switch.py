"""The model of a stream: `PUT /v1/streams/{stream}/model`."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from scaleglove.protocol import ModelChanged
from service.auth.require import Require
from service.auth.tokens import Role
from service.http.openapi import documented_body, example_response
from service.http.receive import SMALL_BODY_BYTES, receive_json
from service.problems import documented
from service.routes.commands import StreamName
from service.state import ServiceState


class ModelChoice(BaseModel):
    """The model that is to answer a stream."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(max_length=256, description="as in GET /v1/models")


_EXAMPLE: Final = ModelChoice(model="MSCSGRU_ScaleHard")
_ROUTE: Final[dict[str, Any]] = {
    "path": "/v1/streams/{stream}/model",
    "dependencies": [Depends(Require(Role.SENDER))],
    "responses": example_response(ModelChanged(_EXAMPLE.model, "0.2.0"))
    | documented(401, 403, 404, 408, 409, 413, 422, 429, 503, 504),
    "openapi_extra": documented_body(ModelChoice, _EXAMPLE),
}


def switch_router(state: ServiceState) -> APIRouter:
    """Return the route that switches models, also as POST for one release."""
    router = APIRouter(tags=["streams"])

    @router.put(**_ROUTE)
    async def switch_model(stream: StreamName, http: Request) -> ModelChanged:
        """Let another model answer a stream, at whichever worker it is, from its next window on. Line, frames and
        windows go on; its client and its viewers receive `model`. The wearer's profile for that model is used if there
        is one. Where the model has another vocabulary the letter and the word end, and what follows is spelled in its
        language. A model with another window is refused (409 `other_window`)."""
        choice = await receive_json(http, ModelChoice, SMALL_BODY_BYTES)
        return await state.directory.switch(stream, choice.model)

    @router.post(**_ROUTE, deprecated=True)
    async def post_model(stream: StreamName, http: Request) -> ModelChanged:
        """Do the same as PUT, which replaces it; 0.4 removes POST."""
        return await switch_model(stream, http)

    return router
