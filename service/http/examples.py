"""Examples for the OpenAPI document, taken from what is served: they cannot be untrue."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_jsonable_python


def answered(example: Any) -> dict[int | str, dict[str, Any]]:
    """The `responses` entry of a route that answers with something like this."""
    return {200: {"content": {"application/json": {"example": to_jsonable_python(example)}}}}
