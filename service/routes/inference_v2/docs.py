"""OpenAPI entries of inference. A test posts the example."""

from __future__ import annotations

from typing import Any, Final

from service.routes.inference_v2.describe import documented_v2
from service.routes.inference_v2.infer import OUTPUTS

_OBJECT: Final = {"type": "object"}
_TENSOR: Final = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {
        "name": {"type": "string"},
        "datatype": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer"}},
        "data": {"type": "array", "items": {}, "description": "flat or nested, row by row"},
        "parameters": _OBJECT | {"description": "binary_data_size: number of bytes after the JSON that are the data"},
    },
}
_REQUEST: Final = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "id": {"type": "string", "description": "repeated in the response"},
        "inputs": {
            "type": "array",
            "items": _TENSOR,
            "description": "frames FP32 [N, T, 8] in raw units; lengths INT64 [N] if windows are shorter",
        },
        "outputs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "enum": list(OUTPUTS)},
                    "parameters": _OBJECT
                    | {"description": "binary_data: as bytes; classification: only the K largest values"},
                },
            },
            "description": "by default all",
        },
        "parameters": _OBJECT | {"description": "binary_data_output: all outputs as bytes"},
    },
}
_RESPONSE: Final = {
    "type": "object",
    "required": ["model_name", "model_version", "outputs"],
    "properties": {
        "model_name": {"type": "string"},
        "model_version": {"type": "string"},
        "id": {"type": "string"},
        "outputs": {"type": "array", "items": _TENSOR},
    },
}
_BINARY: Final = {
    "schema": {
        "type": "string",
        "format": "binary",
        "description": "JSON of the length in the header Inference-Header-Content-Length, then the tensors' bytes",
    }
}

_FRAME: Final = [788.0, 780.0, 861.0, 862.0, 885.0, -17.9, -64.5, -62.0]
_EXAMPLE: Final = {
    "id": "1",
    "inputs": [{"name": "frames", "datatype": "FP32", "shape": [1, 10, 8], "data": _FRAME * 10}],
    "outputs": [{"name": "scale_importance"}, {"name": "probabilities", "parameters": {"classification": 1}}],
}
_EXAMPLE_ANSWER: Final = {
    "model_name": "MSCSGRU_ScaleAware_Encoded",
    "model_version": "0.2.0",
    "id": "1",
    "outputs": [
        {"name": "scale_importance", "datatype": "FP32", "shape": [1, 3], "data": [0.1017071, 0.2185151, 0.6797778]},
        {"name": "probabilities", "datatype": "BYTES", "shape": [1, 1], "data": ["0.982037:0:ㄱ"]},
    ],
}

INFER_EXTRA: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Inference-Header-Content-Length",
            "in": "header",
            "description": "length of the JSON at the start of the body, by default the whole body",
            "schema": {"type": "integer", "minimum": 0},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _REQUEST, "example": _EXAMPLE},
            "application/octet-stream": _BINARY,
        },
    },
}

INFER_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Outputs of the model",
        "content": {
            "application/json": {"schema": _RESPONSE, "example": _EXAMPLE_ANSWER},
            "application/octet-stream": _BINARY,
        },
    },
    **documented_v2(400, 404, 408, 413, 415, 429, 503),
}
