"""The batch front door: `POST /v1/predict`."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import orjson
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from starlette.responses import Response

from models.contract import CHANNELS, MAX_MAGNITUDE, ModelContract
from models.timeline import resample_evenly
from service.engine import Engine
from service.guard import Sender
from service.predictor import Answer, interpret_all
from service.problems import ProblemError, documented
from service.registry import ModelRegistry
from service.settings import Settings
from service.wire import RateHz, describe

_MAX_FIELD: Final = 100
"""Field names are the sender's own, of any length."""

# `fail_fast`: a million wrong numbers make one error, not a million.
_Reading = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)]
_Frame = Annotated[list[_Reading], Field(min_length=len(CHANNELS), max_length=len(CHANNELS), fail_fast=True)]


_WINDOWS: Final = (
    "windows of any lengths; one with fewer frames than the model's min_frames is answered `warming`, one longer than "
    "its window_frames is answered for its newest frames"
)


class PredictRequest(BaseModel):
    """Windows to answer: each a list of frames, each frame the eight channels in raw units."""

    model_config = ConfigDict(extra="forbid")

    windows: list[list[_Frame]] = Field(description=_WINDOWS)
    model: str | None = Field(None, description="name of the model; the default one when left out")
    wearer: str | None = Field(None, description="name of the wearer whose calibration is to be used")
    sample_rate_hz: RateHz | None = Field(
        None, description="rate of the frames; windows are resampled when the model's differs. Left out: the model's"
    )
    top_k: int = Field(3, strict=True, ge=1, le=24, description="how many candidates to list for each window")


@dataclass(frozen=True, slots=True)
class ModelName:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PredictResponse:
    """One prediction for each window, in the order of the request."""

    model: ModelName
    predictions: list[Answer]


def predict_router(registry: ModelRegistry, engine: Engine, settings: Settings) -> APIRouter:
    router = APIRouter(tags=["predict"])
    schema = request_schema(settings)
    content = {"application/json": {"schema": schema.model_json_schema()}}

    @router.post(
        "/v1/predict",
        response_model=PredictResponse,
        responses=documented(401, 403, 404, 413, 422, 429),
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )
    async def predict(http: Request, guest: Sender) -> Response:
        """The letter for each window, with its candidates and how much it hangs on each time scale."""
        request = parse(await read_body(http, settings.max_body_bytes), schema)
        artefact = registry.get(request.model)
        if request.wearer is not None:
            raise ProblemError(404, "unknown_wearer", f"no wearer is called {request.wearer[:64]!r}", "wearer")
        guest.allowance.spend(len(request.windows), time.monotonic())
        contract = artefact.contract
        windows = [await to_window(window, request.sample_rate_hz, contract) for window in request.windows]
        ready = [window for window in windows if len(window) >= contract.min_frames]
        outputs = await engine.run(artefact, ready) if ready else None
        answers = interpret_all(contract, windows, outputs, request.top_k)
        name = ModelName(contract.name, contract.version)
        return Response(orjson.dumps(PredictResponse(name, answers)), media_type="application/json")

    return router


def request_schema(settings: Settings) -> type[PredictRequest]:
    """PredictRequest with the limits of `settings`: what is beyond them is refused while it is being read."""
    window = Annotated[list[_Frame], Field(min_length=1, max_length=settings.max_window_frames, fail_fast=True)]
    windows = Annotated[list[window], Field(min_length=1, max_length=settings.max_windows, fail_fast=True)]
    return create_model(
        "PredictRequest",
        __base__=PredictRequest,
        __doc__=PredictRequest.__doc__,
        windows=(windows, Field(description=_WINDOWS)),
    )


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body; never more than `limit` bytes of it are held, whatever its header says.

    Raises:
        ProblemError: 413 `body_too_large`.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise _body_too_large(limit, hang_up=False)  # hung up on, it would often miss the answer
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise _body_too_large(limit, hang_up=True)  # what says no length may have no end
    return bytes(body)


def parse(body: bytes, schema: type[PredictRequest]) -> PredictRequest:
    """The request in a body.

    Raises:
        ProblemError: 422 naming the field that is wrong, or 413 naming what there is too much of.
    """
    try:
        return schema.model_validate_json(body)
    except ValidationError as error:
        raise _problem(error) from None


async def to_window(
    frames: list[list[float]], sample_rate_hz: float | None, contract: ModelContract
) -> NDArray[np.float32]:
    """A window float32[n, 8] at the model's rate; when resampled, only what the model looks at."""
    window = np.array(frames, np.float32)
    if sample_rate_hz is None or sample_rate_hz == contract.sample_rate_hz:
        return window
    await asyncio.sleep(0)  # resampling a full window takes longer than running it
    return resample_evenly(window, sample_rate_hz, contract.sample_rate_hz, contract.window_frames)


def _problem(error: ValidationError) -> ProblemError:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place, detail = fault["loc"], describe(error)
    field = ".".join(map(str, place))[:_MAX_FIELD] or None
    if fault["type"] == "too_long" and place == ("windows",):
        return ProblemError(413, "too_many_windows", detail, field)
    if fault["type"] == "too_long" and len(place) == 2:
        return ProblemError(413, "window_too_long", detail, field)
    return ProblemError(422, "invalid_request", detail, field)


def _body_too_large(limit: int, hang_up: bool) -> ProblemError:
    detail = f"the body is larger than {limit} bytes: send fewer or shorter windows"
    return ProblemError(413, "body_too_large", detail, "windows", hang_up=hang_up)
