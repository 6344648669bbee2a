"""The routes of the Open Inference Protocol under `/v2`."""

# Annotations are not postponed here: FastAPI reads those of functions that are made inside functions.

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from models.runtime.contract import ModelContract
from service.auth.require import Require, Sender
from service.auth.tokens import Role
from service.http.bodies.request import Limits
from service.http.cooperative_runner import CooperativeRunner
from service.http.examples import answered
from service.http.receive import receive_body
from service.inference.engine import Engine, Model
from service.inference.registry import ModelRegistry
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
from service.routes.inference_v2.docs import INFER_ANSWERS, INFER_EXTRA
from service.routes.inference_v2.infer import read_request, write_response
from service.routes.inference_v2.tensors import refuse
from service.settings import Settings
from service.telemetry.metrics import Metrics

_JSON_SIZE = "Inference-Header-Content-Length"

_VIEWER = [Depends(Require(Role.VIEWER))]


def inference_v2_router(  # noqa: PLR0913, PLR0917 - what an inference needs
    registry: ModelRegistry,
    engine: Engine,
    settings: Settings,
    metrics: Metrics,
    turns: CooperativeRunner,
    version: str,
) -> APIRouter:
    router = APIRouter(prefix="/v2", tags=["open inference protocol"])
    limits = Limits.of(settings)

    _add_server(router, registry, metrics, version)
    contract = registry.get().contract

    def find(name: str) -> Model:
        return registry.get(name)

    def find_version(name: str, version: str) -> Model:
        model = registry.get(name)
        if model.contract.version != version:
            detail = f"{name} has no version {version[:64]!r}; there is: {model.contract.version}"
            raise ProblemError(404, "unknown_model", detail, "version")
        return model

    async def answer(http: Request, model: Model, windows_allowed: Callable[[int], None]) -> Response:
        body = await receive_body(http, limits.body_bytes)
        if coding := coding_named(http.headers.get("content-encoding", "")):
            body = await turns.finish(inflate(body, coding, limits.body_bytes))
        asked = await turns.finish(read_request(body, _json_size(http), limits))
        windows_allowed(len(asked.windows))
        content, json_size = write_response(model.contract, await engine.run(model, asked.windows), asked)
        headers = {} if json_size is None else {_JSON_SIZE: str(json_size)}
        coding = coding_accepted(http.headers.get("accept-encoding", ""))
        if coding and len(content) >= WORTH_BYTES:
            content = await turns.finish(deflate(content, coding))
            headers |= {"Content-Encoding": coding, "Vary": "Accept-Encoding"}
        kind = "application/json" if json_size is None else "application/octet-stream"
        return Response(content, headers=headers, media_type=kind)

    def add_model(prefix: str, finder: Callable[..., Model]) -> None:
        """The routes of a model, with and without its version in the address."""
        served = Annotated[Any, Depends(finder)]

        @router.get(
            prefix, dependencies=_VIEWER, responses=answered(describe.model_metadata(contract)) | documented_v2(404)
        )
        async def metadata(model: served) -> describe.ModelMetadata:
            """The model's tensors."""
            return describe.model_metadata(model.contract)

        @router.get(
            f"{prefix}/config",
            dependencies=_VIEWER,
            responses=answered(describe.model_config(contract)) | documented_v2(404),
        )
        async def config(model: served) -> describe.ModelConfig:
            """The same as Triton configures a model."""
            return describe.model_config(model.contract)

        @router.get(
            f"{prefix}/ready",
            dependencies=_VIEWER,
            responses=answered(describe.ModelReady(name=contract.name)) | documented_v2(404),
        )
        async def model_ready(model: served) -> describe.ModelReady:
            """The model is loaded, and it answered when it was tried out at load."""
            return describe.ModelReady(name=model.contract.name)

        @router.get(
            f"{prefix}/stats",
            dependencies=_VIEWER,
            responses=answered(describe.statistics([contract], metrics)) | documented_v2(404),
        )
        async def statistics(model: served) -> describe.Statistics:
            """What the model has answered."""
            return describe.statistics([model.contract], metrics)

        @router.post(f"{prefix}/infer", responses=INFER_ANSWERS, openapi_extra=INFER_EXTRA, response_class=Response)
        async def infer(http: Request, guest: Sender, model: served) -> Response:
            """The model's own outputs for windows in raw units; a window of any length is answered, and one that is
            longer than the model's `window_frames` for its newest frames."""
            return await answer(http, model, lambda windows: guest.allowance.spend(windows, time.monotonic()))

    add_model("/models/{name}", find)
    add_model("/models/{name}/versions/{version}", find_version)
    return router


def _add_server(router: APIRouter, registry: ModelRegistry, metrics: Metrics, version: str) -> None:
    """The routes that are about no model, or about all."""
    contract = registry.get().contract
    about = describe.ServerMetadata(name="scaleglove", version=version, extensions=describe.EXTENSIONS)

    @router.get("", dependencies=_VIEWER, responses=answered(about) | documented_v2())
    async def server() -> describe.ServerMetadata:
        """The server and the extensions of the protocol that it speaks."""
        return about

    @router.get("/health/live", responses=answered(describe.ServerLive()))
    async def live() -> describe.ServerLive:
        """The process answers."""
        return describe.ServerLive()

    @router.get("/health/ready", responses=answered(describe.ServerReady()) | documented_v2(503))
    async def ready() -> describe.ServerReady:
        """The default model is loaded, and it answered when it was tried out at load."""
        if registry.default not in registry.names:
            raise ProblemError(503, "not_ready", f"the default model {registry.default} is not loaded")
        return describe.ServerReady()

    def contracts() -> list[ModelContract]:
        return [registry.get(name).contract for name in registry.names]

    @router.post(
        "/repository/index",
        dependencies=_VIEWER,
        responses=answered(describe.repository_index(contracts())) | documented_v2(),
    )
    async def index() -> list[describe.IndexEntry]:
        """The models that answer."""
        return describe.repository_index(contracts())

    @router.get(
        "/models/stats",
        dependencies=_VIEWER,
        responses=answered(describe.statistics([contract], metrics)) | documented_v2(),
    )
    async def all_statistics() -> describe.Statistics:
        """What the models have answered."""
        return describe.statistics(contracts(), metrics)


def _json_size(http: Request) -> int | None:
    text = http.headers.get(_JSON_SIZE)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise refuse(f"{_JSON_SIZE}: {text[:64]!r} is not a number of bytes")
    return int(text)
