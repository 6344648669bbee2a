"""Metadata of the server and of each model, as the protocol defines it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from service.telemetry.metrics import Metrics

PLATFORM: Final = "onnxruntime_onnx"
EXTENSIONS: Final = ["binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics"]


class _Response(BaseModel):
    model_config = ConfigDict(protected_namespaces=())


class ServerMetadata(_Response):
    name: str
    version: str
    extensions: list[str]


class ServerLive(_Response):
    live: bool = True


class ServerReady(_Response):
    ready: bool = True


class ModelReady(_Response):
    name: str
    ready: bool = True


class TensorMetadata(_Response):
    name: str
    datatype: str
    shape: list[int] = Field(description="-1: any")


class ModelMetadata(_Response):
    name: str
    versions: list[str]
    platform: str = PLATFORM
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class TensorConfig(_Response):
    name: str
    data_type: str
    dims: list[int]
    optional: bool = False


class ModelConfig(_Response):
    """Configuration as in Triton; with `max_batch_size` 0 the batch is part of `dims`."""

    name: str
    platform: str = PLATFORM
    backend: str = "onnxruntime"
    max_batch_size: int = 0
    input: list[TensorConfig]
    output: list[TensorConfig]


class IndexEntry(_Response):
    name: str
    version: str
    state: str = "READY"
    reason: str = ""


class Duration(_Response):
    count: int
    ns: int


class InferenceStatistics(_Response):
    compute_infer: Duration


class ModelStatistics(_Response):
    name: str
    version: str
    inference_count: int = Field(description="windows run by this worker, including those of streams")
    execution_count: int = Field(description="runs of the model; windows that are due together run as one batch")
    inference_stats: InferenceStatistics


class Statistics(_Response):
    model_stats: list[ModelStatistics]


class ServerError(_Response):
    """Error of a route under /v2."""

    error: str


def documented_v2(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` entry of a route under /v2 that may respond with these statuses."""
    return {status: {"model": ServerError} for status in (401, 403, 500, *statuses)}


def model_metadata(contract: ModelContract) -> ModelMetadata:
    """Return the tensors of a model."""
    return ModelMetadata(
        name=contract.name,
        versions=[contract.version],
        inputs=[
            TensorMetadata(name="frames", datatype="FP32", shape=[-1, -1, len(CHANNELS)]),
            TensorMetadata(name="lengths", datatype="INT64", shape=[-1]),
        ],
        outputs=[
            TensorMetadata(name=name, datatype="FP32", shape=shape) for name, shape in _output_shapes(contract).items()
        ],
    )


def model_config(contract: ModelContract) -> ModelConfig:
    """Return the configuration of a model as Triton would."""
    return ModelConfig(
        name=contract.name,
        input=[
            TensorConfig(name="frames", data_type="TYPE_FP32", dims=[-1, -1, len(CHANNELS)]),
            TensorConfig(name="lengths", data_type="TYPE_INT64", dims=[-1], optional=True),
        ],
        output=[
            TensorConfig(name=name, data_type="TYPE_FP32", dims=shape)
            for name, shape in _output_shapes(contract).items()
        ],
    )


def repository_index(contracts: Sequence[ModelContract]) -> list[IndexEntry]:
    """Return the entries of the repository index."""
    return [IndexEntry(name=contract.name, version=contract.version) for contract in contracts]


def statistics(contracts: Sequence[ModelContract], metrics: Metrics) -> Statistics:
    """Return the statistics of models, from the metrics of this worker."""
    return Statistics(model_stats=[_model_statistics(contract, metrics) for contract in contracts])


def _model_statistics(contract: ModelContract, metrics: Metrics) -> ModelStatistics:
    def total(sample: str) -> float:
        interfaces = ({"model": contract.name, "interface": interface} for interface in ("rest", "stream"))
        return sum(metrics.registry.get_sample_value(sample, labels) or 0.0 for labels in interfaces)

    runs = int(total("scaleglove_model_seconds_count"))
    return ModelStatistics(
        name=contract.name,
        version=contract.version,
        inference_count=int(total("scaleglove_windows_total")),
        execution_count=runs,
        inference_stats=InferenceStatistics(
            compute_infer=Duration(count=runs, ns=int(1e9 * total("scaleglove_model_seconds_sum")))
        ),
    )


def _output_shapes(contract: ModelContract) -> dict[str, list[int]]:
    return {
        "probabilities": [-1, len(contract.labels)],
        "scale_importance": [-1, len(contract.scales)],
        "embedding": [-1, -1],
    }
