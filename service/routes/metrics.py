"""Prometheus metrics: `GET /metrics`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from service.auth.require import Require
from service.auth.tokens import Role
from service.problems import documented
from service.telemetry.metrics import Metrics


def metrics_router(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/metrics",
        response_class=Response,
        dependencies=[Depends(Require(Role.VIEWER))],
        responses={200: {"content": {"text/plain": {}}}, **documented(401, 403)},
    )
    def prometheus() -> Response:
        """Metrics in the Prometheus text format, of all workers."""
        return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)

    return router
