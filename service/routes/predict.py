"""Batch predictions: `POST /v1/predict`, with windows as JSON, raw float32 or `.npy`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import numpy as np
import orjson
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from numpy.typing import NDArray
from starlette.responses import Response, StreamingResponse

from models.adaptation.training_readings import in_counts
from models.runtime.contract import ModelContract
from scaleglove.resampling import resample_evenly
from service.auth.principals import Principal
from service.auth.require import Require, Sender
from service.http.bodies.binary_body import parse_query, read_binary
from service.http.bodies.json_body import JsonBody
from service.http.bodies.request import Limits, ParsedRequest
from service.http.cooperative_runner import Slices
from service.http.receive import charged_if_refused, receive_body
from service.inference.engine import (
    BATCH_WINDOWS,
    Engine,
    Model,
    Window,
)
from service.inference.predictor import Answer, Knowledge, to_answers
from service.problems import ProblemError
from service.routes.predict_docs import NDJSON, PREDICT_RESPONSES, predict_extra
from service.state import ServiceState
from service.telemetry.metrics import Metrics

_JSON: Final = frozenset({"", "application/json"})  # a body without a type is JSON
_BINARY: Final = frozenset({"application/octet-stream", "application/x-npy"})

_PART_WINDOWS: Final = 4 * BATCH_WINDOWS
"""Windows of one part of a streamed response: encoding their answers takes less than a millisecond."""


_Endpoint = Callable[[Request, Principal], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """Route of `async def endpoint(request: Request, principal: Sender) -> Response`, called without FastAPI's solving
    of arguments, which saves about 60 microseconds; documented, authorised and refused as any other.

    Raises:
        TypeError: the endpoint has other arguments.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        dependant = self.dependant
        others = [*dependant.path_params, *dependant.query_params, *dependant.header_params, *dependant.body_params]
        requirements = [dependency.call for dependency in dependant.dependencies]
        required = requirements[0] if len(requirements) == 1 else None
        if others or not isinstance(required, Require) or dependant.request_param_name is None:
            raise TypeError(f"{self.path}: a direct route takes the request and its principal, nothing else")
        endpoint = cast(_Endpoint, self.endpoint)

        async def handle(request: Request) -> Response:
            return await endpoint(request, await required(request))

        return handle


@dataclass(frozen=True, slots=True)
class ModelName:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PredictResponse:
    """One prediction per window, in the order of the request."""

    model: ModelName
    predictions: list[Answer]


def predict_router(state: ServiceState) -> APIRouter:
    router = APIRouter(tags=["predict"], route_class=DirectRoute)
    registry, engine, runner = state.registry, state.engine, state.runner
    limits = Limits.of(state.settings)
    json_body = JsonBody(limits)

    @router.post(
        "/v1/predict",
        response_model=PredictResponse,
        responses=PREDICT_RESPONSES,
        openapi_extra=predict_extra(json_body.schema),
    )
    async def predict(http: Request, principal: Sender) -> Response:
        """Predict the letter of each window, with its candidates and the importance of each time scale."""
        body = await receive_body(http, limits.body_bytes)
        with charged_if_refused(principal, body):
            request = await runner.finish(_parse(http, body, json_body, limits))
        model = registry.get(request.model)
        profile = None if request.wearer is None else await state.load_profile(request.wearer, model)
        glove = None if request.glove is None else await state.load_glove(request.glove, model)
        principal.quota.spend(len(request.windows), time.monotonic())
        windows = await runner.finish(at_models_rate(request.windows, request.sample_rate_hz, model.contract))
        if profile is not None:
            windows = await runner.finish(seen_by(profile.front_end.apply, windows))
        elif glove is not None:
            windows = await runner.finish(seen_by(glove.see, windows))
        elif model.readings is not None and not model.readings.is_in_counts:
            windows = await runner.finish(seen_by(partial(in_counts, training=model.readings), windows))
        knowledge = Knowledge(profile, is_ranged=glove is not None)
        answers = _counted(_answer(engine, model, windows, request.top_k, knowledge), model, state.metrics)
        name = ModelName(model.contract.name, model.contract.version)
        if NDJSON in http.headers.get("accept", ""):
            first = await anext(answers)  # before the status is sent: a model that fails is not a 200
            return StreamingResponse(_lines(name, first, answers), media_type=NDJSON)
        predictions = [answer async for part in answers for answer in part]
        return Response(orjson.dumps(PredictResponse(name, predictions)), media_type="application/json")

    return router


def at_models_rate(
    windows: Sequence[Window], sample_rate_hz: float | None, contract: ModelContract
) -> Slices[Sequence[Window]]:
    """Resample windows float32[n_i, 8] to the model's rate, of each window only the frames that the model uses."""
    if sample_rate_hz is None or sample_rate_hz == contract.sample_rate_hz:
        return windows
    resampled: list[NDArray[np.float32]] = []
    for window in windows:
        yield  # resampling a full window takes longer than running it
        resampled.append(resample_evenly(window, sample_rate_hz, contract.sample_rate_hz, contract.window_frames))
    return resampled


def seen_by(see: Callable[[Window], Window], windows: Sequence[Window]) -> Slices[Sequence[Window]]:
    """Return windows of a glove as the model's glove would read them: as `see` returns each."""
    seen = []
    for window in windows:
        yield
        seen.append(see(window))
    return seen


def _parse(http: Request, body: bytes, json_body: JsonBody, limits: Limits) -> Slices[ParsedRequest]:
    coding = http.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity"}:
        detail = f"Content-Encoding: {coding[:64]!r} is not supported; send the body as it is, or use /v2"
        raise ProblemError(415, "unsupported_media_type", detail)
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _JSON:
        return json_body.read(body)
    if kind in _BINARY:
        return read_binary(body, parse_query(http.url.query), limits)
    supported = ", ".join(sorted((_JSON | _BINARY) - {""}))
    detail = f"Content-Type: {kind[:64]!r} is not supported; use one of {supported}"
    raise ProblemError(415, "unsupported_media_type", detail)


async def _answer(
    engine: Engine, model: Model, windows: Sequence[Window], top_k: int, knowledge: Knowledge
) -> AsyncIterator[list[Answer]]:
    """Yield the answers for windows in their order, part by part."""
    for begin in range(0, len(windows), _PART_WINDOWS):
        part = windows[begin : begin + _PART_WINDOWS]
        ready = [window for window in part if len(window) >= model.contract.min_frames]
        outputs = await engine.run(model, ready) if ready else None
        yield to_answers(model, part, outputs, top_k, knowledge)


async def _counted(answers: AsyncIterator[list[Answer]], model: Model, metrics: Metrics) -> AsyncIterator[list[Answer]]:
    """Yield the answers unchanged, and count each by its state."""
    async for part in answers:
        for state, times in Counter(answer.state for answer in part).items():
            metrics.predictions.labels(model.contract.name, "rest", state).inc(times)
        yield part


async def _lines(name: ModelName, first: list[Answer], rest: AsyncIterator[list[Answer]]) -> AsyncIterator[bytes]:
    """Yield the model's name as a line, then each answer as a line."""
    yield orjson.dumps({"model": name}) + b"\n" + _as_lines(first)
    async for part in rest:
        yield _as_lines(part)


def _as_lines(answers: list[Answer]) -> bytes:
    return b"".join(orjson.dumps(answer) + b"\n" for answer in answers)
