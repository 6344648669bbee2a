"""What is served: `/v1/models`."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from models.contract import ModelContract, ScaleNorms
from service.problems import documented
from service.registry import ModelRegistry


class ModelList(BaseModel):
    models: list[str]
    default: str


class WeightImportance(BaseModel):
    """Frobenius norms of the input weights by layer, gate and scale."""

    model: str
    importance: ScaleNorms


def models_router(registry: ModelRegistry) -> APIRouter:
    router = APIRouter(prefix="/v1/models", tags=["models"])

    @router.get("")
    async def list_models() -> ModelList:
        """The models that answer."""
        return ModelList(models=registry.names, default=registry.default)

    @router.get("/{name}", responses=documented(404))
    async def read_model(name: str) -> ModelContract:
        """A model's contract, provenance and evaluation report."""
        return registry.get(name).contract

    @router.get("/{name}/importance", responses=documented(404))
    async def read_importance(name: str) -> WeightImportance:
        """How large a model's weights are, by layer, gate and scale."""
        return WeightImportance(model=name, importance=registry.get(name).contract.weight_importance)

    return router
