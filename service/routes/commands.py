"""Commands to the glove of a stream: `POST /v1/streams/{stream}/commands`."""

from __future__ import annotations

from typing import Annotated, Final, Self

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from scaleglove.protocol import CommandName, ShownLabel
from service.auth.require import Require
from service.auth.tokens import Role
from service.http.bodies.request import invalid
from service.http.openapi import documented_body, example_response
from service.http.receive import SMALL_BODY_BYTES, receive_json
from service.problems import documented
from service.state import ServiceState

StreamName = Annotated[str, Path(max_length=64, description="as in `started` or GET /v1/streams")]


class GloveCommand(BaseModel):
    """`interval` sets the time between frames, `recal` recalibrates the gyro's bias (hold the hand still), `yawzero`
    sets yaw to zero where the hand is now; `show` lets the hand in an emulated glove hold a letter."""

    model_config = ConfigDict(extra="forbid")

    command: CommandName
    interval_ms: float | None = Field(
        None, strict=True, ge=1, le=1000, description="milliseconds; only valid with `interval`, which requires it"
    )

    letter: ShownLabel | None = Field(
        None, description="a letter, or rest; only valid with `show`, where null lets the hand go on as before"
    )

    def checked(self) -> Self:
        """Return this command.

        Raises:
            ProblemError: 422: `interval_ms` without `interval`, or the other way round; `letter` without `show`.
        """
        if self.command == "interval" and self.interval_ms is None:
            raise invalid("interval_ms: the command `interval` requires it", "interval_ms")
        if self.command != "interval" and self.interval_ms is not None:
            raise invalid("interval_ms: it is only valid with the command `interval`", "interval_ms")
        if self.command != "show" and self.letter is not None:
            raise invalid("letter: it is only valid with the command `show`", "letter")
        return self


_EXAMPLE: Final = GloveCommand(command="interval", interval_ms=20, letter=None)


def commands_router(state: ServiceState) -> APIRouter:
    """Return the route that sends commands."""
    router = APIRouter(tags=["streams"])

    @router.post(
        "/v1/streams/{stream}/commands",
        dependencies=[Depends(Require(Role.SENDER))],
        responses=example_response(_EXAMPLE) | documented(401, 403, 404, 408, 409, 413, 422, 429, 503, 504),
        openapi_extra=documented_body(GloveCommand, _EXAMPLE),
    )
    async def command_glove(stream: StreamName, http: Request) -> GloveCommand:
        """Send a command to the glove of a stream, at whichever worker it is. The response comes when its client has
        written the command to the glove's port; the glove's own reply is a remark on the stream."""
        command = (await receive_json(http, GloveCommand, SMALL_BODY_BYTES)).checked()
        await state.directory.command(stream, command.command, command.interval_ms, command.letter)
        return command

    return router
