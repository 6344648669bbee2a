"""Liveness and readiness, for whoever starts and stops the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service.http.examples import answered
from service.inference.registry import ModelRegistry
from service.problems import ProblemError, documented


class Live(BaseModel):
    status: Literal["live"] = "live"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"
    model: str


def health_router(registry: ModelRegistry) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["operations"])

    @router.head("/live", include_in_schema=False)
    @router.get("/live", responses=answered(Live()))
    async def live() -> Live:
        """The process answers."""
        return Live()

    @router.head("/ready", include_in_schema=False)
    @router.get("/ready", responses=answered(Ready(model=registry.default)) | documented(503))
    async def ready() -> Ready:
        """The default model is loaded, and it answered when it was tried out at load."""
        if registry.default not in registry.names:
            raise ProblemError(503, "not_ready", f"the default model {registry.default} is not loaded")
        return Ready(model=registry.default)

    return router
