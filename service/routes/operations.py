"""Routes for operators: liveness and readiness under `/health`, and Prometheus metrics at `/metrics`."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.auth import require
from service.http.openapi import example_response
from service.problems import ProblemError, documented
from service.state import ServiceState


class Live(BaseModel):
    status: Literal["live"] = "live"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"
    model: str


def health_router(state: ServiceState) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["operations"])
    registry = state.registry

    @router.head("/live", include_in_schema=False)
    @router.get("/live", responses=example_response(Live()))
    async def health_live() -> Live:
        """Report that the process responds."""
        return Live()

    @router.head("/ready", include_in_schema=False)
    @router.get("/ready", responses=example_response(Ready(model=registry.default)) | documented(503))
    async def health_ready() -> Ready:
        """Report that the default model is loaded and has passed its test at load."""
        if registry.default not in registry.names:
            raise ProblemError(503, "not_ready", f"the default model {registry.default} is not loaded")
        return Ready(model=registry.default)

    return router


def metrics_router(state: ServiceState) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/metrics",
        response_class=Response,
        dependencies=[require.viewer],
        responses={200: {"content": {"text/plain": {}}}, **documented(401, 403)},
    )
    async def read_metrics() -> Response:
        """Return the metrics of all workers in the Prometheus text format."""
        await state.directory.flush_metrics()
        return Response(await run_in_threadpool(state.metrics.render), media_type=CONTENT_TYPE_LATEST)

    return router
