"""OpenAPI entries of `POST /v1/predict`. A test posts the examples."""

from __future__ import annotations

import base64
import io
from typing import Any, Final

import numpy as np
from pydantic import BaseModel

from service.http.bodies.binary_body import Query
from service.problems import documented

NDJSON: Final = "application/x-ndjson"

_MODEL: Final = {"name": "MSCSGRU_ScaleAware_Encoded", "version": "0.2.0"}
_PREDICTION: Final = {
    "label": "ㄱ",
    "index": 0,
    "confidence": 0.9985325,
    "top_k": [{"label": "ㄱ", "confidence": 0.9985325}, {"label": "ㄴ", "confidence": 0.0008634}],
    "scale_importance": {"3": 0.1017071, "5": 0.2185151, "7": 0.6797778},
    "state": "ok",
}
_WINDOW: Final = [[788.0, 780.0, 861.0, 862.0, 885.0, -17.9, -64.5, -62.0]] * 10


def predict_extra(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the `openapi_extra` of the route: bodies of three types, and the query parameters of two of them."""
    return {
        "parameters": [_parameter(name, field) for name, field in Query.model_json_schema()["properties"].items()],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": schema.model_json_schema(),
                    "examples": {"one_window": {"value": {"windows": [_WINDOW], "top_k": 2}}},
                },
                "application/octet-stream": _binary(
                    "little-endian float32, eight per frame, frames and windows consecutive", _raw()
                ),
                "application/x-npy": _binary("NumPy file with floats or integers, [N, T, 8] or [T, 8]", _npy()),
            },
        },
    }


def _predict_responses() -> dict[int | str, dict[str, Any]]:
    # Not a content of its own: generated clients would return either an object or a string.
    description = (
        f"One prediction per window. With Accept: {NDJSON} the body has lines instead: the model's name and version, "
        "then one line per window, each as in `predictions`."
    )
    content = {"application/json": {"example": {"model": _MODEL, "predictions": [_PREDICTION]}}}
    return {
        200: {"description": description, "content": content},
        **documented(401, 403, 404, 408, 409, 413, 415, 422, 429, 503, 507),
    }


PREDICT_RESPONSES: Final = _predict_responses()


def _binary(description: str, body: bytes) -> dict[str, Any]:
    example = {"summary": "the same window, here in base64", "value": base64.b64encode(body).decode()}
    return {
        "schema": {"type": "string", "format": "binary", "description": description},
        "examples": {"one_window": example},
    }


def _raw() -> bytes:
    return np.array(_WINDOW, "<f4").tobytes()


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([_WINDOW], "<f4"))
    return file.getvalue()


def _parameter(name: str, field: dict[str, Any]) -> dict[str, Any]:
    schema = {key: value for key, value in field.items() if key not in {"description", "title", "default"}}
    description = f"with a binary body: {field['description']}"
    # A list is one comma-separated value.
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }
