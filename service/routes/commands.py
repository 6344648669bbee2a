"""What may be asked of a glove from here: `POST /v1/streams/{stream}/commands`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scaleglove.protocol import CommandName
from service.auth.require import Require
from service.auth.tokens import Role
from service.directory.local import Directory
from service.http.bodies.request import as_problem, invalid
from service.http.openapi import example_response
from service.http.receive import receive_body
from service.problems import documented

_MAX_BODY_BYTES: Final = 4096

StreamName = Annotated[str, Path(max_length=64, description="as `started` or GET /v1/streams tell it")]


class GloveCommand(BaseModel):
    """`interval` sets the time between frames, `recal` finds the gyro's bias anew (hold the hand still), `yawzero`
    counts yaw from where the hand is now."""

    model_config = ConfigDict(extra="forbid")

    command: CommandName
    interval_ms: float | None = Field(
        None, strict=True, ge=1, le=1000, description="milliseconds; with `interval`, and with it alone"
    )


_EXAMPLE: Final = GloveCommand(command="interval", interval_ms=20)
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": GloveCommand.model_json_schema(), "example": _EXAMPLE.model_dump()}},
    }
}


def commands_router(directory: Directory) -> APIRouter:
    router = APIRouter(tags=["streams"])

    @router.post(
        "/v1/streams/{stream}/commands",
        dependencies=[Depends(Require(Role.SENDER))],
        responses=example_response(_EXAMPLE) | documented(401, 403, 404, 408, 409, 413, 422, 429, 503, 504),
        openapi_extra=_BODY,
    )
    async def command_glove(stream: StreamName, http: Request) -> GloveCommand:
        """Tell the glove of a stream, at whichever worker it is; answered when its client has written the command to
        the glove's port. What the glove makes of it, it remarks on the stream."""
        asked = _read(await receive_body(http, _MAX_BODY_BYTES, None))
        await directory.command(stream, asked.command, asked.interval_ms)
        return asked

    return router


def _read(body: bytes) -> GloveCommand:
    try:
        asked = GloveCommand.model_validate_json(body)
    except ValidationError as error:
        raise as_problem(error) from None
    if (asked.command == "interval") != (asked.interval_ms is not None):
        raise invalid("interval_ms: it goes with interval, and with it alone", "interval_ms")
    return asked
