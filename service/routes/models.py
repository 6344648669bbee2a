"""Served models: `/v1/models`."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from models.runtime.contract import ModelContract, ScaleNorms
from scaleglove.vocabulary import Language
from service.auth import require
from service.http.openapi import example_response
from service.inference.registry import ModelRegistry
from service.inference.reload import ReloadError
from service.problems import ProblemError, documented
from service.state import ServiceState
from service.wearers.trained_people import people_of


class ModelSummary(BaseModel):
    name: str
    version: str
    parameters: int
    sample_rate_hz: float
    window_frames: int
    min_frames: int
    vocabulary: str = Field(description="name of its vocabulary; GET /v1/models/{name} has the labels")
    language: Language = Field(description="what its labels spell")
    labels: int = Field(description="number of its labels")
    people: list[str] = Field(
        description="people of its training whom it knows: `trained_as` of a wearer's calibration names one"
    )
    weights: str = Field(description="storage format of the large weights")
    file_bytes: int | None = Field(description="size of the artefact")
    window_ms: float | None = Field(
        description="median time for a single full window, measured by this worker when it loaded its models; "
        "compare only values of one response"
    )


class ModelList(BaseModel):
    models: list[ModelSummary]
    default: str = Field(description="the model of requests that name none")


def models_router(state: ServiceState) -> APIRouter:
    registry = state.registry
    router = APIRouter(
        prefix="/v1/models",
        tags=["models"],
        dependencies=[require.viewer],
        responses=documented(401, 403),
    )

    contract = registry.get().contract

    @router.get("", responses=example_response(_summarise(registry)))
    async def list_models() -> ModelList:
        """List the served models."""
        return _summarise(registry)

    @router.get("/{name}", responses=example_response(contract) | documented(404))
    async def read_model(name: str) -> ModelContract:
        """Return the contract, provenance and evaluation report of a model."""
        return registry.get(name, field="name").contract

    @router.get("/{name}/importance", responses=example_response(contract.weight_importance) | documented(404))
    async def read_importance(name: str) -> ScaleNorms:
        """Return the Frobenius norms of the input weights of a model: `[layer][gate][scale]`."""
        return registry.get(name, field="name").contract.weight_importance

    return router


def reload_router(state: ServiceState) -> APIRouter:
    registry = state.registry
    router = APIRouter(prefix="/v1/models", tags=["operations"])

    @router.post(
        "/reload",
        dependencies=[require.admin],
        responses=example_response(_summarise(registry)) | documented(401, 403, 409),
    )
    async def reload_models() -> ModelList:
        """Reload the models' folder in every worker. Streams keep the model they started with; if a file is not a
        usable artefact, the previous models stay in service."""
        try:
            await state.directory.reload()
        except ReloadError as fault:
            raise ProblemError(409, "models_refused", str(fault)) from None
        return _summarise(registry)

    return router


def _summarise(registry: ModelRegistry) -> ModelList:
    return ModelList(models=[_summary(registry, name) for name in registry.names], default=registry.default)


def _summary(registry: ModelRegistry, name: str) -> ModelSummary:
    model, cost = registry.get(name), registry.cost(name)
    contract = model.contract
    return ModelSummary(
        name=contract.name,
        version=contract.version,
        parameters=contract.parameters,
        sample_rate_hz=contract.sample_rate_hz,
        window_frames=contract.window_frames,
        min_frames=contract.min_frames,
        vocabulary=contract.vocabulary.name,
        language=contract.vocabulary.language,
        labels=len(contract.labels),
        people=list(people_of(model)),
        weights=contract.weights,
        file_bytes=None if cost is None else cost.file_bytes,
        window_ms=None if cost is None else round(cost.window_ms, 3),
    )
