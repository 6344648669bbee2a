"""Entries of the OpenAPI document that FastAPI cannot derive: examples of responses, and bodies that a route reads."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python


def example_response(example: Any) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` entry of a route, with an example of its response."""
    return {200: {"content": {"application/json": {"example": to_jsonable_python(example)}}}}


def documented_body(model: type[BaseModel], example: Any, required: bool = True) -> dict[str, Any]:
    """Return the `openapi_extra` of a route whose body is read by `receive_json`."""
    content = {"application/json": {"schema": model.model_json_schema(), "example": to_jsonable_python(example)}}
    return {"requestBody": {"required": required, "content": content}}
