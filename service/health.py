"""Liveness and readiness, for whoever starts and stops the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service.problems import documented
from service.registry import ModelRegistry


class Live(BaseModel):
    status: Literal["live"] = "live"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"
    model: str


def health_router(registry: ModelRegistry) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["operations"])

    @router.get("/live")
    async def live() -> Live:
        """The process answers."""
        return Live()

    @router.get("/ready", responses=documented(404))
    async def ready() -> Ready:
        """The default model is loaded, and it answered when it was tried out at load."""
        return Ready(model=registry.get().contract.name)

    return router
