"""The batch front door: `POST /v1/predict`, with windows as JSON, as raw float32 or as `.npy`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import orjson
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from starlette.responses import Response, StreamingResponse

from models.adaptation.open_set import OpenSetReference
from models.runtime.contract import ModelContract
from scaleglove.resampling import resample_evenly
from service.auth.require import Sender
from service.http.bodies.binary_body import parse_query, read_binary
from service.http.bodies.json_body import JsonBody
from service.http.bodies.request import Asked, Limits
from service.http.cooperative_runner import CooperativeRunner
from service.http.receive import receive_body
from service.http.slices import Slices
from service.inference.engine import (
    BATCH_WINDOWS,
    Engine,
    Model,
    Window,
)
from service.inference.predictor import Answer, to_answers
from service.inference.profile import LoadProfile
from service.inference.registry import ModelRegistry
from service.problems import ProblemError
from service.routes.direct_route import DirectRoute
from service.routes.predict_docs import NDJSON, PREDICT_ANSWERS, predict_extra
from service.settings import Settings
from service.telemetry.metrics import Metrics

_JSON: Final = frozenset({"", "application/json"})  # a body without a type was always JSON here
_BINARY: Final = frozenset({"application/octet-stream", "application/x-npy"})

_PIECE_WINDOWS: Final = 4 * BATCH_WINDOWS
"""Windows answered before the first are told: their answers take less than a millisecond to put together."""


@dataclass(frozen=True, slots=True)
class ModelName:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PredictResponse:
    """One prediction for each window, in the order of the request."""

    model: ModelName
    predictions: list[Answer]


def predict_router(  # noqa: PLR0913, PLR0917 - one of each thing that the app has one of
    registry: ModelRegistry,
    engine: Engine,
    settings: Settings,
    metrics: Metrics,
    turns: CooperativeRunner,
    load_profile: LoadProfile,
) -> APIRouter:
    router = APIRouter(tags=["predict"], route_class=DirectRoute)
    limits = Limits.of(settings)
    json_body = JsonBody(limits)

    @router.post(
        "/v1/predict",
        response_model=PredictResponse,
        responses=PREDICT_ANSWERS,
        openapi_extra=predict_extra(json_body.schema),
    )
    async def predict(http: Request, guest: Sender) -> Response:
        """The letter for each window, with its candidates and how much it hangs on each time scale."""
        asked = await turns.finish(_read(http, await receive_body(http, limits.body_bytes), json_body, limits))
        model = registry.get(asked.model)
        own = None if asked.wearer is None else (await load_profile(asked.wearer, model)).reference
        guest.allowance.spend(len(asked.windows), time.monotonic())
        windows = await turns.finish(at_models_rate(asked.windows, asked.sample_rate_hz, model.contract))
        answers = _counted(_answer(engine, model, windows, asked.top_k, own), model, metrics)
        name = ModelName(model.contract.name, model.contract.version)
        if NDJSON in http.headers.get("accept", ""):
            first = await anext(answers)  # before the status is said: a model that fails is not a 200
            return StreamingResponse(_lines(name, first, answers), media_type=NDJSON)
        predictions = [answer async for piece in answers for answer in piece]
        return Response(orjson.dumps(PredictResponse(name, predictions)), media_type="application/json")

    return router


def at_models_rate(
    windows: Sequence[Window], sample_rate_hz: float | None, contract: ModelContract
) -> Slices[Sequence[Window]]:
    """Windows float32[n_i, 8] at the model's rate; where they are resampled, only what the model looks at."""
    if sample_rate_hz is None or sample_rate_hz == contract.sample_rate_hz:
        return windows
    resampled: list[NDArray[np.float32]] = []
    for window in windows:
        yield  # resampling a full window takes longer than running it
        resampled.append(resample_evenly(window, sample_rate_hz, contract.sample_rate_hz, contract.window_frames))
    return resampled


def _read(http: Request, body: bytes, json_body: JsonBody, limits: Limits) -> Slices[Asked]:
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _JSON:
        return json_body.read(body)
    if kind in _BINARY:
        return read_binary(body, parse_query(http.url.query), limits)
    detail = f"a body of the type {kind[:64]!r} is not read; there are: {', '.join(sorted((_JSON | _BINARY) - {''}))}"
    raise ProblemError(415, "unsupported_media_type", detail)


async def _answer(
    engine: Engine, model: Model, windows: Sequence[Window], top_k: int, own: OpenSetReference | None
) -> AsyncIterator[list[Answer]]:
    """The answers for windows in their order, piece by piece. `own`: the wearer's reference; None: the model's."""
    for begin in range(0, len(windows), _PIECE_WINDOWS):
        piece = windows[begin : begin + _PIECE_WINDOWS]
        ready = [window for window in piece if len(window) >= model.contract.min_frames]
        outputs = await engine.run(model, ready) if ready else None
        yield to_answers(model, piece, outputs, top_k, own)


async def _counted(answers: AsyncIterator[list[Answer]], model: Model, metrics: Metrics) -> AsyncIterator[list[Answer]]:
    """The same answers; each counts by its state."""
    async for piece in answers:
        for state, times in Counter(answer.state for answer in piece).items():
            metrics.predictions.labels(model.contract.name, "rest", state).inc(times)
        yield piece


async def _lines(name: ModelName, first: list[Answer], rest: AsyncIterator[list[Answer]]) -> AsyncIterator[bytes]:
    """The model's name on a line, then each answer on its own."""
    yield orjson.dumps({"model": name}) + b"\n" + _as_lines(first)
    async for piece in rest:
        yield _as_lines(piece)


def _as_lines(answers: list[Answer]) -> bytes:
    return b"".join(orjson.dumps(answer) + b"\n" for answer in answers)
