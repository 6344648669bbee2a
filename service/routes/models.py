"""What is served: `/v1/models`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from models.runtime.contract import ModelContract, ScaleNorms
from service.auth.require import Require
from service.auth.tokens import Role
from service.directory.local import Directory
from service.http.examples import answered
from service.inference.registry import ModelRegistry
from service.inference.reload import ReloadError
from service.problems import ProblemError, documented


class ModelSummary(BaseModel):
    name: str
    version: str
    parameters: int
    sample_rate_hz: float
    window_frames: int
    min_frames: int
    weights: str = Field(description="how the large weights are stored")
    file_bytes: int | None = Field(description="size of the artefact")
    window_ms: float | None = Field(
        description="median time for one full window alone, as this worker measured it when it loaded its models: "
        "compare within one answer"
    )


class ModelList(BaseModel):
    models: list[ModelSummary]
    default: str = Field(description="the model that answers when a request names none")


def models_router(registry: ModelRegistry) -> APIRouter:
    router = APIRouter(
        prefix="/v1/models",
        tags=["models"],
        dependencies=[Depends(Require(Role.VIEWER))],
        responses=documented(401, 403),
    )

    contract = registry.get().contract

    @router.get("", responses=answered(_summarise(registry)))
    async def list_models() -> ModelList:
        """The models that answer."""
        return _summarise(registry)

    @router.get("/{name}", responses=answered(contract) | documented(404))
    async def read_model(name: str) -> ModelContract:
        """A model's contract, provenance and evaluation report."""
        return registry.get(name, field="name").contract

    @router.get("/{name}/importance", responses=answered(contract.weight_importance) | documented(404))
    async def read_importance(name: str) -> ScaleNorms:
        """Frobenius norms of a model's input weights: `[layer][gate][scale]`."""
        return registry.get(name, field="name").contract.weight_importance

    return router


def reload_router(registry: ModelRegistry, directory: Directory) -> APIRouter:
    router = APIRouter(prefix="/v1/models", tags=["operations"])

    @router.post(
        "/reload",
        dependencies=[Depends(Require(Role.ADMIN))],
        responses=answered(_summarise(registry)) | documented(401, 403, 409),
    )
    async def reload_models() -> ModelList:
        """Load the models' folder again, in every worker. Streams keep the model they started with; where a file is no
        usable artefact, all is served as before."""
        try:
            await directory.reload()
        except ReloadError as fault:
            raise ProblemError(409, "models_refused", str(fault)) from None
        return _summarise(registry)

    return router


def _summarise(registry: ModelRegistry) -> ModelList:
    return ModelList(models=[_summary(registry, name) for name in registry.names], default=registry.default)


def _summary(registry: ModelRegistry, name: str) -> ModelSummary:
    contract, cost = registry.get(name).contract, registry.cost(name)
    return ModelSummary(
        name=contract.name,
        version=contract.version,
        parameters=contract.parameters,
        sample_rate_hz=contract.sample_rate_hz,
        window_frames=contract.window_frames,
        min_frames=contract.min_frames,
        weights=contract.weights,
        file_bytes=None if cost is None else cost.file_bytes,
        window_ms=None if cost is None else round(cost.window_ms, 3),
    )
