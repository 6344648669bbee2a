"""What is posted about wearers: read within limits, and shown in the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

import numpy as np
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.runtime.contract import ModelContract
from scaleglove.protocol import DecoderOptions, RateHz, describe
from scaleglove.resampling import resample_evenly
from service.http.bodies.request import Frame, invalid
from service.http.receive import receive_body
from service.inference.engine import Window
from service.problems import ProblemError
from service.wearers.names import Label, WearerName

SMALL_BYTES: Final = 4096
"""More than a body of names takes."""

_MAX_FIELD: Final = 100
"""Field names are the sender's own, of any length."""

_Body = TypeVar("_Body", bound=BaseModel)


class NewWearer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    wearer: WearerName = Field(description="letters of any script, digits and _-. ; not a dot first")


class NewExample(BaseModel):
    """A window of the wearer's hand: `frames` in raw units, or the newest window of a running `stream`."""

    model_config = ConfigDict(extra="forbid")

    label: Label = Field(description="one of the 24 letters, or rest: a hand that signs none")
    frames: Annotated[list[Frame], Field(min_length=1, fail_fast=True)] | None = None
    sample_rate_hz: RateHz | None = Field(None, description="of `frames`; left out: the model's")
    stream: Annotated[str, Field(max_length=64)] | None = Field(None, description="as `started` tells it")


class Calibration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="name of the model; the default one when left out")
    decoder: DecoderOptions | None = Field(
        None, description="how this wearer's letters begin and end; left out: as in her profile before this one"
    )


WEARER_EXAMPLE: Final = {"wearer": "ada"}
EXAMPLE_EXAMPLE: Final = {"label": "ㄱ", "frames": [[788, 780, 861, 862, 885, -17.9, -64.5, -62]] * 10}
CALIBRATION_EXAMPLE: Final = {"model": "MSCSGRU_ScaleAware_Encoded"}


def documented_body(kind: type[BaseModel], example: Any, required: bool = True) -> dict[str, Any]:
    """The `openapi_extra` of a route whose body is read by `read_body`."""
    content = {"application/json": {"schema": kind.model_json_schema(), "example": example}}
    return {"requestBody": {"required": required, "content": content}}


async def read_body(http: Request, kind: type[_Body], limit: int, field: str | None = None) -> _Body:
    """The body of a request, of at most `limit` bytes; an empty one is an object without fields.

    Raises:
        ProblemError: 413, or 422 naming the field that is wrong.
    """
    body = await receive_body(http, limit, field)
    try:
        return kind.model_validate_json(body or b"{}")
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise invalid(describe(error), ".".join(map(str, fault["loc"]))[:_MAX_FIELD] or None) from None


def check_source(asked: NewExample, longest: int) -> None:
    """Refuse an example that brings no window, or two, or one of more than `longest` frames.

    Raises:
        ProblemError: 422 or 413.
    """
    if (asked.frames is None) == (asked.stream is None):
        raise invalid("frames: give either frames or a stream", "frames")
    if asked.stream is not None and asked.sample_rate_hz is not None:
        raise invalid("sample_rate_hz: it goes with frames; a stream knows its own", "sample_rate_hz")
    if asked.frames is not None and len(asked.frames) > longest:
        detail = f"frames: there are {len(asked.frames)}; a window holds at most {longest}"
        raise ProblemError(413, "window_too_long", detail, "frames")


def posted_window(asked: NewExample, contract: ModelContract) -> Window:
    """The window of an example that was posted, at the model's rate; of a longer one its newest frames.

    Raises:
        ProblemError: 422: it is shorter than the model needs.
    """
    window = np.array(asked.frames, np.float32)
    if asked.sample_rate_hz not in {None, contract.sample_rate_hz}:
        assert asked.sample_rate_hz is not None
        window = resample_evenly(window, asked.sample_rate_hz, contract.sample_rate_hz, contract.window_frames)
    if len(window) < contract.min_frames:
        rate = f"{contract.sample_rate_hz:g} Hz"
        detail = f"frames: at {rate} they are {len(window)}; a window needs {contract.min_frames} or more"
        raise invalid(detail, "frames")
    return window[-contract.window_frames :]
