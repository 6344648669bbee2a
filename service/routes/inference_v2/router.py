"""Routes of the Open Inference Protocol under `/v2`."""

# Without `from __future__ import annotations`: FastAPI evaluates annotations of functions that are defined here inside
# functions.

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from models.runtime.contract import ModelContract
from service.auth import require
from service.auth.principals import Principal
from service.auth.require import Sender
from service.http.bodies.request import Limits
from service.http.openapi import example_response
from service.http.receive import charged_if_refused, receive_body
from service.inference.engine import Model
from service.problems import ProblemError
from service.routes.inference_v2 import describe
from service.routes.inference_v2.compression import (
    WORTH_BYTES,
    coding_accepted,
    coding_named,
    deflate,
    inflate,
)
from service.routes.inference_v2.describe import documented_v2
from service.routes.inference_v2.docs import INFER_EXTRA, INFER_RESPONSES
from service.routes.inference_v2.infer import InferRequest, read_request, write_response
from service.routes.inference_v2.tensors import refuse
from service.state import ServiceState

_JSON_SIZE = "Inference-Header-Content-Length"

_VIEWER = [require.viewer]


def inference_v2_router(state: ServiceState) -> APIRouter:
    router = APIRouter(prefix="/v2", tags=["open inference protocol"])
    registry, engine, runner, metrics = state.registry, state.engine, state.runner, state.metrics
    limits = Limits.of(state.settings)

    _add_server(router, state)
    contract = registry.get().contract

    def find(name: str) -> Model:
        return registry.get(name)

    def find_version(name: str, version: str) -> Model:
        model = registry.get(name)
        if model.contract.version != version:
            detail = f"{name} has no version {version[:64]!r}; its version is {model.contract.version}"
            raise ProblemError(404, "unknown_model", detail, "version")
        return model

    async def read(http: Request, body: bytes) -> InferRequest:
        if coding := coding_named(http.headers.get("content-encoding", "")):
            body = await runner.finish(inflate(body, coding, limits.body_bytes))
        return await runner.finish(read_request(body, _json_size(http), limits))

    async def respond(http: Request, model: Model, principal: Principal) -> Response:
        body = await receive_body(http, limits.body_bytes)
        with charged_if_refused(principal, body):
            request = await read(http, body)
        principal.quota.spend(len(request.windows), time.monotonic())
        outputs = await engine.run(model, request.windows)
        content, json_size = await runner.finish(write_response(model.contract, outputs, request))
        headers = {} if json_size is None else {_JSON_SIZE: str(json_size)}
        coding = coding_accepted(http.headers.get("accept-encoding", ""))
        if coding and len(content) >= WORTH_BYTES:
            content = await runner.finish(deflate(content, coding))
            headers |= {"Content-Encoding": coding, "Vary": "Accept-Encoding"}
        kind = "application/json" if json_size is None else "application/octet-stream"
        return Response(content, headers=headers, media_type=kind)

    def add_model(prefix: str, finder: Callable[..., Model], names: str) -> None:
        """Add the routes of a model, with or without its version in the path; their names begin with `names`."""
        served = Annotated[Any, Depends(finder)]

        @router.get(
            prefix,
            name=f"{names}_metadata",
            dependencies=_VIEWER,
            responses=example_response(describe.model_metadata(contract)) | documented_v2(404),
        )
        async def metadata(model: served) -> describe.ModelMetadata:
            """Return the tensors of the model."""
            return describe.model_metadata(model.contract)

        @router.get(
            f"{prefix}/config",
            name=f"{names}_config",
            dependencies=_VIEWER,
            responses=example_response(describe.model_config(contract)) | documented_v2(404),
        )
        async def config(model: served) -> describe.ModelConfig:
            """Return the configuration of the model as Triton would."""
            return describe.model_config(model.contract)

        @router.get(
            f"{prefix}/ready",
            name=f"{names}_ready",
            dependencies=_VIEWER,
            responses=example_response(describe.ModelReady(name=contract.name)) | documented_v2(404),
        )
        async def model_ready(model: served) -> describe.ModelReady:
            """Report that the model is loaded and has passed its test at load."""
            return describe.ModelReady(name=model.contract.name)

        @router.get(
            f"{prefix}/stats",
            name=f"{names}_statistics",
            dependencies=_VIEWER,
            responses=example_response(describe.statistics([contract], metrics)) | documented_v2(404),
        )
        async def statistics(model: served) -> describe.Statistics:
            """Return the inference statistics of the model."""
            return describe.statistics([model.contract], metrics)

        @router.post(
            f"{prefix}/infer",
            name=f"{names}_infer",
            responses=INFER_RESPONSES,
            openapi_extra=INFER_EXTRA,
            response_class=Response,
        )
        async def infer(http: Request, principal: Sender, model: served) -> Response:
            """Return the model's own outputs for windows of any length in raw units; of a window longer than the
            model's `window_frames` only the newest frames are used."""
            return await respond(http, model, principal)

    add_model("/models/{name}", find, "v2_model")
    add_model("/models/{name}/versions/{version}", find_version, "v2_model_version")
    return router


def _add_server(router: APIRouter, state: ServiceState) -> None:
    """Add the routes of the server and of all models together."""
    registry, metrics = state.registry, state.metrics
    contract = registry.get().contract
    about = describe.ServerMetadata(name="scaleglove", version=state.version, extensions=describe.EXTENSIONS)

    @router.get("", dependencies=_VIEWER, responses=example_response(about) | documented_v2())
    async def v2_server_metadata() -> describe.ServerMetadata:
        """Return the name of the server and the extensions of the protocol that it supports."""
        return about

    @router.get("/health/live", responses=example_response(describe.ServerLive()) | documented_v2())
    async def v2_server_live() -> describe.ServerLive:
        """Report that the process responds."""
        return describe.ServerLive()

    @router.get("/health/ready", responses=example_response(describe.ServerReady()) | documented_v2(503))
    async def v2_server_ready() -> describe.ServerReady:
        """Report that the default model is loaded and has passed its test at load."""
        if registry.default not in registry.names:
            raise ProblemError(503, "not_ready", f"the default model {registry.default} is not loaded")
        return describe.ServerReady()

    def contracts() -> list[ModelContract]:
        return [registry.get(name).contract for name in registry.names]

    @router.post(
        "/repository/index",
        dependencies=_VIEWER,
        responses=example_response(describe.repository_index(contracts())) | documented_v2(),
    )
    async def v2_repository_index() -> list[describe.IndexEntry]:
        """List the served models."""
        return describe.repository_index(contracts())

    @router.get(
        "/models/stats",
        dependencies=_VIEWER,
        responses=example_response(describe.statistics([contract], metrics)) | documented_v2(),
    )
    async def v2_statistics() -> describe.Statistics:
        """Return the inference statistics of all models."""
        return describe.statistics(contracts(), metrics)


def _json_size(http: Request) -> int | None:
    text = http.headers.get(_JSON_SIZE)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise refuse(f"{_JSON_SIZE}: {text[:64]!r} is not a number of bytes")
    return int(text)
